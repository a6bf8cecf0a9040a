"""Every public method of a State can be called by anyone on the internet, with anything."""

import asyncio
import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest

from supportbot.database import Database
from supportbot.ids import now
from supportbot.migrations import ROOT
from supportbot.models import Channel, Outbox, Staff
from tests.attacks.handlers import CUSTOMER_HANDLERS, STAFF_HANDLERS
from tests.people import signed_in
from tests.servers.app import App
from tests.servers.raw_socket import CASE, CHAT, OUTBOX, QUEUE, STATE, RawPage

pytestmark = pytest.mark.anyio

UPDATE_VARS = f"{STATE}.reflex___state____update_vars_internal_state.update_vars_internal"
NONSENSE: list[Any] = [
    {"a": {"b": []}},
    [1, [2]],
    None,
    17,
    -0.5,
    True,
    "x" * 20_000,
    "'; DROP TABLE message; --",
]

HANDLERS = CUSTOMER_HANDLERS | STAFF_HANDLERS
AT_ONCE = 8
"""Sockets that are tried beside each other: most of their time is waiting for what must not come."""


def _state_of(handler: str) -> str:
    return handler.rpartition(".")[0].rpartition(".")[2]


def test_the_list_of_handlers_is_complete(tmp_path: Path) -> None:
    script = (
        "import json, supportbot.supportbot\n"
        "from reflex_base.registry import RegistrationContext\n"
        "print(json.dumps(sorted(RegistrationContext.get().event_handlers)))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin:/bin",
            "DATABASE_URL": f"sqlite:///{tmp_path}/unused.db",
            "HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    handlers = json.loads(printed.stdout.splitlines()[-1])
    # `setvar` comes with every state; the guard lets none of them through.
    ours = {name for name in handlers if ".supportbot___" in name and not name.endswith(".setvar")}

    assert ours == HANDLERS.keys()
    # What Reflex itself adds; a new version that adds more must be looked at.
    assert {name.rpartition(".")[2] for name in handlers} - {name.rpartition(".")[2] for name in ours} <= {
        "hydrate",
        "hydrate_and_load",
        "on_load_internal",
        "set_is_hydrated",
        "update_vars_internal",
        "handle_frontend_exception",
        "setvar",
    }


async def test_an_anonymous_socket_gets_nothing_from_any_staff_handler(plain_app: App) -> None:
    victim = await _a_conversation(plain_app, "My canary-message-4711 is private.")
    plain_app.command("staff", "add", "canary-staff@acme.example", "--name", "Canary Person")
    before = _contents(plain_app)

    async def everything_from(path: str) -> None:
        async with RawPage(plain_app.socket_url, path=path) as page:
            await page.hydrate()
            for handler, arguments in STAFF_HANDLERS.items():
                await page.fire(handler, **{argument: {"message": "I am staff"} for argument in arguments})
            await page.settle(1)
            assert "canary" not in page.everything.lower()
            assert not page.vars.get("rows")

    await asyncio.gather(*map(everything_from, ("/escalations", f"/escalations/{victim}", "/outbox")))
    assert _contents(plain_app) == before


async def test_an_agent_learns_and_changes_nothing_of_the_outbox(plain_app: App) -> None:
    database = Database(f"sqlite+aiosqlite:///{plain_app.folder}/supportbot.db")
    agent = Staff(email=f"{token_urlsafe(6)}@acme.example", name="Alex", password_hash="!")
    canary = Outbox(
        key=token_urlsafe(8),
        channel=Channel.MAIL,
        topic="t",
        recipient="canary@acme.example",
        failed_at=now(),
    )
    async with database.transaction() as session:
        session.add_all([agent, canary])
    cookie = await signed_in(database, agent)
    await database.close()
    before = _contents(plain_app, signs_of_life=False)

    async with RawPage(plain_app.socket_url, path="/outbox", headers={"Cookie": cookie}) as page:
        await page.hydrate()
        await page.until(lambda: page.vars.get("allowed") is False)
        for handler in ("send_again", "drop"):
            await page.fire(f"{OUTBOX}.{handler}", message=str(canary.id))
        for handler in ("send_all_again", "undo", "follow", "open"):
            await page.fire(f"{OUTBOX}.{handler}")
        await page.settle(1)
        assert "canary" not in page.everything
        assert "Only admins" in page.vars["notice"]

    assert _contents(plain_app, signs_of_life=False) == before


async def test_nothing_of_anybody_else_reaches_an_anonymous_hydrate(plain_app: App) -> None:
    victim = await _a_conversation(plain_app, "My canary-hydrate-0815 is private.")

    for path in ("/", "/sign-in", "/escalations", f"/escalations/{victim}", f"/c/{victim}", "/c/nonsense"):
        async with RawPage(plain_app.socket_url, path=path, visitor=token_urlsafe(32)) as page:
            await page.hydrate()
            await page.settle(0.3)
            assert "canary" not in page.everything


async def test_charlie_can_do_nothing_in_somebody_elses_conversation(plain_app: App) -> None:
    victim = await _a_conversation(plain_app, "I am Alice and this is mine.")
    before = _contents(plain_app)

    async with RawPage(plain_app.socket_url, path=f"/c/{victim}", visitor=token_urlsafe(32)) as charlie:
        await charlie.hydrate()
        assert charlie.vars["missing"] is True
        message = _first_message(plain_app, victim)
        for handler in ("stop", "try_again", "keep_place", "no_longer_needed", "load_earlier", "typing"):
            await charlie.fire(f"{CHAT}.{handler}")
        await charlie.fire(f"{CHAT}.rate", message=message, value=1)
        await charlie.fire(f"{CHAT}.complain", form={"message": message, "complaint": "incorrect"})
        await charlie.fire(f"{CHAT}.seen")
        await charlie.fire(f"{CHAT}.correct_brief", form={"brief": "Please give Charlie the money."})
        await charlie.fire(f"{CHAT}.leave_address", form={"email": "charlie@example.com"})
        await charlie.settle(1)
        assert "I am Alice" not in charlie.everything
        assert "could not find" in charlie.vars["notice"]

    assert _contents(plain_app) == before


@pytest.mark.parametrize("state", sorted({_state_of(handler) for handler in HANDLERS}))
async def test_the_handlers_of_a_state_survive_any_arguments(plain_app: App, state: str) -> None:
    handlers = [handler for handler in HANDLERS if _state_of(handler) == state]
    turns = asyncio.Semaphore(AT_ONCE)

    async def told_by(handler: str) -> list[str]:
        async with turns:
            return await _leaks_of(plain_app, handler)

    leaks = await asyncio.gather(*(told_by(handler) for handler in handlers))
    assert {handler: found for handler, found in zip(handlers, leaks, strict=True) if found} == {}
    async with RawPage(plain_app.socket_url, path="/", visitor=token_urlsafe(32)) as page:
        await page.hydrate()
        assert page.vars["ready"] is True


async def _leaks_of(app: App, handler: str) -> list[str]:
    """What a page is told, of all that nobody may be told, when a handler is called with anything."""
    arguments = HANDLERS[handler]
    async with RawPage(app.socket_url, path="/", visitor=token_urlsafe(32)) as page:
        await page.hydrate()
        for argument in arguments:
            for value in NONSENSE:
                await page.fire(handler, **{**dict.fromkeys(arguments, "x"), argument: value})
        await page.fire(handler, **dict.fromkeys(arguments, "x"), unheard_of={"of": 1})
        await page.fire(handler)
        await page.settle(1)
        leaks = ("Traceback", "Error:", "supportbot/", "TypeError", "sqlalchemy")
        return [leak for leak in leaks if leak in page.everything]


async def test_a_bad_address_leaves_no_empty_conversation_behind(plain_app: App) -> None:
    before = _rows(plain_app, "SELECT count(*) FROM conversation")
    async with RawPage(plain_app.socket_url, path="/", visitor=token_urlsafe(32)) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.ask_for_person", form={"name": "Alice", "email": "not an address"})
        await page.until(lambda: "e-mail address" in (page.vars.get("notice") or ""))

    assert _rows(plain_app, "SELECT count(*) FROM conversation") == before


async def test_a_page_cannot_make_itself_staff_by_forging_vars(plain_app: App) -> None:
    async with RawPage(plain_app.socket_url, path="/escalations") as page:
        await page.hydrate()
        forged = {
            f"{QUEUE}.me_rx_state_": "Sam",
            f"{CASE}.mine_rx_state_": True,
            f"{QUEUE}.rows_rx_state_": [],
        }
        await page.fire(UPDATE_VARS, vars=forged)
        await page.fire(f"{QUEUE}.setvar", var_name="me", value="Sam")
        await page.fire(f"{QUEUE}.show", shown="open")
        await page.settle()

        assert page.vars.get("me") in ("", None)
        assert not page.vars.get("mine")
        assert not page.vars.get("rows")


async def test_only_what_the_browser_keeps_can_be_set_from_it(plain_app: App) -> None:
    async with RawPage(plain_app.socket_url, visitor=token_urlsafe(32)) as page:
        await page.hydrate()
        changed = token_urlsafe(32)
        await page.fire(
            UPDATE_VARS, vars={f"{CHAT}.visitor_rx_state_": changed, f"{CHAT}.conversation_rx_state_": "x"}
        )
        await page.until(lambda: changed in page.everything)  # so the name of the handler is right

        assert page.vars.get("conversation") in ("", None)


async def _a_conversation(app: App, words: str) -> str:
    """Somebody else's conversation: its id."""
    async with RawPage(app.socket_url, visitor=token_urlsafe(32)) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.send", form={"message": words, "client_key": token_urlsafe(8)})
        await page.until(lambda: "/c/" in page.everything)
    found = _rows(app, "SELECT conversation_id FROM message WHERE content = ?", words)
    async with asyncio.timeout(20):
        while not _rows(
            app, "SELECT 1 FROM turn WHERE conversation_id = ? AND ended_at IS NOT NULL", found[0][0]
        ):
            await asyncio.sleep(0.1)
    return _uuid(found[0][0])


def _first_message(app: App, conversation: str) -> str:
    found = _rows(app, "SELECT id FROM message WHERE conversation_id = ?", conversation.replace("-", ""))
    return _uuid(found[0][0])


def _contents(app: App, *, signs_of_life: bool = True) -> dict[str, list[Any]]:
    """All that a stranger must not be able to change. An open page of the desk gives signs of life."""
    tables = (
        *("conversation", "conversation_guest", "message", "handoff", "rating", "marked_wrong"),
        *("article", "gap"),
        *("staff", "staff_session", "outbox", "mail_link"),
    )
    found = {table: _rows(app, f"SELECT * FROM {table} ORDER BY 1") for table in tables}
    if not signs_of_life:
        columns = [name for _, name, *_ in _rows(app, "PRAGMA table_info(staff)") if name != "seen_at"]
        found["staff"] = _rows(app, f"SELECT {', '.join(columns)} FROM staff ORDER BY 1")
    return found


def _rows(app: App, query: str, *values: Any) -> list[Any]:
    with sqlite3.connect(app.folder / "supportbot.db") as connection:
        return connection.execute(query, values).fetchall()


def _uuid(text: str) -> str:
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
