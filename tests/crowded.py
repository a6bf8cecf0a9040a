"""A database as it looks after years: conversations by the hundred thousand, most of them long resolved."""

import random
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Table, text
from sqlmodel import SQLModel

from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import ClosedAs, Kind, MessageState, Reason, Role, StaffRole, Status, Trigger

AT_ONCE = 5_000
COLLEAGUES = 12
_WAITING, _CLAIMED, _ACTIVE = 0.004, 0.006, 0.15
"""Shares of the conversations; one in seven of the others was with people once."""
_SUBJECTS = ("How do I get a refund?", "My invoice is wrong", "I cannot sign in", "Can I add seats?")


async def crowd(database: Database, conversations: int) -> None:
    """Fill an empty database, and let it count what it holds as it would at night."""
    rows = _Rows(conversations)
    for name in ("staff", "visitor", "conversation", "message", "turn", "handoff", "mail_link"):
        await _insert(database, SQLModel.metadata.tables[name], getattr(rows, name)())
    async with database.engine.connect() as connection:
        # Not in a transaction: PostgreSQL refuses to vacuum inside one.
        outside = await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ("VACUUM ANALYZE",) if database.kind == "postgresql" else ("ANALYZE",):
            await outside.execute(text(statement))


async def _insert(database: Database, table: Table, rows: Iterator[dict[str, Any]]) -> None:
    async with database.transaction() as session:
        connection = await session.connection()
        while batch := list(islice(rows, AT_ONCE)):
            await connection.execute(table.insert(), batch)


