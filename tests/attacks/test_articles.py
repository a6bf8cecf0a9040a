"""Articles are for staff: strangers learn and change none, and an agent's nonsense breaks nothing."""

import asyncio
from secrets import token_urlsafe
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.ids import new_id
from supportbot.knowledge.editing import save
from supportbot.knowledge.publishing import Words
from supportbot.models import Staff
from tests.attacks.handlers import ARTICLES, EDITOR, STAFF_HANDLERS
from tests.attacks.test_handlers import NONSENSE, _rows
from tests.people import signed_in
from tests.servers.app import App
from tests.servers.raw_socket import RawPage

pytestmark = pytest.mark.anyio

HANDLERS = {name: of for name, of in STAFF_HANDLERS.items() if name.startswith((ARTICLES, EDITOR))}


async def a_draft(app: App) -> tuple[UUID, str]:
    """A draft nobody outside may know of, and the cookie of the agent who wrote it."""
    database = Database(f"sqlite+aiosqlite:///{app.folder}/supportbot.db")
    agent = Staff(email=f"{token_urlsafe(6)}@acme.example", name="Alex", password_hash="!")
    async with database.transaction() as session:
        session.add(agent)
    words = Words("canary-article-4711", "canary-article-4711 text")
    draft = await save(database, new_id(), words, agent, over=0)
    await save(database, draft.article_id, Words("canary-article-4711", "changed"), agent, over=1)
    cookie = await signed_in(database, agent)
    await database.close()
    return draft.article_id, cookie


def contents(app: App) -> list[object]:
    return [
        _rows(app, f"SELECT * FROM {table} ORDER BY 1") for table in ("article", "article_version", "passage")
    ]


async def test_a_stranger_learns_no_draft_and_changes_no_article(plain_app: App) -> None:
    draft, _ = await a_draft(plain_app)
    published = UUID(hex=_rows(plain_app, "SELECT id FROM article WHERE state = 'published'")[0][0])
    before = contents(plain_app)

    async def everything_from(path: str) -> None:
        async with RawPage(plain_app.socket_url, path=path) as page:
            await page.hydrate()
            for handler, arguments in HANDLERS.items():
                await page.fire(handler, **dict.fromkeys(arguments, 1))
            await page.settle(1)
            assert "canary-article" not in page.everything

    paths = ("/articles", "/articles/new", f"/articles/{draft}", f"/articles/{published}")
    await asyncio.gather(*map(everything_from, paths))
    assert contents(plain_app) == before


async def test_what_an_agent_sends_of_any_type_breaks_and_restores_nothing(plain_app: App) -> None:
    draft, cookie = await a_draft(plain_app)
    before = contents(plain_app)

    async def nonsense(handler: str) -> None:
        path = f"/articles/{draft}"
        async with RawPage(plain_app.socket_url, path=path, headers={"Cookie": cookie}) as page:
            await page.hydrate()
            await page.until(lambda: "canary-article-4711" in page.everything)
            for value in [*NONSENSE, 2**69, "", "99", 99]:
                await page.fire(handler, **dict.fromkeys(HANDLERS[handler], value))
            await page.settle(1)
            for leak in ("Traceback", "TypeError", "sqlalchemy", "supportbot/"):
                assert leak not in page.everything
            await page.fire(f"{EDITOR}.compare", version=1)
            await page.until(lambda: page.vars["compared"] == 1)

    await asyncio.gather(
        *(nonsense(f"{EDITOR}.{name}") for name in ("restore", "compare")),
        *(nonsense(f"{ARTICLES}.{name}") for name in ("find", "narrow")),
    )
    assert contents(plain_app) == before


async def test_an_address_that_is_no_article_shows_none(plain_app: App) -> None:
    _, cookie = await a_draft(plain_app)
    for path in ("/articles/x", f"/articles/{new_id()}", "/articles/' OR 1=1 --", "/articles/%00"):
        async with RawPage(plain_app.socket_url, path=path, headers={"Cookie": cookie}) as page:
            await page.hydrate()
            await page.fire(f"{EDITOR}.retire")
            await page.fire(f"{EDITOR}.restore", version=1)
            await page.until(lambda page=page: "There is no such article." in page.everything)
