"""Identifiers and the clock: the two things every row starts with."""

from datetime import UTC, datetime
from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562): unique, and sorting by it sorts by time of creation."""
    return uuid7()


def now() -> datetime:
    """The current moment in UTC, timezone-aware."""
    return datetime.now(UTC)


def parse_id(value: object) -> UUID | None:
    """The UUID that `value` spells, or None for anything else (dicts, numbers, nonsense)."""
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or len(value) > 36:
        return None
    try:
        return UUID(value)
    except ValueError:
        return None
