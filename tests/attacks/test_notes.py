"""What colleagues tell each other never reaches a customer: looked for in the raw frames of their socket."""

import sqlite3
from secrets import token_hex, token_urlsafe
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.models import Staff
from tests.people import signed_in
from tests.servers.app import App
from tests.servers.raw_socket import CASE, CHAT, RawPage

pytestmark = pytest.mark.anyio


async def test_no_word_for_colleagues_is_in_any_frame_of_the_customers(plain_app: App) -> None:
    database = Database(f"sqlite+aiosqlite:///{plain_app.folder}/supportbot.db")
    sam, vito, uma = (
        Staff(email=f"{token_hex(4)}@acme.example", name=name, password_hash="!")
        for name in ("Sam", "Canary Onlooker", "Uma")
    )
    async with database.transaction() as session:
        session.add_all([sam, vito, uma])
    cookies = [await signed_in(database, one) for one in (sam, vito)]
    await database.close()
    token = token_urlsafe(32)

    async with RawPage(plain_app.socket_url, visitor=token) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.send", form={"message": f"Hello {token}", "client_key": token_urlsafe(8)})
        await page.until(lambda: "/c/" in page.everything)
    case = _case_of(plain_app, f"Hello {token}")
    customers_page, desks_page = f"/c/{case}", f"/escalations/{case}"

    async with (
        RawPage(plain_app.socket_url, path=customers_page, visitor=token) as alice,
        RawPage(plain_app.socket_url, path=desks_page, headers={"Cookie": cookies[0]}) as desk,
        RawPage(plain_app.socket_url, path=desks_page, headers={"Cookie": cookies[1]}) as onlooker,
    ):
        for page in (alice, desk, onlooker):
            await page.hydrate()
        await desk.until(lambda: "Canary Onlooker" in desk.everything)

        async def does(handler: str, then: str, **payload: object) -> None:
            await desk.fire(f"{CASE}.{handler}", **payload)
            await desk.until(lambda: then in desk.everything)

        await does("note", "canary-note", form={"message": "canary-note", "client_key": "n"})
        await does("take_over", "Sam has joined")
        await does("tag", "canary-tag", form={"tag": "canary-tag"})
        await onlooker.fire(f"{CASE}.typing")
        await desk.until(lambda: '"writing":true' in desk.everything.replace(" ", ""))
        await does("summarise", "summary")
        await desk.until(lambda: desk.vars.get("summary") and not desk.vars.get("summarising"), 20)
        await desk.fire(f"{CASE}.draft")
        await does("reply", "Hello from Sam.", form={"message": "Hello from Sam.", "client_key": "r"})
        await does("hand_back", "handed the conversation back", form={"note": "canary-for-the-assistant"})
        assert desk.vars["done"] == "hand_back"
        await does("assign", "to take care", form={"to": str(uma.id), "note": "canary-for-a-colleague"})
        await onlooker.until(lambda: "canary-for-a-colleague" in onlooker.everything)

        await alice.until(lambda: "to take care of this conversation" in alice.everything)
        for handler in ("load_earlier", "catch_up", "open"):
            await alice.fire(f"{CHAT}.{handler}")
        await alice.settle(0.5)
        assert "Hello from Sam." in alice.everything
        assert "canary" not in alice.everything.lower()

    async with RawPage(plain_app.socket_url, path=customers_page, visitor=token) as reloaded:
        await reloaded.hydrate()
        await reloaded.until(lambda: "Hello from Sam." in reloaded.everything)
        await reloaded.fire(f"{CHAT}.load_earlier")
        await reloaded.settle(0.5)
        assert "canary" not in reloaded.everything.lower()


def _case_of(app: App, words: str) -> UUID:
    with sqlite3.connect(app.folder / "supportbot.db") as connection:
        found = connection.execute(
            "SELECT conversation_id FROM message WHERE content = ?", (words,)
        ).fetchone()
    return UUID(found[0])
