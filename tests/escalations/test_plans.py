"""No question of everyday work may read a whole table, however long the product has been in use."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from supportbot.conversations import return_links, transcript
from supportbot.conversations.live import MemoryLive, Position
from supportbot.database import Database
from supportbot.escalations import noticing, queue
from supportbot.escalations.reply_mail import mail_unseen_replies
from supportbot.ids import now
from supportbot.migrations import upgrade
from supportbot.models import Channel
from supportbot.outbox import Outlets, open_outlets
from supportbot.settings import Settings
from supportbot.turns import leases, record
from tests.conftest import create_postgres_database
from tests.crowded import active_one, conversation_id, crowd, message_id, staff_id, visitor_of, waiting_one
from tests.plans import Statements
from tests.questions import Question, lists, opening, searches, sorts_few

pytestmark = pytest.mark.anyio

CONVERSATIONS = 4_000
"""Quick to write; `python -m tests.benchmarks lists` looks at the plans for a hundred thousand."""
_OLD = CONVERSATIONS // 2

QUESTIONS: dict[str, Question] = {
    **lists(),
    **searches(CONVERSATIONS),
    **opening(waiting_one(CONVERSATIONS)),
    "what is new at the desk": lambda database: noticing.look(database, staff_id(1), [conversation_id(_OLD)]),
    "a place in the queue": lambda database: queue.place_in_queue(database, waiting_one(CONVERSATIONS)),
    "a customer's past": lambda database: transcript.past(database, visitor_of(_OLD // 5)),
    "a transcript": lambda database: transcript.read(database, MemoryLive(), conversation_id(_OLD)),
    "an earlier page": lambda database: transcript.read(
        database, MemoryLive(), conversation_id(_OLD), before=2
    ),
    "a turn's beginning": lambda database: record.begin(
        database, MemoryLive(), active_one(CONVERSATIONS), runner="r", assistant="claude", model="m"
    ),
    "an answer so far": lambda database: leases.save_partial(
        database, message_id(_OLD, 2), "So far", Position("epoch", 1)
    ),
    "turns whose runner died": lambda database: leases.fail_expired(database, MemoryLive()),
    "replies nobody has seen": lambda database: mail_unseen_replies(
        _mailing(database), timedelta(minutes=3), now()
    ),
    "a link from a mail": lambda database: return_links.open_link(
        database, "x" * 43, visitor_of(_OLD), now()
    ),
    "a sign of life": lambda database: leases.renew_leases(database, "r", [conversation_id(_OLD)]),
}


def _mailing(database: Database) -> Database:
    open_outlets(database, Outlets(frozenset({Channel.MAIL}), "https://support.acme.example", "Acme"))
    return database


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
async def years_old(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Database]:
    """A database that has been in use for years."""
    if request.param == "postgresql":
        url = create_postgres_database(request.getfixturevalue("postgres_server"), "years_old")
    else:
        url = f"sqlite:///{tmp_path_factory.mktemp('years')}/old.db"
    settings = Settings(_env_file=None, database_url=url)
    upgrade(settings.sync_database_url)
    database = Database.from_settings(settings)
    await crowd(database, CONVERSATIONS)
    yield database
    await database.close()


@pytest.mark.parametrize("question", QUESTIONS)
async def test_no_question_reads_a_whole_table(years_old: Database, question: str) -> None:
    statements = Statements(years_old, small=True)

    with statements.listening():
        await QUESTIONS[question](years_old)

    assert await statements.plans()
    assert await statements.whole_tables(sorts_few=sorts_few(question)) == []


async def test_the_check_notices_a_whole_table(years_old: Database) -> None:
    statements = Statements(years_old, small=True)

    with statements.listening():
        async with years_old.reading() as session:
            connection = await session.connection()
            await connection.exec_driver_sql("SELECT count(*) FROM message WHERE content LIKE '%refund%'")

    assert len(await statements.whole_tables()) == 1
