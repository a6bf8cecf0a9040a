"""The database is locked or away: nothing is acknowledged that is not stored, and nobody waits for ever."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from supportbot.conversations.transcript import Browser
from supportbot.database import Database, patiently
from supportbot.models import Conversation, Message
from tests.people import ALICE
from tests.scripted import ShakyDatabase, SmallDesk, small_desk

pytestmark = pytest.mark.anyio

HOME = "192.0.2.1"


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(ShakyDatabase(database))


@pytest.mark.parametrize("refusals", [1, 2])
async def test_a_message_the_database_refuses_for_a_moment_is_stored_once(
    desk: SmallDesk, refusals: int
) -> None:
    desk.assistant.says("Five days.").then.says("Yes.")
    desk.database.refuse(refusals)
    conversation_id = await desk.intake.begin(ALICE.token_hash, HOME, "How long?", "first", Browser())
    await desk.runner.idle()
    alice = (await desk.only(Conversation)).visitor_id
    desk.database.refuse(refusals)

    await desk.intake.say(conversation_id, alice, HOME, "To my card?", "second")
    await desk.runner.idle()

    assert [one.content for one in await desk.messages(conversation_id)] == [
        "How long?",
        "Five days.",
        "To my card?",
        "Yes.",
    ]


async def test_a_message_that_cannot_be_stored_is_not_acknowledged(desk: SmallDesk) -> None:
    desk.database.refuse(1_000)

    with pytest.raises(OperationalError):
        await desk.intake.begin(ALICE.token_hash, HOME, "How long?", "first", Browser())

    assert await desk.rows(Message) == []
    assert desk.assistant.requests == []


async def test_somebody_who_waits_is_not_kept_for_long() -> None:
    tries = []

    async def locked() -> None:
        tries.append(await asyncio.sleep(0.2))
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    with pytest.raises(OperationalError):
        await patiently(locked, within=0.5)

    assert len(tries) == 2


async def test_what_is_no_refusal_of_the_database_is_not_tried_again() -> None:
    tries = []

    async def wrong() -> None:
        tries.append(1)
        raise KeyError

    with pytest.raises(KeyError):
        await patiently(wrong)

    assert len(tries) == 1


async def test_somebody_else_who_locks_the_file_for_a_moment_loses_no_message(
    sqlite_template: Path, tmp_path: Path
) -> None:
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    desk = small_desk(Database(f"sqlite+aiosqlite:///{path}"))
    desk.assistant.says("Five days.")
    somebody = sqlite3.connect(path, isolation_level=None)
    somebody.execute("BEGIN IMMEDIATE")
    saying = asyncio.create_task(desk.intake.begin(ALICE.token_hash, HOME, "How long?", "first", Browser()))
    await asyncio.sleep(0.3)
    assert not saying.done()

    somebody.rollback()
    somebody.close()
    conversation_id = await saying
    await desk.runner.idle()

    assert [one.content for one in await desk.messages(conversation_id)] == ["How long?", "Five days."]
    await desk.database.close()