class _Rows:
    """The rows of each table, the same at every run."""

    def __init__(self, conversations: int) -> None:
        self._chance = random.Random(7)
        self._now = now()
        self._kinds = [self._kind() for _ in range(conversations)]
        self._lengths = [self._chance.choice((2, 2, 2, 4, 4, 6)) for _ in range(conversations)]

    def first(self, kind: str) -> int:
        """The number of the oldest conversation of a kind."""
        return self._kinds.index(kind)

    def staff(self) -> Iterator[dict[str, Any]]:
        for number in range(COLLEAGUES):
            yield {
                "id": _id("staff", number),
                "email": f"colleague{number}@example.com",
                "name": f"Colleague {number}",
                "role": StaffRole.AGENT,
                "password_hash": "!",
                "created_at": self._now,
            }

    def visitor(self) -> Iterator[dict[str, Any]]:
        for number in range(len(self._kinds)):
            yield {
                "id": _id("visitor", number),
                "token_hash": f"{number:064x}",
                "name": f"Customer {number}" if number % 3 else None,
                "email": None if number % 3 else f"customer{number}@example.com",
                "created_at": self._at(number),
            }

    def conversation(self) -> Iterator[dict[str, Any]]:
        for number, kind in enumerate(self._kinds):
            status = {"active": Status.ACTIVE, "past": Status.RESOLVED, "once": Status.RESOLVED}
            yield {
                "id": _id("conversation", number),
                "visitor_id": _id("visitor", number),
                "status": status.get(kind, Status.ESCALATED),
                "assigned_staff_id": _id("staff", number % COLLEAGUES) if kind == "claimed" else None,
                "subject": _SUBJECTS[number % len(_SUBJECTS)],
                "page": "https://www.example.com/pricing",
                "user_agent": "Mozilla/5.0",
                "referrer": "",
                "last_seq": self._lengths[number],
                "version": 0,
                "created_at": self._at(number),
                "updated_at": self._at(number) + timedelta(minutes=5),
            }

    def message(self) -> Iterator[dict[str, Any]]:
        for number, length in enumerate(self._lengths):
            for seq in range(1, length + 1):
                asks = seq % 2 == 1
                # Whom people have claimed or once had, they have answered.
                by_staff = seq == length and self._kinds[number] in ("claimed", "once")
                yield {
                    "id": _id("message", number * 100 + seq),
                    "conversation_id": _id("conversation", number),
                    "seq": seq,
                    "role": Role.STAFF if by_staff else Role.USER if asks else Role.ASSISTANT,
                    "kind": Kind.TEXT,
                    "content": "How long does it take?" if asks else "It takes five working days. " * 8,
                    "state": MessageState.COMPLETE,
                    "log_epoch": "",
                    "log_seq": 0,
                    "client_key": f"key-{seq}" if asks else None,
                    "notice": "",
                    "sources": [],
                    "created_at": self._at(number) + timedelta(minutes=seq),
                }

    def turn(self) -> Iterator[dict[str, Any]]:
        for number, length in enumerate(self._lengths):
            for seq in range(2, length + 1, 2):
                at = self._at(number) + timedelta(minutes=seq)
                yield {
                    "id": _id("turn", number * 100 + seq),
                    "conversation_id": _id("conversation", number),
                    "answers_id": _id("message", number * 100 + seq - 1),
                    "wrote_id": _id("message", number * 100 + seq),
                    "assistant": "claude",
                    "model": "claude-sonnet-5-5",
                    "input_tokens": 2_000,
                    "output_tokens": 80,
                    "cost": 0,
                    "retrieved": [],
                    "cited": [],
                    "runner": "gone",
                    "lease_until": at,
                    "started_at": at,
                    "ended_at": at,
                }

    def handoff(self) -> Iterator[dict[str, Any]]:
        for number, kind in enumerate(self._kinds):
            if kind in ("active", "past"):
                continue
            at = self._at(number) + timedelta(minutes=3)
            yield {
                "id": _id("handoff", number),
                "conversation_id": _id("conversation", number),
                "reason": Reason.ASKED_FOR_PERSON,
                "trigger": Trigger.CUSTOMER,
                "brief": "Wants a refund for the last invoice.",
                "reopened": False,
                "requested_at": at,
                "claimed_by": None if kind == "waiting" else _id("staff", number % COLLEAGUES),
                "claimed_at": None if kind == "waiting" else at,
                "closed_at": at if kind == "once" else None,
                "closed_as": ClosedAs.RESOLVED if kind == "once" else None,
            }

    def mail_link(self) -> Iterator[dict[str, Any]]:
        for number, kind in enumerate(self._kinds):
            if kind != "once":
                continue
            at = self._at(number) + timedelta(minutes=10)
            yield {
                "id": _id("mail_link", number),
                "conversation_id": _id("conversation", number),
                "seen_seq": 0,
                "email": f"customer{number}@example.com",
                "token_hash": f"{number:064x}",
                "code_hash": "",
                "code_tries": 0,
                "codes_sent": 0,
                "expires_at": at + timedelta(days=7),
                "created_at": at,
            }

    def _kind(self) -> str:
        drawn = self._chance.random()
        for kind, share in (("waiting", _WAITING), ("claimed", _CLAIMED), ("active", _ACTIVE)):
            if drawn < share:
                return kind
            drawn -= share
        return "once" if self._chance.random() < 1 / 7 else "past"

    def _at(self, number: int) -> Any:
        return self._now - timedelta(minutes=10 * (len(self._kinds) - number) + 60)


def _id(kind: str, number: int) -> UUID:
    """Ids grow with time, as the real ones do."""
    kinds: Sequence[str] = ("staff", "visitor", "conversation", "message", "turn", "handoff", "mail_link")
    return UUID(int=(number + 1) << 64 | kinds.index(kind))


def visitor_of(number: int) -> str:
    """The token's hash of the visitor with this number."""
    return f"{number:064x}"


def conversation_id(number: int) -> UUID:
    """The conversation with this number, the newest being the last."""
    return _id("conversation", number)


def message_id(number: int, seq: int) -> UUID:
    """A message of this conversation."""
    return _id("message", number * 100 + seq)


def colleague(number: int) -> UUID:
    """One of those at the desk."""
    return _id("staff", number)


def waiting_one(conversations: int) -> UUID:
    """One that waits for a person, of so many."""
    return conversation_id(_Rows(conversations).first("waiting"))


def active_one(conversations: int) -> UUID:
    """One the assistant owns, of so many."""
    return conversation_id(_Rows(conversations).first("active"))
