"""A model that refuses us: owners are told in words, once a day, and the desk says it while it lasts."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from supportbot import outbox
from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import Channel, Outbox
from supportbot.outbox import Outlets
from supportbot.quality import alerts
from supportbot.turns.frames import Stop
from tests.people import ALICE, alex, conversation_of, sam, says
from tests.scripted import ScriptedAssistant, SmallDesk, small_desk

pytestmark = pytest.mark.anyio


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    outbox.open_outlets(database, Outlets(frozenset(Channel), "https://support.acme.example", "Acme"))
    return small_desk(database)


async def asks(desk: SmallDesk, assistant: ScriptedAssistant) -> UUID:
    """A customer asks once, and this assistant answers or does not."""
    conversation = await conversation_of(desk.database, ALICE)
    await says(desk.database, conversation.id, "How long do refunds take?")
    kit = small_desk(desk.database, assistant=assistant)
    await kit.take_turn(conversation.id, Stop())
    return conversation.id


def refusing(code: str = "key_refused") -> ScriptedAssistant:
    return ScriptedAssistant().fails(code, permanent=True)


async def mails(desk: SmallDesk) -> list[Outbox]:
    async with desk.database.reading() as session:
        return list(await session.exec(select(Outbox).where(Outbox.topic == alerts.TOPIC)))


async def test_owners_are_told_what_is_wrong_and_what_to_change(desk: SmallDesk) -> None:
    await sam(desk.database)
    await alex(desk.database)

    await asks(desk, refusing())

    (mail,) = await mails(desk)
    assert mail.recipient == "sam@example.com"
    assert "key is wrong or was revoked" in mail.payload["subject"]
    assert "ANTHROPIC_API_KEY" in mail.payload["body"]
    assert "claude-sonnet-5-5" in mail.payload["body"]
    assert "refunds" not in mail.payload["body"]


async def test_once_a_day_and_cause(desk: SmallDesk) -> None:
    await sam(desk.database)
    for code in ("key_refused", "key_refused", "model_unknown"):
        await asks(desk, refusing(code))
    tomorrow = now() + timedelta(days=1)
    async with desk.database.transaction() as session:
        again = await alerts.tell_owners(session, "key_refused", "m", tomorrow)
        twice = await alerts.tell_owners(session, "key_refused", "m", tomorrow + timedelta(minutes=1))

    assert (again, twice) == (1, 0)
    assert len(await mails(desk)) == 3


async def test_a_fault_that_passes_is_no_owners_business(desk: SmallDesk) -> None:
    await sam(desk.database)

    await asks(desk, ScriptedAssistant().fails("overloaded"))

    assert await mails(desk) == []
    assert await alerts.refusal(desk.database) == ""


async def test_the_desk_says_it_until_the_model_answers_again(desk: SmallDesk) -> None:
    assert await alerts.refusal(desk.database) == ""
    await asks(desk, refusing("model_unknown"))
    assert await alerts.refusal(desk.database) == "model_unknown"
    # What neither answers nor refuses decides nothing.
    await asks(desk, ScriptedAssistant().fails("overloaded"))
    assert await alerts.refusal(desk.database) == "model_unknown"

    await asks(desk, ScriptedAssistant().says("Five days."))

    assert await alerts.refusal(desk.database) == ""


@pytest.mark.parametrize("code", [*alerts.CAUSES, "misconfigured"])
def test_every_cause_names_what_to_look_at(code: str) -> None:
    assert "ANTHROPIC_" in alerts.cause(code).remedy
