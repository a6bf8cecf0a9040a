"""The form behind a link of an invitation: it signs in, and says no more than it must."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from supportbot.database import Database
from supportbot.house.sections import Limits
from supportbot.models import StaffRole
from supportbot.settings import Settings
from supportbot.staff import invitations
from supportbot.staff.sign_in import staff_from_cookie
from supportbot.usage.rate_limits import RateLimits
from supportbot.web.welcome import TRIES, welcome_routes
from tests.people import sam

pytestmark = pytest.mark.anyio

SITE = "http://support.example.com"
PASSWORD = "a short sentence"


@dataclass
class Desk:
    database: Database
    settings: Settings
    rate_limits: RateLimits


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return Desk(database, settings, RateLimits(Limits))


@pytest.fixture
async def browser(desk: Any) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(
        Starlette(routes=welcome_routes(lambda: desk)), client=("192.0.2.7", 5000)
    )
    async with httpx2.AsyncClient(transport=transport, base_url=SITE, headers={"Origin": SITE}) as client:
        yield client


@pytest.fixture
async def token(database: Database) -> str:
    made = await invitations.invite(
        database, await sam(database), "noor@acme.example", "Noor", StaffRole.AGENT
    )
    return made.url.rpartition("/")[2]


def form(token: str, **changed: str) -> dict[str, str]:
    return {"token": token, "name": "Noor Haddad", "password": PASSWORD, "again": PASSWORD} | changed


async def test_it_signs_in_with_a_cookie_scripts_cannot_read(
    browser: httpx2.AsyncClient, desk: Desk, token: str
) -> None:
    answer = await browser.post("/staff/welcome", data=form(token))

    assert (answer.status_code, answer.headers["location"]) == (303, "/escalations")
    assert answer.headers["cache-control"] == "no-store"
    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert {"HttpOnly", "SameSite=lax"} <= set(attributes)
    noor = await staff_from_cookie(desk.database, cookie, secure=False)
    assert noor is not None
    assert noor.name == "Noor Haddad"


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"again": "something else"}, "again"),
        ({"password": "short", "again": "short"}, "password"),
        ({"name": "  "}, "name"),
    ],
)
async def test_what_is_wrong_leads_back_without_the_password(
    browser: httpx2.AsyncClient, desk: Desk, token: str, changed: dict[str, str], error: str
) -> None:
    answer = await browser.post("/staff/welcome", data=form(token, **changed))

    location = answer.headers["location"]
    assert location.startswith(f"/welcome/{token}?error={error}")
    assert "password=" not in location
    assert "set-cookie" not in answer.headers
    assert await invitations.look(desk.database, token) is not None


async def test_used_and_unknown_links_are_answered_alike(browser: httpx2.AsyncClient, token: str) -> None:
    await browser.post("/staff/welcome", data=form(token))

    for link in (token, "x" * 43):
        answer = await browser.post("/staff/welcome", data=form(link))
        assert answer.headers["location"] == f"/welcome/{link}?error=over"
    for link in ("/\\evil.example", "../sign-in", "é", "x" * 5_000):
        answer = await browser.post("/staff/welcome", data=form(link))
        assert answer.status_code == 400 or answer.headers["location"].startswith("/welcome/")


async def test_another_site_cannot_send_it(browser: httpx2.AsyncClient, desk: Desk, token: str) -> None:
    for origin in ("https://evil.example", "null"):
        answer = await browser.post("/staff/welcome", data=form(token), headers={"Origin": origin})
        assert answer.status_code == 403

    assert await invitations.look(desk.database, token) is not None


async def test_guessing_is_limited(browser: httpx2.AsyncClient, token: str) -> None:
    for _ in range(TRIES):
        await browser.post("/staff/welcome", data=form("x" * 43))

    answer = await browser.post("/staff/welcome", data=form(token))

    assert "error=rate" in answer.headers["location"]
