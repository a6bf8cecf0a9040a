import pytest

from supportbot.database import Database
from tests.escalations.case import Case
from tests.people import ALICE, alex, conversation_of, sam
from tests.scripted import small_desk


@pytest.fixture
async def case(database: Database) -> Case:
    conversation = await conversation_of(database, ALICE)
    case = Case(small_desk(database), conversation.id, await sam(database), await alex(database))
    await case.says("How long?")
    return case
