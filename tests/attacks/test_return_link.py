"""Somebody else's link from a mail, at a raw socket: what it tells, and what a guest may not do."""

from datetime import timedelta
from secrets import token_urlsafe
from typing import Any

import pytest
from sqlmodel import select

from supportbot.access import token_hash
from supportbot.conversations import return_links
from supportbot.conversations.guests import let_in
from supportbot.conversations.transcript import Browser, start
from supportbot.conversations.visitors import introduce
from supportbot.database import Database
from supportbot.ids import now
from supportbot.models import Conversation, ConversationGuest, MailLink, Visitor
from tests.people import says
from tests.servers.app import App
from tests.servers.raw_socket import CHAT, RETURN_LINK, RawPage

pytestmark = pytest.mark.anyio

ADDRESS = "alice.canary@example.com"


async def mailed(app: App) -> tuple[Database, Conversation, str, str]:
    """A conversation, the token of the browser it is in, and the token of a link to it."""
    database = Database(f"sqlite+aiosqlite:///{app.folder}/supportbot.db")
    owner = token_urlsafe(32)
    conversation = await start(database, token_hash(owner), Browser())
    await says(database, conversation.id, "My canary-link-4711 is private.")
    await introduce(database, conversation.visitor_id, "Alice Canary", ADDRESS)
    async with database.transaction() as session:
        row = await session.get_one(Conversation, conversation.id)
        link = await return_links.make(session, row, ADDRESS, now())
    assert link is not None
    return database, conversation, owner, link


async def row(database: Database) -> list[dict[str, Any]]:
    async with database.reading() as session:
        return [one.model_dump() for one in (await session.exec(select(MailLink))).all()]


async def test_a_stranger_with_the_link_gets_nothing_on_the_wire(plain_app: App) -> None:
    database, conversation, _, link = await mailed(plain_app)
    before = await row(database)

    async with RawPage(plain_app.socket_url, path=f"/r/{link}", visitor=token_urlsafe(32)) as charlie:
        await charlie.hydrate()
        await charlie.until(lambda: charlie.vars.get("standing") == "asks")
        assert charlie.vars["address"] == "a•••@e•••.com"
        await charlie.fire(f"{RETURN_LINK}.enter_code", form={"code": "123456"})
        await charlie.until(lambda: "not right" in (charlie.vars.get("notice") or ""))
        await charlie.fire(f"{RETURN_LINK}.send_code")
        await charlie.until(lambda: "cannot send mail" in (charlie.vars.get("notice") or ""))
        await charlie.settle()
        assert "canary" not in charlie.everything.lower()
        assert str(conversation.id) not in charlie.everything

    (after,) = [one for one in await row(database) if one["conversation_id"] == conversation.id]
    assert after["code_tries"] == 1
    assert after == {**before[-1], "code_tries": 1}
    async with database.reading() as session:
        assert (await session.exec(select(ConversationGuest))).all() == []
    await database.close()
    assert link not in plain_app.log


async def test_the_owner_is_sent_to_the_conversation_and_a_forged_address_is_over(plain_app: App) -> None:
    database, conversation, owner, link = await mailed(plain_app)

    async with RawPage(plain_app.socket_url, path=f"/r/{link}", visitor=owner) as alice:
        await alice.hydrate()
        await alice.until(lambda: f"/c/{conversation.id}" in alice.everything)
    for path in (f"/r/{link}", "/r/nonsense", "/r/" + "x" * 5_000, "/r/%00", "/r/" + token_urlsafe(32)):
        async with RawPage(plain_app.socket_url, path=path, visitor=token_urlsafe(32)) as charlie:
            await charlie.hydrate()
            await charlie.until(lambda page=charlie: page.vars.get("standing") == "over")
            assert "canary" not in charlie.everything.lower()
    await database.close()


async def test_a_guest_cannot_turn_the_owners_mail_to_themselves(plain_app: App) -> None:
    """The address of whoever began a conversation is the way into all their conversations."""
    database, conversation, _, _ = await mailed(plain_app)
    guest = token_urlsafe(32)
    async with database.transaction() as session:
        await let_in(session, conversation, token_hash(guest), ADDRESS, now() - timedelta(hours=1))

    async with RawPage(plain_app.socket_url, path=f"/c/{conversation.id}", visitor=guest) as page:
        await page.hydrate()
        assert "canary-link-4711" in page.everything
        form = {"name": "Mallory", "email": "mallory@example.com"}
        await page.fire(f"{CHAT}.ask_for_person", form=form)
        await page.until(lambda: page.vars.get("owner") == "waiting")
        await page.fire(f"{CHAT}.leave_address", form={"email": "mallory@example.com"})
        await page.until(lambda: "browser that began" in (page.vars.get("notice") or ""))
        assert ADDRESS not in page.everything

    async with database.reading() as session:
        owner = await session.get_one(Visitor, conversation.visitor_id)
        assert (owner.name, owner.email) == ("Alice Canary", ADDRESS)
    await database.close()
