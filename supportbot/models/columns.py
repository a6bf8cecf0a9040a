"""What columns are made of: moments in UTC, enums kept as words, indexes of a few rows."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, Enum, Index
from sqlalchemy import text as sql
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, always timezone-aware UTC in Python. SQLite would otherwise return naive datetimes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite keeps no zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a timezone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def code(of: type[StrEnum]) -> Any:
    """A column that keeps the enum's words as text: readable in the database, easy to add to."""
    return Enum(of, native_enum=False, length=32, values_callable=lambda members: [m.value for m in members])


def partial(name: str, columns: str | tuple[str, ...], condition: str, *, unique: bool = False) -> Index:
    """An index of the few rows that fulfil a condition, such as those a list of the desk shows."""
    named = (columns,) if isinstance(columns, str) else columns
    return Index(name, *named, unique=unique, sqlite_where=sql(condition), postgresql_where=sql(condition))
