"""A database as it looks after years: conversations by the hundred thousand, most of them long resolved.

Eight messages each on average, five conversations a customer, tags, notes, reads and claims; what is open
began lately. The same at every run but for the clock.
"""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel

from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import (
    ClosedAs,
    Conversation,
    ConversationTag,
    Handoff,
    Kind,
    MailLink,
    Message,
    MessageState,
    Outcome,
    Reason,
    Role,
    Staff,
    StaffRead,
    Status,
    Trigger,
    Turn,
    Visitor,
)
from tests import bulk
from tests.crowded_texts import FIRST, LAST, RARE_WORD, Texts

COLLEAGUES = 12
RARE_TAG, COMMON_TAG, OLD_TAG = "vip", "billing", "migrated"
"""On a few, on one in ten, and on all of the oldest tenth."""

_LATELY = 0.2
"""What is not over began in the newest fifth of the time."""
_KINDS = {"waiting": 0.003, "claimed": 0.007, "active": 0.04, "snoozed": 0.003, "junk": 0.02, "once": 0.13}
"""Shares of the conversations; the rest is resolved and was never with people."""
_OVER = ("junk", "once", "past")
_LENGTHS = (4, 6, 6, 8, 8, 8, 8, 10, 10, 14)
_LANGUAGES = ("en",) * 30 + ("de",) * 4 + ("fr", "ja")
_REASONS = (Reason.ASKED_FOR_PERSON, Reason.MISSING_KNOWLEDGE, Reason.FRUSTRATED, Reason.CANNOT_RESOLVE)
_IDENTIFIED = ("staff", "visitor", "conversation", "message", "turn", "handoff", "mail_link")

Rows = Iterator[dict[str, Any]]


async def crowd(database: Database, conversations: int) -> None:
    """Fill an empty database, and let it count what it holds as it would at night."""
    rows = _Rows(conversations)
    tables: dict[type[SQLModel], Rows] = {
        Staff: rows.staff(),
        Visitor: rows.visitors(),
        Conversation: rows.conversations(),
        Outcome: rows.outcomes(),
        Message: rows.messages(),
        Turn: rows.turns(),
        Handoff: rows.handoffs(),
        ConversationTag: rows.tags(),
        StaffRead: rows.reads(),
        MailLink: rows.mail_links(),
    }
    async with bulk.searchable_at_the_end(database):
        await bulk.insert(database, tables)
    await bulk.analyze(database)


