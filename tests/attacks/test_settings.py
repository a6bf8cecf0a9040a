"""Settings are for admins, whatever an agent or a stranger fires; and no secret ever comes out of them."""

import asyncio
import re
from secrets import token_urlsafe
from typing import Any

import pytest

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.house import versions
from supportbot.ids import now
from supportbot.models import Staff, StaffRole
from supportbot.staff import invitations
from tests.attacks.handlers import ADMIN_HANDLERS, PEOPLE, SENDING, VERSIONS, WELCOME
from tests.attacks.test_handlers import _rows
from tests.people import signed_in
from tests.servers.app import App
from tests.servers.raw_socket import RawPage

pytestmark = pytest.mark.anyio

PASSWORD = "canary-password-4711"
SECRET = "whsec_" + "Y2FuYXJ5" * 4
PAGES = (
    *("/settings", "/settings/hours", "/settings/replies", "/settings/look", "/settings/limits"),
    "/settings/search",
    *("/settings/sending", "/settings/people", "/settings/versions", "/account"),
)


async def with_secrets(app: App, role: StaffRole) -> tuple[Database, Staff, str]:
    """A server that knows a password and a secret, and somebody signed in."""
    database = Database(f"sqlite+aiosqlite:///{app.folder}/supportbot.db")
    staff = Staff(
        email=f"{token_urlsafe(6)}@acme.example",
        name="Alex",
        role=role,
        password_hash="!",
        seen_at=now(),
    )
    canary = Staff(email=f"canary-{token_urlsafe(6)}@acme.example", name="Canary", password_hash="!")
    async with database.transaction() as session:
        session.add_all([staff, canary])
    over = (await versions.newest(database, "sending")).version
    content = {
        "mail_host": "mail.canary.example",
        "mail_user": "canary-user",
        "mail_password": PASSWORD,
        "mail_from": "support@acme.example",
        "webhook_url": "https://hooks.canary.example",
        "webhook_secret": SECRET,
    }
    await versions.save(database, MemoryLive(), "sending", content, None, over=over)
    return database, staff, await signed_in(database, staff)


def contents(app: App) -> dict[str, list[Any]]:
    tables = ("setting", "picture", "staff_link")
    kept = {table: _rows(app, f"SELECT * FROM {table} ORDER BY 1") for table in tables}
    # What the desk is told of customers who wait has nothing to do with this, and comes at any moment.
    kept["outbox"] = _rows(app, "SELECT id, topic FROM outbox WHERE topic NOT LIKE 'handoff%' ORDER BY 1")
    people = "SELECT id, email, name, role, password_hash, picture_id, disabled_at FROM staff ORDER BY 1"
    return kept | {"staff": _rows(app, people)}


def arguments_for(handler: str, victim: str) -> dict[str, Any]:
    """What would do harm, if anything was done."""
    form = {
        "name": "Eve Ltd",
        "email": "eve@evil.example",
        "role": "admin",
        "greeting": "Hello from Eve",
        "messages_per_minute": "10000",
        "claim_within_minutes": "1",
        "mail_host": "mail.evil.example",
        "always_open": "yes",
        "time_zone": "UTC",
    }
    known: dict[str, Any] = {"form": form, "person": victim, "role": "admin", "version": 0, "of": "sending"}
    return {
        name: known.get(name, 1 if name in ("weekday", "by") else victim) for name in ADMIN_HANDLERS[handler]
    }


@pytest.mark.parametrize("who", ["an agent", "a stranger"])
async def test_whoever_is_no_admin_learns_and_changes_nothing(plain_app: App, who: str) -> None:
    database, agent, cookie = await with_secrets(plain_app, StaffRole.AGENT)
    await database.close()
    before = contents(plain_app)

    headers = {"Cookie": cookie} if who == "an agent" else {}

    async def everything_from(path: str) -> None:
        async with RawPage(plain_app.socket_url, path=path, headers=headers) as page:
            await page.hydrate()
            for handler in ADMIN_HANDLERS:
                await page.fire(handler, **arguments_for(handler, str(agent.id)))
            await page.settle(0.5)
            # Not the name of a customer whom another test has called so.
            assert not re.search(r"canary[-.@]|canary\.example", page.everything.lower())
            assert "whsec_" not in page.everything

    await asyncio.gather(*map(everything_from, PAGES[:-1]))
    assert contents(plain_app) == before


async def test_no_secret_reaches_even_an_admin(plain_app: App) -> None:
    database, _, cookie = await with_secrets(plain_app, StaffRole.ADMIN)
    over = (await versions.newest(database, "sending")).version
    await versions.save(database, MemoryLive(), "sending", {"mail_password": PASSWORD + "2"}, None, over=over)

    for path in PAGES:
        async with RawPage(plain_app.socket_url, path=path, headers={"Cookie": cookie}) as page:
            await page.hydrate()
            await page.settle(0.3)
            if path.endswith("sending"):
                assert page.vars["has_password"] is True
                assert page.vars["mail_user"] == "canary-user"
                form = {"mail_host": "mail.canary.example", "mail_port": "x", "mail_password": PASSWORD}
                await page.fire(f"{SENDING}.save", form=form)
                await page.fire(f"{SENDING}.typed", form=form)
            if path.endswith("versions"):
                await page.fire(f"{VERSIONS}.show", of="sending")
                await page.fire(f"{VERSIONS}.compare", version=over)
                await page.until(lambda page=page: page.vars.get("changes"))
            await page.settle(0.3)
            assert PASSWORD not in page.everything
            assert SECRET not in page.everything
            assert "password_hash" not in page.everything

    await versions.restore(database, MemoryLive(), "sending", 0, None)
    await database.close()


async def test_a_link_is_told_once_to_whoever_made_it_and_to_nobody_who_opens_it(plain_app: App) -> None:
    database, admin, cookie = await with_secrets(plain_app, StaffRole.ADMIN)
    email = f"{token_urlsafe(6).lower()}@acme.example"
    async with RawPage(plain_app.socket_url, path="/settings/people", headers={"Cookie": cookie}) as page:
        await page.hydrate()
        await page.fire(f"{PEOPLE}.invite", form={"email": email, "name": "Noor", "role": "agent"})
        await page.until(lambda: page.vars.get("link"))
        token = page.vars["link"].rpartition("/")[2]

    async with RawPage(plain_app.socket_url, path="/settings/people", headers={"Cookie": cookie}) as page:
        await page.hydrate()
        await page.until(lambda: email in page.everything)
        assert token not in page.everything
    async with RawPage(plain_app.socket_url, path=f"/welcome/{token}") as page:
        await page.hydrate()
        await page.fire(f"{WELCOME}.open")
        await page.until(lambda: page.vars.get("standing") == "invite")
        assert page.vars["email"] == email
    assert token not in plain_app.log
    assert await invitations.look(database, token) is not None
    assert admin.email not in token

    await versions.restore(database, MemoryLive(), "sending", 0, None)
    await database.close()
