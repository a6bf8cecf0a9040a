"""What must be true of a database after a bad day, whatever happened in it."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from sqlmodel import SQLModel, select

from supportbot.database import Database
from supportbot.models import (
    Conversation,
    Handoff,
    Kind,
    Message,
    MessageState,
    ModelCall,
    Outcome,
    Role,
    Status,
    Turn,
)
from tests.soak.crowd import Agent, Customer, Promise


class Books:
    """Everything stored, read once."""

    def __init__(self, rows: dict[type[SQLModel], list[SQLModel]]) -> None:
        self.conversations: dict = {row.id: row for row in rows[Conversation]}
        self.messages: dict = {row.id: row for row in rows[Message]}
        self.turns: list = rows[Turn]
        self.handoffs: list = rows[Handoff]
        self.calls: list = rows[ModelCall]
        self.outcomes: dict = {row.conversation_id: row for row in rows[Outcome]}

    @classmethod
    async def read(cls, database: Database) -> "Books":
        tables: list[type[SQLModel]] = [Conversation, Message, Turn, Handoff, ModelCall, Outcome]
        async with database.reading() as session:
            return cls({table: list((await session.exec(select(table))).all()) for table in tables})

    @property
    def busy(self) -> list[str]:
        """What is not yet at rest."""
        running = [f"turn {turn.id}" for turn in self.turns if turn.ended_at is None]
        streaming = [
            f"message {one.id}" for one in self.messages.values() if one.state == MessageState.STREAMING
        ]
        return running + streaming


def every_message_once(books: Books, customers: Iterable[Customer], agents: Iterable[Agent]) -> list[str]:
    """What was acknowledged is stored exactly once, word for word; nothing is stored twice."""
    wrong = []
    stored = Counter((message.client_key, message.content) for message in books.messages.values())
    promises: list[tuple[str, Promise]] = [
        *(("visitor:", promise) for customer in customers for promise in customer.diary),
        *(("staff:", promise) for agent in agents for promise in agent.replies),
    ]
    for prefix, promise in promises:
        times = stored[(prefix + promise.key, promise.text)]
        if times > 1 or (promise.acknowledged and times != 1):
            wrong.append(f"{promise.key} is stored {times} times (acknowledged: {promise.acknowledged})")
    known = {(prefix + promise.key, promise.text) for prefix, promise in promises}
    wrong += [
        f"nobody said {one.client_key}: {one.content!r}"
        for one in books.messages.values()
        if one.role in (Role.USER, Role.STAFF) and (one.client_key, one.content) not in known
    ]
    return wrong


def every_state_legal(books: Books) -> list[str]:
    """Status, handoffs, numbers and outcomes of each conversation fit together."""
    wrong = []
    open_handoffs = Counter(one.conversation_id for one in books.handoffs if one.closed_at is None)
    by_conversation: dict = {identity: [] for identity in books.conversations}
    for message in books.messages.values():
        by_conversation[message.conversation_id].append(message)
    for identity, conversation in books.conversations.items():
        expected = 1 if conversation.status == Status.ESCALATED else 0
        if open_handoffs[identity] != expected:
            wrong.append(f"{identity} is {conversation.status} with {open_handoffs[identity]} open handoffs")
        numbers = sorted(message.seq for message in by_conversation[identity])
        if numbers != list(range(1, conversation.last_seq + 1)):
            wrong.append(f"{identity} has the numbers {numbers}, its last is {conversation.last_seq}")
        outcome = books.outcomes.get(identity)
        said = Counter(one.role for one in by_conversation[identity] if one.state == MessageState.COMPLETE)
        told = outcome and (outcome.customer_messages, outcome.assistant_messages, outcome.staff_messages)
        if told != (said[Role.USER], said[Role.ASSISTANT], said[Role.STAFF]):
            wrong.append(f"{identity}: the outcome counts {told}, stored are {dict(said)}")
    return wrong


def nobody_spoke_over_people(books: Books) -> list[str]:
    """No answer was completed while a person had the conversation."""
    wrong = []
    for turn in books.turns:
        message = books.messages[turn.wrote_id]
        if message.state != MessageState.COMPLETE:
            continue
        wrong += [
            f"turn {turn.id} ended while handoff {one.id} was claimed"
            for one in books.handoffs
            if one.conversation_id == turn.conversation_id
            and one.claimed_at is not None
            and one.claimed_at
            < turn.ended_at
            < (one.closed_at or datetime.max.replace(tzinfo=turn.ended_at.tzinfo))
        ]
    return wrong


def nobody_was_forgotten(books: Books) -> list[str]:
    """The last word of a customer whom the assistant serves was answered, or failed with a way on."""
    wrong = []
    for identity, conversation in books.conversations.items():
        if conversation.status != Status.ACTIVE:
            continue
        shown = sorted(
            (
                one
                for one in books.messages.values()
                if one.conversation_id == identity and one.state != MessageState.SUPERSEDED
            ),
            key=lambda one: one.seq,
        )
        texts = [one for one in shown if one.kind == Kind.TEXT]
        if texts and texts[-1].role == Role.USER and shown[-1].kind != Kind.EVENT:
            wrong.append(f"{identity} ends with an unanswered question: {texts[-1].content!r}")
    return wrong


def each_turn_wrote_once(books: Books) -> list[str]:
    """A message is written by one turn, and a question has at most one completed answer."""
    wrong = [f"{one} written twice" for one, n in Counter(t.wrote_id for t in books.turns).items() if n > 1]
    answered = Counter(
        turn.answers_id
        for turn in books.turns
        if books.messages[turn.wrote_id].state == MessageState.COMPLETE
    )
    return wrong + [f"question {one} answered {n} times" for one, n in answered.items() if n > 1]


def every_rule(books: Books, customers: Iterable[Customer], agents: Iterable[Agent]) -> list[str]:
    """All that is wrong; empty after a good day."""
    customers, agents = list(customers), list(agents)
    return [
        *every_message_once(books, customers, agents),
        *every_state_legal(books),
        *nobody_spoke_over_people(books),
        *nobody_was_forgotten(books),
        *each_turn_wrote_once(books),
    ]