class _Rows:
    """The rows of each table."""

    def __init__(self, conversations: int) -> None:
        self._chance = random.Random(7)
        self._now = now()
        self._count = conversations
        self._customers = max(conversations // 5, 1)
        self._kinds = [self._kind(number) for number in range(conversations)]
        self._lengths = [self._chance.choice(_LENGTHS) for _ in range(conversations)]

    def first(self, kind: str) -> int:
        """The number of the oldest conversation of a kind."""
        return self._kinds.index(kind)

    def staff(self) -> Rows:
        for number in range(COLLEAGUES):
            yield {
                "id": staff_id(number),
                "email": f"colleague{number}@example.com",
                "name": f"Colleague {number}",
                "password_hash": "!",
            }

    def visitors(self) -> Rows:
        for number in range(self._customers):
            name, email = customer(number)
            known = number % 3
            yield {
                "id": _id("visitor", number),
                "token_hash": visitor_of(number),
                "name": name if known else None,
                "email": email if known == 2 else None,
                "email_verified_at": self._now if known == 2 and number % 2 else None,
                "external_id": f"user-{number // 2}" if number % 10 == 2 else None,
                "created_at": self._at(number),
            }

    def conversations(self) -> Rows:
        texts = Texts(seed=1)
        for number, kind in enumerate(self._kinds):
            length, over = self._lengths[number], kind in _OVER
            people = kind in ("waiting", "claimed", "snoozed")
            yield {
                "id": conversation_id(number),
                "visitor_id": _id("visitor", number % self._customers),
                "status": Status.RESOLVED if over else Status.ESCALATED if people else Status.ACTIVE,
                "assigned_staff_id": staff_id(number % COLLEAGUES)
                if kind in ("claimed", "snoozed")
                else None,
                "subject": texts.question(self._language(number))[:80],
                "language": "fi" if number % 10_000 == 1 else self._language(number),
                "last_seq": length,
                "customer_seq": length - 1,
                "snoozed_until": self._now + timedelta(hours=number % 72) if kind == "snoozed" else None,
                "junk_at": self._at(number) if kind == "junk" else None,
                "created_at": self._at(number),
                "updated_at": self._at(number) + timedelta(minutes=5),
            }

    def outcomes(self) -> Rows:
        for number, kind in enumerate(self._kinds):
            yield {
                "conversation_id": conversation_id(number),
                "customer_messages": self._lengths[number] // 2,
                "handoff_reason": None if kind in ("active", "past", "junk") else self._reason(number),
                "created_at": self._at(number),
                "updated_at": self._at(number) + timedelta(minutes=5),
            }

    def messages(self) -> Rows:
        texts = Texts(seed=1)
        for number, length in enumerate(self._lengths):
            language, kind = self._language(number), self._kinds[number]
            for seq in range(1, length + 1):
                asks = seq % 2 == 1
                text = texts.question(language) if asks else texts.answer(language)
                by_staff = not asks and seq > 4 and kind in ("claimed", "once", "snoozed")
                yield {
                    "id": message_id(number, seq),
                    "conversation_id": conversation_id(number),
                    "seq": seq,
                    "role": Role.USER if asks else Role.STAFF if by_staff else Role.ASSISTANT,
                    "kind": Kind.NOTE if by_staff and seq == 6 else Kind.TEXT,
                    "content": f"{text} {RARE_WORD}." if asks and number % 20_000 == 4_321 else text,
                    "state": MessageState.COMPLETE,
                    "client_key": f"key-{seq}" if asks else None,
                    "staff_id": staff_id(number % COLLEAGUES) if by_staff else None,
                    "created_at": self._at(number) + timedelta(minutes=seq),
                }

    def turns(self) -> Rows:
        for number, length in enumerate(self._lengths):
            for seq in range(2, length + 1, 2):
                at = self._at(number) + timedelta(minutes=seq)
                yield {
                    "id": _id("turn", number * 100 + seq),
                    "conversation_id": conversation_id(number),
                    "answers_id": message_id(number, seq - 1),
                    "wrote_id": message_id(number, seq),
                    "assistant": "claude",
                    "model": "claude-sonnet-5-5",
                    "runner": "gone",
                    "lease_until": at,
                    "started_at": at,
                    "ended_at": at,
                }

    def handoffs(self) -> Rows:
        for number, kind in enumerate(self._kinds):
            if kind in ("active", "past", "junk"):
                continue
            asked = self._at(number) + timedelta(minutes=3)
            claimed = None if kind == "waiting" else asked + timedelta(minutes=2 + number % 23)
            yield {
                "id": _id("handoff", number),
                "conversation_id": conversation_id(number),
                "reason": self._reason(number),
                "trigger": Trigger.CUSTOMER,
                "brief": "Wants a refund for the last invoice.",
                "requested_at": asked,
                "claimed_by": staff_id(number % COLLEAGUES) if claimed else None,
                "claimed_at": claimed,
                "closed_at": claimed if kind == "once" else None,
                "closed_as": ClosedAs.RESOLVED if kind == "once" else None,
            }

    def tags(self) -> Rows:
        for number in range(self._count):
            carried = {
                RARE_TAG: number % 5_000 == 17,
                COMMON_TAG: number % 10 == 3,
                OLD_TAG: number < self._count / 10,
                f"product {number % 40}": number % 7 == 0,
            }
            for tag in (tag for tag, is_carried in carried.items() if is_carried):
                yield {"conversation_id": conversation_id(number), "tag": tag, "created_at": self._at(number)}

    def reads(self) -> Rows:
        for number, kind in enumerate(self._kinds):
            if kind in ("claimed", "once", "snoozed") or number % 3 == 0:
                yield {
                    "staff_id": staff_id(number % COLLEAGUES),
                    "conversation_id": conversation_id(number),
                    "seq": self._lengths[number] - 2 * (number % 2),
                }

    def _kind(self, number: int) -> str:
        lately = number >= self._count * (1 - _LATELY)
        drawn = self._chance.random()
        for kind, share in _KINDS.items():
            likely = share if kind in _OVER else share / _LATELY if lately else 0
            if drawn < likely:
                return kind
            drawn -= likely
        return "past"

    def mail_links(self) -> Rows:
        for number, kind in enumerate(self._kinds):
            if kind != "once":
                continue
            at = self._at(number) + timedelta(minutes=10)
            yield {
                "id": _id("mail_link", number),
                "conversation_id": conversation_id(number),
                "email": customer(number % self._customers)[1],
                "token_hash": f"{number:064x}",
                "expires_at": at + timedelta(days=7),
                "created_at": at,
            }

    def _language(self, number: int) -> str:
        return _LANGUAGES[number % len(_LANGUAGES)]

    def _reason(self, number: int) -> Reason:
        return Reason.LEGAL_THREAT if number % 2_000 < 5 else _REASONS[number % len(_REASONS)]

    def _at(self, number: int) -> datetime:
        return self._now - timedelta(minutes=10 * (self._count - number) + 60)


def _id(kind: str, number: int) -> UUID:
    """Ids grow with time, as the real ones do."""
    return UUID(int=(number + 1) << 64 | _IDENTIFIED.index(kind))


def staff_id(number: int) -> UUID:
    """One of the colleagues."""
    return _id("staff", number)


def customer(number: int) -> tuple[str, str]:
    """The name and the address of a customer; two in three have given the one, one in three both."""
    first, last = FIRST[number % len(FIRST)], LAST[number // 7 % len(LAST)]
    return f"{first} {last}", f"{first}.{last}{number}@example.com".lower()


def visitor_of(number: int) -> str:
    """The token's hash of the visitor with this number."""
    return f"{number:064x}"


def conversation_id(number: int) -> UUID:
    """The conversation with this number, the newest being the last."""
    return _id("conversation", number)


def message_id(number: int, seq: int) -> UUID:
    """A message of this conversation."""
    return _id("message", number * 100 + seq)


def waiting_one(conversations: int) -> UUID:
    """One that waits for a person, of so many."""
    return conversation_id(_Rows(conversations).first("waiting"))


def active_one(conversations: int) -> UUID:
    """One the assistant owns, of so many."""
    return conversation_id(_Rows(conversations).first("active"))
