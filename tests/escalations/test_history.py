"""A conversation's times with people, as the desk reads them."""

import pytest

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.escalations.history import handoffs_of
from supportbot.models import Reason, Trigger
from tests.people import ALICE, alex, conversation_of, sam, says

pytestmark = pytest.mark.anyio


async def test_each_time_with_people_is_told_with_who_had_it_and_how_it_ended(database: Database) -> None:
    live, first, second = MemoryLive(), await sam(database), await alex(database)
    case = (await conversation_of(database, ALICE)).id
    await says(database, case, "My board is gone.", live=live)
    for staff, note in ((first, "She has two workspaces."), (second, "")):
        await handoff.escalate(
            database, live, case, reason=Reason.FRUSTRATED, trigger=Trigger.CUSTOMER, brief="A lost board."
        )
        await handoff.claim(database, live, case, staff)
        if note:
            await handoff.hand_back(database, live, case, staff, note)

    newest, oldest = await handoffs_of(database, case)

    assert (newest.staff_name, newest.closed_as, newest.return_note) == ("Alex", "", "")
    assert (oldest.staff_name, oldest.closed_as) == ("Sam", "handed_back")
    assert oldest.return_note == "She has two workspaces."
    assert "A lost board." in oldest.brief


async def test_a_conversation_that_never_was_with_people_has_no_times(database: Database) -> None:
    case = (await conversation_of(database, ALICE)).id

    assert await handoffs_of(database, case) == []
