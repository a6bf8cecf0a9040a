"""The cast. Alice and Bob write to us, Sam and Alex work at the desk, Charlie is a stranger to both."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import UUID

from supportbot.access import token_hash
from supportbot.conversations.events import MessageView
from supportbot.conversations.live import LiveLog, MemoryLive
from supportbot.conversations.transcript import Browser, customer_says, start
from supportbot.database import Database
from supportbot.escalations.handoff import reopen_for_customer
from supportbot.ids import new_id, now
from supportbot.models import Conversation, Staff, StaffRole, StaffSession
from supportbot.staff.sign_in import PLAIN_COOKIE

REOPEN_WITHIN = timedelta(hours=72)


@dataclass(frozen=True)
class Customer:
    """Somebody with a browser that keeps a token."""

    name: str
    token: str

    @property
    def token_hash(self) -> str:
        return token_hash(self.token)


ALICE = Customer("Alice", "alice".ljust(43, "A"))
BOB = Customer("Bob", "bob".ljust(43, "B"))
CHARLIE = Customer("Charlie", "charlie".ljust(43, "C"))
"""Has a token of his own that looks like everybody's; no conversation but his own is his business."""


async def sam(database: Database) -> Staff:
    """An admin at the desk."""
    return await _employed(database, "Sam", StaffRole.ADMIN)


async def alex(database: Database) -> Staff:
    """An agent at the desk."""
    return await _employed(database, "Alex", StaffRole.AGENT)


async def signed_in(database: Database, staff: Staff, *, hours: float = 12) -> str:
    """Sign somebody in and return the Cookie header of their browser."""
    token = new_id().hex.ljust(43, "s")
    async with database.transaction() as session:
        session.add(
            StaffSession(
                staff_id=staff.id,
                token_hash=sha256(token.encode()).hexdigest(),
                expires_at=now() + timedelta(hours=hours),
            )
        )
    return f"{PLAIN_COOKIE}={token}"


async def conversation_of(
    database: Database, customer: Customer, browser: Browser | None = None
) -> Conversation:
    """A conversation of this customer, without a message yet."""
    return await start(database, customer.token_hash, browser or Browser())


async def says(
    database: Database, conversation_id: UUID, text: str, *, live: LiveLog | None = None, key: str = ""
) -> MessageView:
    """The customer of a conversation says something; nobody is woken to answer it."""
    message, _ = await customer_says(
        database,
        live or MemoryLive(),
        conversation_id,
        text,
        key or str(new_id()),
        reopen=lambda change: reopen_for_customer(change, REOPEN_WITHIN),
    )
    return message


async def _employed(database: Database, name: str, role: StaffRole) -> Staff:
    # No test signs them in by password, and hashing one takes a tenth of a second.
    staff = Staff(email=f"{name.lower()}@example.com", name=name, role=role, password_hash="!")
    async with database.transaction() as session:
        session.add(staff)
    return staff
