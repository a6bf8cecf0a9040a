"""Whoever is signed out in the middle of something long gets no more of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from secrets import token_hex, token_urlsafe
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import Gap, ImportRun, ImportState, Message, Staff, StaffRole
from supportbot.staff import people
from supportbot.ui.articles.import_state import LOOK_SELDOM
from tests.attacks.handlers import COMPANY, IMPORT, PEOPLE
from tests.people import signed_in
from tests.servers.app import App
from tests.servers.claude.remote import RemoteServer
from tests.servers.claude.scripts import says
from tests.servers.raw_socket import CASE, CHAT, GAPS, RawPage

pytestmark = pytest.mark.anyio

BEGINNING, REST = "You can ask for a refund", " within canary-days."


@asynccontextmanager
async def an_admin(app: App, path: str) -> AsyncIterator[tuple[RawPage, Staff, Database]]:
    """The page of an admin who is not the only one."""
    database = Database(f"sqlite+aiosqlite:///{app.folder}/supportbot.db")
    staff, other = (
        Staff(email=f"{token_hex(6)}@acme.example", name=name, role=StaffRole.ADMIN, password_hash="!")
        for name in ("Mallory", "Sam")
    )
    async with database.transaction() as session:
        session.add_all([staff, other])
    cookie = await signed_in(database, staff)
    async with RawPage(app.socket_url, path=path, headers={"Cookie": cookie}) as page:
        await page.hydrate()
        yield page, staff, database
    await database.close()


async def a_case(app: App) -> str:
    """A conversation with one question."""
    question, token = f"How do I get my money back? {token_hex(6)}", token_urlsafe(32)
    async with RawPage(app.socket_url, visitor=token) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.send", form={"message": question, "client_key": token_urlsafe(8)})
        await page.until(lambda: "/c/" in page.everything)
    database = Database(f"sqlite+aiosqlite:///{app.folder}/supportbot.db")
    async with database.reading() as session:
        found = (await session.exec(select(Message).where(Message.content == question))).one()
    await database.close()
    return str(found.conversation_id)


async def is_closed(database: Database, staff: Staff) -> None:
    await people.close_account(database, staff, staff.id)


async def is_agent(database: Database, staff: Staff) -> None:
    await people.set_role(database, staff, staff.id, StaffRole.AGENT)


async def asked(claude: RemoteServer, count: int) -> None:
    async with asyncio.timeout(10):
        while len(await asyncio.to_thread(lambda: claude.requests)) < count:
            await asyncio.sleep(0.05)


async def test_a_draft_ends_for_somebody_whose_account_is_closed(
    claude_app: App, claude: RemoteServer
) -> None:
    claude.reset()
    case = await a_case(claude_app)
    async with an_admin(claude_app, f"/escalations/{case}") as (page, mallory, database):
        await page.until(lambda: page.vars.get("case") == case)
        await page.until(lambda: page.vars.get("streaming") is False)
        claude.enqueue(says(BEGINNING + REST, pause_after=len(BEGINNING)))
        await page.fire(f"{CASE}.draft")
        await page.until(lambda: BEGINNING[:10] in page.everything)
        # The page follows its conversation, and would notice by itself: quicker than that is the draft.
        await is_closed(database, mallory)
        claude.release()

        await page.until(lambda: "/sign-in" in page.everything)
        await page.settle(0.5)
        assert "canary" not in page.everything


async def test_an_answer_that_is_tried_ends_for_somebody_who_is_no_admin_any_more(
    claude_app: App, claude: RemoteServer
) -> None:
    claude.reset()
    async with an_admin(claude_app, "/settings") as (page, mallory, database):
        await page.until(lambda: page.vars.get("ready") is True)
        claude.enqueue(says(BEGINNING + REST, pause_after=len(BEGINNING)))
        form: dict[str, Any] = {"name": "Acme", "assistant_name": "Bo", "question": "How do refunds work?"}
        await page.fire(f"{COMPANY}.try_it", form=form)
        await page.until(lambda: BEGINNING[:10] in page.everything)
        await people.set_role(database, mallory, mallory.id, StaffRole.AGENT)
        claude.release()

        await page.until(lambda: page.vars.get("allowed") is False)
        await page.settle(0.5)
        assert "canary" not in page.everything


async def test_whoever_stops_being_an_admin_reads_no_more_of_the_people(plain_app: App) -> None:
    async with an_admin(plain_app, "/settings/people") as (page, mallory, database):
        await page.until(lambda: len(page.vars.get("rows", [])) > 1)
        late = Staff(email=f"canary-{token_hex(4)}@acme.example", name="C", password_hash="!", seen_at=now())
        async with database.transaction() as session:
            session.add(late)
        await page.fire(f"{PEOPLE}.set_role", person=str(mallory.id), role="agent")

        await page.until(lambda: page.vars.get("allowed") is False)
        assert page.vars["rows"] == []
        assert late.email not in page.everything


@pytest.mark.parametrize("demotes", [is_closed, is_agent])
async def test_whoever_stops_being_an_admin_hears_no_more_of_an_import(
    plain_app: App, demotes: Callable[[Database, Staff], Awaitable[None]]
) -> None:
    run = ImportRun(collection="spoons", state=ImportState.PLANNED)
    async with an_admin(plain_app, f"/articles/import?run={run.id}") as (page, mallory, database):
        async with database.transaction() as session:
            session.add(run)
        await page.fire(f"{IMPORT}.open")
        await page.until(lambda: "spoons" in page.everything)
        await demotes(database, mallory)
        async with database.transaction() as session:
            await session.exec(
                update(ImportRun).where(col(ImportRun.id) == run.id).values(said="canary-said")
            )

        await page.until(lambda: "/sign-in" in page.everything)
        await page.fire(f"{IMPORT}.discard")
        await page.settle(2 * LOOK_SELDOM)
        assert "canary" not in page.everything
        async with database.transaction() as session:
            assert (await session.get_one(ImportRun, run.id)).state == ImportState.PLANNED
            await session.exec(delete(ImportRun).where(col(ImportRun.id) == run.id))


async def test_whoever_is_signed_out_hears_no_more_of_the_gaps(plain_app: App) -> None:
    gap = Gap(question="canary-gap", terms="", customers=1)
    async with an_admin(plain_app, "/articles/gaps") as (page, mallory, database):
        # Loaded: what is still being read when the account is closed may yet arrive.
        await page.until(lambda: "open" in page.vars.get("counts", {}))
        await is_closed(database, mallory)
        async with database.transaction() as session:
            session.add(gap)

        await page.until(lambda: "/sign-in" in page.everything)
        await page.fire(f"{GAPS}.put_away", gap=str(gap.id))
        await page.settle(1)
        assert "canary-gap" not in page.everything
        async with database.transaction() as session:
            assert (await session.get_one(Gap, gap.id)).dismissed_at is None
            await session.exec(delete(Gap).where(col(Gap.id) == gap.id))
