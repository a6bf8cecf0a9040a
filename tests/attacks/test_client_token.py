"""The token in a socket's address is no key: whoever presents it again begins with an empty page."""

import sqlite3
import urllib.parse
import urllib.request
from secrets import token_urlsafe
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.servers.app import App
from tests.servers.raw_socket import CHAT, STATE, RawPage

pytestmark = pytest.mark.anyio

PASSWORD = "a-long-enough-password"


async def test_nobody_inherits_a_conversation_or_the_right_to_write_in_it(plain_app: App) -> None:
    token, visitor = str(uuid4()), token_urlsafe(32)
    conversation = await _a_conversation(plain_app, visitor, "My canary-inherit-1 is private.")
    async with RawPage(
        plain_app.socket_url, path=f"/c/{conversation}", visitor=visitor, token=token
    ) as alice:
        await alice.hydrate()
        assert "canary-inherit-1" in alice.everything

    async with RawPage(plain_app.socket_url, path=f"/c/{conversation}", token=token) as charlie:
        await charlie.send("40/_event,{}")  # connected without loading anything, so without a visitor
        await charlie.fire(f"{CHAT}.send", form={"message": "canary-hijack", "client_key": "1"})
        await charlie.fire(f"{CHAT}.load_earlier")
        await charlie.fire(f"{STATE}.hydrate")
        await charlie.settle(1)

        assert "canary-inherit-1" not in charlie.everything
        assert not _rows(plain_app, "SELECT 1 FROM message WHERE content = 'canary-hijack'")


@pytest.mark.parametrize("next_path", ["/", "/sign-in", "/escalations"])
async def test_nobody_inherits_a_staff_page(plain_app: App, next_path: str) -> None:
    token = str(uuid4())
    conversation = await _a_conversation(plain_app, token_urlsafe(32), "My canary-inherit-2 is private.")
    async with RawPage(
        plain_app.socket_url,
        path=f"/escalations/{conversation}",
        headers={"Cookie": _signed_in(plain_app)},
        token=token,
    ) as staff:
        await staff.hydrate()
        assert "canary-inherit-2" in staff.everything

    async with RawPage(plain_app.socket_url, path=next_path, token=token) as charlie:
        await charlie.hydrate()
        await charlie.settle()
        assert "canary-inherit-2" not in charlie.everything


async def _a_conversation(app: App, visitor: str, words: str) -> UUID:
    async with RawPage(app.socket_url, visitor=visitor) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.send", form={"message": words, "client_key": token_urlsafe(8)})
        await page.until(lambda: "/c/" in page.everything)
    newest = "SELECT conversation_id FROM message WHERE content = ? ORDER BY created_at DESC"
    return UUID(_rows(app, newest, words)[0][0])


def _signed_in(app: App) -> str:
    """The cookie of a member of staff."""
    email = f"{token_urlsafe(6).lower()}@acme.example"
    app.command("staff", "add", email, "--password-stdin", typed=PASSWORD)
    form = urllib.parse.urlencode({"email": email, "password": PASSWORD}).encode()
    request = urllib.request.Request(app.url + "/staff/sign-in", data=form, headers={"Origin": app.url})
    with urllib.request.build_opener(_Stay).open(request) as answer:
        return str(answer.headers["Set-Cookie"]).partition(";")[0]


class _Stay(urllib.request.HTTPRedirectHandler):
    def http_error_303(self, req: Any, fp: Any, code: int, msg: str, headers: Any) -> Any:
        """The answer itself, and not the page it leads to."""
        return fp


def _rows(app: App, query: str, *values: Any) -> list[Any]:
    with sqlite3.connect(app.folder / "supportbot.db") as connection:
        return connection.execute(query, values).fetchall()
