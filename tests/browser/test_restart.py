"""The server dies in the middle of an answer: nothing that was shown is lost, and there is a way on."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Browser, expect
from sqlmodel import select

from supportbot.database import Database
from supportbot.models import Message, MessageState, Role, Turn
from supportbot.settings import Settings
from supportbot.turns import leases
from tests.browser.people import customer
from tests.conftest import create_postgres_database
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App, running_app

pytestmark = [pytest.mark.anyio, pytest.mark.browser, pytest.mark.soak]

LEASE_AND_SWEEP_MS = 40_000
ROUNDS = 20


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def mortal_app(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, claude: RemoteServer
) -> Iterator[App]:
    """An app of its own, to be killed."""
    place = {}
    if request.param == "postgresql":
        server: str = request.getfixturevalue("postgres_server")
        place = {"DATABASE_URL": create_postgres_database(server, "supportbot_mortal")}
    folder = tmp_path_factory.mktemp("mortal")
    with running_app(folder, ANTHROPIC_BASE_URL=claude.url, **place) as app:
        yield app


@pytest.fixture
async def records(mortal_app: App) -> AsyncIterator[Database]:
    """The app's own database."""
    settings = Settings(_env_file=None, database_url=mortal_app.environment["DATABASE_URL"])
    database = Database.from_settings(settings)
    yield database
    await database.close()


async def test_a_killed_server_keeps_what_was_shown_and_offers_to_try_again(
    chromium: Browser, mortal_app: App, claude: RemoteServer, records: Database
) -> None:
    async with customer(chromium, mortal_app) as alice:
        for number in range(ROUNDS):
            claude.reset()
            # A conversation of its own: two answers that failed in one send it to people.
            await alice.open()
            # Only for the answers: whatever else the model is asked for comes meanwhile.
            this = f"Question {number} before"
            part = f"Part {number} was shown before the end. Never seen."
            claude.says(part, pause_after=30 + len(str(number)), when=this)
            await alice.ask(f"Question {number} before the end")
            await alice.expect_in_log(f"Part {number} was shown before")
            # The text so far is written once a second.
            await asyncio.sleep(1.3)
            await asyncio.to_thread(mortal_app.kill)
            claude.reset()
            await asyncio.to_thread(mortal_app.start)

            again = alice.page.get_by_role("button", name="Try again")
            await expect(again).to_be_visible(timeout=LEASE_AND_SWEEP_MS)
            kept = alice.page.locator("[data-role=assistant]").last
            await expect(kept).to_contain_text(f"Part {number} was shown before")
            await expect(kept).to_contain_text(leases.UNFINISHED)
            claude.says(f"Whole answer {number}.", when=this)
            await again.click()
            await alice.expect_answer(f"Whole answer {number}.")
        alice.troubles.clear()

    async with records.reading() as session:
        messages = (await session.exec(select(Message).order_by("id"))).all()
        turns = (await session.exec(select(Turn))).all()
    assert len(messages) == 3 * ROUNDS
    for number in range(ROUNDS):
        question, part, answer = messages[3 * number : 3 * number + 3]
        assert (question.role, question.content) == (Role.USER, f"Question {number} before the end")
        assert (part.role, part.state) == (Role.ASSISTANT, MessageState.FAILED)
        assert f"Part {number} was shown before the end. Never seen.".startswith(part.content)
        assert part.content.startswith(f"Part {number} was shown before")
        assert (answer.state, answer.content) == (MessageState.COMPLETE, f"Whole answer {number}.")
    assert all(turn.ended_at for turn in turns)
    assert [turn.error_code for turn in turns].count("runner_died") == ROUNDS
