"""`python -m supportbot demo`, as somebody types it."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from itertools import pairwise
from typing import TypeVar

import pytest
from click.testing import CliRunner, Result
from sqlmodel import col, select

from supportbot import settings as settings_module
from supportbot.commands.demo import demo
from supportbot.commands.demo_stories import STORIES
from supportbot.conversations.events import Owner
from supportbot.database import Database
from supportbot.escalations import queue
from supportbot.escalations.queue import List
from supportbot.escalations.reply_mail import mail_unseen_replies
from supportbot.ids import new_id, now
from supportbot.models import Channel, Conversation, Handoff, Message, Status
from supportbot.outbox import Outlets, open_outlets
from supportbot.settings import Settings
from supportbot.staff import accounts, passwords

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _settings_of_the_command(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings_module.settings.cache_clear()
    yield
    settings_module.settings.cache_clear()


def command() -> Result:
    return CliRunner().invoke(demo)


def ask(database_url: str, question: Callable[[Database], Awaitable[T]]) -> T:
    async def answer() -> T:
        database = Database.from_settings(Settings(_env_file=None, database_url=database_url))
        try:
            return await question(database)
        finally:
            await database.close()

    return asyncio.run(answer())


async def conversations(database: Database) -> list[Conversation]:
    async with database.reading() as session:
        return list(await session.exec(select(Conversation)))


def test_a_few_busy_days_and_two_people_who_can_sign_in(database_url: str) -> None:
    result = command()

    assert result.exit_code == 0, result.output
    told = dict(re.findall(r"(\S+@acme\.example)\s+(\S+)", result.output))
    for person in ask(database_url, accounts.everyone):
        assert asyncio.run(passwords.matches(told[person.email], person.password_hash))
    assert sorted(told) == ["alex@acme.example", "sam@acme.example"]

    statuses = [one.status for one in ask(database_url, conversations)]
    assert len(statuses) == len(STORIES)
    assert set(statuses) == set(Status)

    found = ask(database_url, lambda database: queue.listed(database, List.OPEN, new_id()))
    with_people = [row for row in found.rows if row.reason]
    assert {row.owner for row in with_people} == {Owner.WAITING, Owner.MEANWHILE, Owner.STAFF}
    assert any(row.reopened for row in with_people)
    assert len({row.reason for row in with_people}) > 5


def test_everything_happened_in_the_past_and_in_order(database_url: str) -> None:
    command()

    async def times(database: Database) -> tuple[list[Message], list[Handoff]]:
        async with database.reading() as session:
            messages = select(Message).order_by(col(Message.conversation_id), col(Message.seq))
            return list(await session.exec(messages)), list(await session.exec(select(Handoff)))

    messages, handoffs = ask(database_url, times)
    for before, after in pairwise(messages):
        if before.conversation_id == after.conversation_id:
            assert before.created_at <= after.created_at
    assert max(one.created_at for one in messages) <= now()
    for handoff in handoffs:
        moments = [handoff.requested_at, handoff.claimed_at, handoff.closed_at, now()]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known)


def test_nobody_is_mailed_about_what_made_up_customers_have_missed(database_url: str) -> None:
    command()

    async def mailed(database: Database) -> int:
        open_outlets(database, Outlets(frozenset({Channel.MAIL})))
        return await mail_unseen_replies(database, timedelta(minutes=1), now())

    assert ask(database_url, mailed) == 0


def test_done_twice_it_is_done_once(database_url: str) -> None:
    command()
    again = command()

    assert again.exit_code == 0
    assert "already there" in again.output
    assert len(ask(database_url, conversations)) == len(STORIES)


def test_an_account_that_is_there_keeps_its_password(database_url: str) -> None:
    ask(database_url, lambda database: accounts.add(database, "sam@acme.example", password="correct horse"))

    result = command()

    assert "sam@acme.example  (the password this account has)" in result.output
    (sam,) = [person for person in ask(database_url, accounts.everyone) if person.name == "Sam"]
    assert asyncio.run(passwords.matches("correct horse", sam.password_hash))
