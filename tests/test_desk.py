"""The desk opens with everything it needs, works through what was left, and closes without a trace."""

import asyncio
from datetime import timedelta

import pytest

from supportbot import outbox
from supportbot.conversations.transcript import read
from supportbot.conversations.visitors import introduce
from supportbot.database import Database
from supportbot.desk import open_desk
from supportbot.ids import now
from supportbot.models import Channel, Conversation, Job, Message, Outbox, Role, Setting
from supportbot.outbox import Outlets
from supportbot.settings import Settings
from tests.people import ALICE, conversation_of
from tests.servers.postgres import free_port
from tests.servers.smtp import mail_server
from tests.servers.webhook_receiver import webhook_receiver

pytestmark = pytest.mark.anyio

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


async def left_behind(database: Database) -> None:
    """A mail and a webhook that a worker wrote before it ended."""
    outbox.open_outlets(database, Outlets(frozenset(Channel)))
    async with database.transaction() as session:
        await outbox.mail(session, key="m", topic="t", to="sam@acme.example", subject="s", body="b")
        await outbox.webhook(session, "handoff.requested", key="w", data={})


async def unsent(database: Database) -> int:
    listed = await outbox.listed(database)
    return listed.waiting + listed.failed


async def test_what_was_left_is_sent_after_a_restart(settings: Settings, database: Database) -> None:
    await left_behind(database)
    with mail_server() as server, webhook_receiver() as receiver:
        told = Settings(
            _env_file=None,
            **{
                **settings.model_dump(),
                "smtp_url": server.url,
                "mail_from": "support@acme.example",
                "webhook_url": receiver.url,
                "webhook_secret": SECRET,
                "sample_articles": False,
            },
        )
        async with open_desk(told) as desk:
            assert desk.channels == frozenset(Channel)
            async with asyncio.timeout(10):
                while await unsent(database):
                    await asyncio.sleep(0.02)

        assert (len(server.mails), len(receiver.received)) == (1, 1)
    assert not [task for task in asyncio.all_tasks() if task.get_name().startswith("schedule")]
    async with database.reading() as session:
        held = [await session.get(Job, name) for name in ("outbox.mail", "outbox.webhook", "outbox.sweep")]
    assert [job.lease_until for job in held if job is not None] == [None] * 3


async def test_without_a_channel_nothing_is_tried_and_the_rest_runs(
    settings: Settings, database: Database
) -> None:
    await left_behind(database)
    async with open_desk(settings.model_copy(update={"sample_articles": False})) as desk:
        assert desk.channels == frozenset()
        await desk.scheduler.run_due()

    assert await unsent(database) == 2
    async with database.reading() as session:
        assert await session.get(Job, "outbox.mail") is None


async def test_a_mail_server_that_is_away_does_not_keep_the_desk_from_opening(
    settings: Settings, database: Database
) -> None:
    await left_behind(database)
    away = settings.model_dump() | {
        "smtp_url": f"smtp://127.0.0.1:{free_port()}",
        "mail_from": "support@acme.example",
        "sample_articles": False,
    }
    async with open_desk(Settings(_env_file=None, **away)):
        async with asyncio.timeout(10):
            while not (await _mail(database)).last_error:
                await asyncio.sleep(0.02)

    assert (await _mail(database)).last_error == "unreachable"


async def test_a_customer_who_has_left_is_mailed_after_the_minutes_the_house_has_set(
    settings: Settings, database: Database
) -> None:
    conversation = await conversation_of(database, ALICE)
    await introduce(database, conversation.visitor_id, "Alice", "alice@example.com")
    async with database.transaction() as session:
        minutes = {"reply_mail_after_minutes": 1}
        session.add(Setting(section="targets", version=1, content=minutes))
        (await session.get_one(Conversation, conversation.id)).last_seq = 1
        session.add(
            Message(
                conversation_id=conversation.id,
                seq=1,
                role=Role.STAFF,
                created_at=now() - timedelta(minutes=2),
            )
        )
    with mail_server() as server:
        told = settings.model_dump() | {
            "smtp_url": server.url,
            "mail_from": "support@acme.example",
            "sample_articles": False,
        }
        async with open_desk(Settings(_env_file=None, **told)), asyncio.timeout(10):
            while not server.mails:
                await asyncio.sleep(0.02)

    assert server.mails[0]["To"] == "alice@example.com"


async def test_outside_hours_nobody_is_promised_an_answer_now(settings: Settings, database: Database) -> None:
    conversation = await conversation_of(database, ALICE)
    closed = [(now() + timedelta(days=days)).date().isoformat() for days in (-1, 0, 1)]
    hours = {"always_open": False, "holidays": [{"day": day} for day in closed]}
    async with database.transaction() as session:
        session.add(Setting(section="hours", version=1, content=hours))

    async with open_desk(settings.model_copy(update={"sample_articles": False})) as desk:
        await desk.intake.ask_for_person(conversation.id)
        shown = await read(desk.database, desk.live, conversation.id)

    assert "Nobody is at the desk right now; we are back on" in shown.messages[-1].content


async def _mail(database: Database) -> Outbox:
    (mail,) = [row for row in (await outbox.listed(database)).rows if row.channel == Channel.MAIL]
    return mail


async def test_the_name_of_the_house_finds_nothing(settings: Settings, database: Database) -> None:
    known = settings.model_copy(
        update={"sample_articles": True, "semantic_search": False, "company_name": "Acme"}
    )
    async with open_desk(known) as desk:
        assert (await desk.retrieval.find("Is there something about Acme?")).hits == ()
        assert (await desk.retrieval.find("Is there something about refunds?")).hits
