"""`python -m supportbot demo`, as somebody types it."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

import pytest
from click.testing import CliRunner, Result
from sqlmodel import col, select

from supportbot import settings as settings_module
from supportbot.commands.demo import demo
from supportbot.commands.demo_stories import STORIES
from supportbot.commands.demo_stories.replies import CANNED
from supportbot.conversations.events import Owner
from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.escalations import queue
from supportbot.escalations.queue import List, Row
from supportbot.escalations.reply_mail import mail_unseen_replies
from supportbot.house import versions
from supportbot.house.sections import Replies
from supportbot.ids import new_id, now
from supportbot.models import Channel, Conversation, Handoff, Kind, Message, Status
from supportbot.outbox import Outlets, open_outlets
from supportbot.settings import Settings
from supportbot.staff import accounts, passwords

T = TypeVar("T")


@pytest.fixture(scope="module")
def filled(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The URL of a database with the demonstration in it, for tests that leave it as it is."""
    path = tmp_path_factory.mktemp("demo") / "supportbot.db"
    path.write_bytes(sqlite_template.read_bytes())
    assert command(f"sqlite:///{path}").exit_code == 0
    return f"sqlite:///{path}"


def command(database_url: str) -> Result:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", database_url)
        settings_module.settings.cache_clear()
        try:
            return CliRunner().invoke(demo)
        finally:
            settings_module.settings.cache_clear()


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


def test_a_few_busy_days_and_three_people_who_can_sign_in(database_url: str) -> None:
    result = command(database_url)

    assert result.exit_code == 0, result.output
    told = dict(re.findall(r"(\S+@acme\.example)\s+(\S+)", result.output))
    for person in ask(database_url, accounts.everyone):
        assert asyncio.run(passwords.matches(told[person.email], person.password_hash))
    assert sorted(told) == ["alex@acme.example", "robin@acme.example", "sam@acme.example"]

    statuses = [one.status for one in ask(database_url, conversations)]
    assert len(statuses) == len(STORIES)
    assert set(statuses) == set(Status)

    found = ask(database_url, lambda database: queue.listed(database, List.OPEN, new_id()))
    with_people = [row for row in found.rows if row.reason]
    assert {row.owner for row in with_people} == {Owner.WAITING, Owner.MEANWHILE, Owner.STAFF}
    assert any(row.reopened for row in with_people)
    assert len({row.reason for row in with_people}) > 5


def test_each_list_of_the_desk_has_something_to_show(filled: str) -> None:
    (sam,) = [person for person in ask(filled, accounts.everyone) if person.name == "Sam"]

    def rows(which: List) -> tuple[Row, ...]:
        return ask(filled, lambda database: queue.listed(database, which, sam.id)).rows

    shown = {which: rows(which) for which in List}
    assert [which for which, of_it in shown.items() if not of_it] == []
    for which in (List.WAITING, List.MINE):
        assert {row.unread for row in shown[which]} == {True, False}
    assert {"de", "ar", "ja"} <= {row.language for row in shown[List.WAITING]}
    assert any(row.tags for row in shown[List.OPEN])


def test_colleagues_have_left_notes_for_each_other_and_for_the_assistant(filled: str) -> None:
    async def written(database: Database) -> tuple[list[str], list[Handoff]]:
        async with database.reading() as session:
            noted = select(Message.content).where(Message.kind == Kind.NOTE)
            return list(await session.exec(noted)), list(await session.exec(select(Handoff)))

    noted, handoffs = ask(filled, written)
    assert any(note.startswith("Sam, you did this") for note in noted), "one came with a conversation"
    assert len(noted) > 3
    assert any(handoff.return_note for handoff in handoffs)
    for handoff in handoffs:
        parts = [line.partition(":")[0] for line in handoff.brief.splitlines()]
        assert parts == ["Wanted", "Tried", "Known"], handoff.brief


def test_there_are_replies_to_choose_from(filled: str) -> None:
    async def kept(database: Database) -> list[str]:
        section = (await versions.newest(database, "replies")).section
        assert isinstance(section, Replies)
        return [reply.body for reply in section.replies]

    bodies = ask(filled, kept)
    assert len(bodies) == len(CANNED)
    assert {gap for body in bodies for gap in re.findall(r"{(\w+)}", body)} >= {"first_name", "agent"}


def test_everything_happened_in_the_past_and_in_order(filled: str) -> None:
    async def times(database: Database) -> tuple[list[Message], list[Handoff]]:
        async with database.reading() as session:
            messages = select(Message).order_by(col(Message.conversation_id), col(Message.seq))
            return list(await session.exec(messages)), list(await session.exec(select(Handoff)))

    messages, handoffs = ask(filled, times)
    for before, after in pairwise(messages):
        if before.conversation_id == after.conversation_id:
            assert before.created_at <= after.created_at
    assert max(one.created_at for one in messages) <= now()
    for handoff in handoffs:
        moments = [handoff.requested_at, handoff.claimed_at, handoff.closed_at, now()]
        known = [moment for moment in moments if moment is not None]
        assert known == sorted(known)


def test_nobody_is_mailed_about_what_made_up_customers_have_missed(filled: str) -> None:
    async def mailed(database: Database) -> int:
        open_outlets(database, Outlets(frozenset({Channel.MAIL})))
        return await mail_unseen_replies(database, timedelta(minutes=1), now())

    assert ask(filled, mailed) == 0


def test_done_twice_it_is_done_once(filled: str) -> None:
    again = command(filled)

    assert again.exit_code == 0
    assert "already there" in again.output
    assert len(ask(filled, conversations)) == len(STORIES)


def test_an_account_keeps_its_password_and_the_desk_its_own_replies(database_url: str) -> None:
    async def begin(database: Database) -> None:
        await accounts.add(database, "sam@acme.example", password="correct horse")
        own = [{"id": str(new_id()), "title": "Ours", "body": "Our own words."}]
        await versions.save(database, MemoryLive(), "replies", {"replies": own}, None, over=0)

    ask(database_url, begin)
    result = command(database_url)

    assert "sam@acme.example  (the password this account has)" in result.output
    (sam,) = [person for person in ask(database_url, accounts.everyone) if person.name == "Sam"]
    assert asyncio.run(passwords.matches("correct horse", sam.password_hash))
    assert ask(database_url, lambda database: versions.newest(database, "replies")).version == 1
