"""What the desk says about an answer never reaches its customer: looked for in the raw frames."""

import re
import sqlite3
from secrets import token_hex, token_urlsafe
from uuid import UUID

import pytest
from sqlmodel import select

from supportbot.database import Database
from supportbot.ids import new_id
from supportbot.models import Article, Evidence, Staff, Turn
from tests.people import signed_in
from tests.servers.app import App
from tests.servers.raw_socket import CASE, CHAT, GAPS, RawPage

pytestmark = pytest.mark.anyio


async def test_no_judgement_of_the_desk_is_in_any_frame_of_the_customers(plain_app: App) -> None:
    database = Database(f"sqlite+aiosqlite:///{plain_app.folder}/supportbot.db")
    sam, uma = (
        Staff(email=f"{token_hex(4)}@acme.example", name=name, password_hash="!")
        for name in ("Heron Sam", "Uma")
    )
    async with database.transaction() as session:
        session.add_all([sam, uma])
    cookies = [await signed_in(database, one) for one in (sam, uma)]
    token, words = token_urlsafe(32), f"How do I get a refund, {token_hex(6)}?"

    async with RawPage(plain_app.socket_url, visitor=token) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.send", form={"message": words, "client_key": token_urlsafe(8)})
        await page.until(lambda: "/c/" in page.everything)
    case = _case_of(plain_app, words)
    customers_page, desks_page = f"/c/{case}", f"/escalations/{case}"

    async with (
        RawPage(plain_app.socket_url, path=customers_page, visitor=token) as alice,
        RawPage(plain_app.socket_url, path=desks_page, headers={"Cookie": cookies[0]}) as desk,
        RawPage(plain_app.socket_url, path=desks_page, headers={"Cookie": cookies[1]}) as colleague,
        RawPage(plain_app.socket_url, path="/articles/gaps", headers={"Cookie": cookies[1]}) as list_of_gaps,
    ):
        for page in (alice, desk, colleague, list_of_gaps):
            await page.hydrate()
        await alice.until(lambda: "Refund request" in alice.everything)
        # An answer is judged when it has ended.
        await alice.until(lambda: alice.vars.get("streaming") is False)
        await _rested_on(database, case, "canary-passage")
        async with database.reading() as session:
            answer = (await session.exec(select(Turn.wrote_id).where(Turn.conversation_id == case))).one()

        await alice.fire(f"{CHAT}.rate", message=str(answer), value=-1)
        await alice.until(lambda: alice.vars.get("asked_why") == str(answer))
        said = {"message": str(answer), "complaint": "unclear", "comment": "Too many words."}
        await alice.fire(f"{CHAT}.complain", form=said)
        await alice.until(lambda: alice.vars.get("thanked") == str(answer))
        await colleague.until(lambda: "Too many words." in colleague.everything)
        assert "canary-passage" in colleague.everything

        await desk.fire(f"{CASE}.mark_wrong", form={"message": str(new_id()), "note": "canary-note"})
        await desk.until(lambda: desk.vars.get("notice") == "This answer is not there any more.")
        assert desk.vars["missing"] is False
        await desk.fire(f"{CASE}.mark_wrong", form={"message": str(answer), "note": "canary-note"})
        await colleague.until(lambda: "canary-note" in colleague.everything)
        await colleague.until(lambda: "Heron Sam" in colleague.everything)
        for handler in ("load_earlier", "catch_up", "open"):
            await alice.fire(f"{CHAT}.{handler}")
        await alice.settle(0.5)
        assert not re.search("canary|heron", alice.everything.lower())

        await colleague.fire(f"{CASE}.unmark_wrong", message=str(answer))
        await desk.until(lambda: not desk.vars["judged"][str(answer)]["wrong"])
        await list_of_gaps.fire(f"{GAPS}.open")
        await list_of_gaps.settle(0.5)
        assert list_of_gaps.vars["ready"] is True

    async with RawPage(plain_app.socket_url, path=customers_page, visitor=token) as reloaded:
        await reloaded.hydrate()
        await reloaded.until(lambda: "Refund request" in reloaded.everything)
        await reloaded.settle(0.5)
        assert not re.search("canary|heron", reloaded.everything.lower())
        assert "Too many words." not in reloaded.everything
    await database.close()


async def _rested_on(database: Database, case: UUID, heading: str) -> None:
    """What the answer rests on, recorded."""
    async with database.transaction() as session:
        turn = (await session.exec(select(Turn).where(Turn.conversation_id == case))).one()
        article = (await session.exec(select(Article).limit(1))).one()
        session.add(
            Evidence(
                turn_id=turn.id,
                place=900,
                message_id=turn.wrote_id,
                article_id=article.id,
                version=1,
                heading=heading,
                score=0.5,
            )
        )


def _case_of(app: App, words: str) -> UUID:
    with sqlite3.connect(app.folder / "supportbot.db") as connection:
        found = connection.execute(
            "SELECT conversation_id FROM message WHERE content = ?", (words,)
        ).fetchone()
    return UUID(found[0])
