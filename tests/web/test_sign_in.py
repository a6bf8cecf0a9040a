"""The two forms that set and clear the staff's cookie."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass

import httpx2
import pytest
from sqlalchemy.exc import OperationalError
from starlette.applications import Starlette

from supportbot.database import Database
from supportbot.house.sections import Limits
from supportbot.settings import Settings
from supportbot.staff import accounts
from supportbot.staff.sign_in import PLAIN_COOKIE, SECURE_COOKIE, staff_from_cookie
from supportbot.usage.rate_limits import RateLimits
from supportbot.web import sign_in as web_sign_in
from supportbot.web.sign_in import AFTER_SIGN_IN, own_path, sign_in_routes

EMAIL, PASSWORD = "sam@example.com", "correct horse battery"
SITE = "http://support.example.com"
DEVELOPMENT = "http://localhost:3000"
FORM = {"email": EMAIL, "password": PASSWORD}

pytestmark = pytest.mark.anyio


@dataclass
class Desk:
    database: Database
    settings: Settings
    rate_limits: RateLimits


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    await accounts.add(database, EMAIL, name="Sam", password=PASSWORD)
    return Desk(database, settings, RateLimits(Limits))


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    """A page of ours at SITE, which sends its Origin and follows no redirect."""
    async with browsing(desk) as client:
        yield client


def browsing(desk: Desk, site: str = SITE, origin: str | None = SITE) -> httpx2.AsyncClient:
    app = Starlette(routes=sign_in_routes(lambda: desk, frozenset({DEVELOPMENT})))
    headers = {} if origin is None else {"Origin": origin}
    transport = httpx2.ASGITransport(app, client=("192.0.2.7", 5000))
    return httpx2.AsyncClient(transport=transport, base_url=site, headers=headers)


def with_settings(desk: Desk, **changed: object) -> Desk:
    return Desk(desk.database, desk.settings.model_copy(update=changed), desk.rate_limits)


async def test_nobody_waits_at_the_door_for_ever(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_sign_in, "PATIENCE", 0.05)

    async def hangs(*_: object) -> None:
        await asyncio.sleep(3_600)

    monkeypatch.setattr(desk.rate_limits, "sign_in", hangs)
    async with browsing(desk) as browser:
        answer = await browser.post("/staff/sign-in", data=FORM)

    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/sign-in?error=unavailable")


async def test_signing_in_leads_to_the_escalations_with_a_cookie_scripts_cannot_read(
    browser: httpx2.AsyncClient, desk: Desk
) -> None:
    answer = await browser.post("/staff/sign-in", data=FORM)

    assert (answer.status_code, answer.headers["location"]) == (303, "/escalations")
    name_and_token, *attributes = answer.headers["set-cookie"].split("; ")
    assert set(attributes) == {"HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"}
    sam = await staff_from_cookie(desk.database, name_and_token, secure=False)
    assert sam is not None
    assert sam.email == EMAIL


async def test_on_https_the_cookie_is_secure_and_bound_to_the_host(desk: Desk) -> None:
    site = SITE.replace("http:", "https:")
    async with browsing(desk, site, site) as browser:
        answer = await browser.post("/staff/sign-in", data=FORM)

    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"{SECURE_COOKIE}=")
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_https_that_ends_at_a_proxy_of_ours_counts_as_https(desk: Desk) -> None:
    desk = with_settings(desk, trusted_proxy_hops=1)
    async with browsing(desk, origin=SITE.replace("http:", "https:")) as browser:
        answer = await browser.post("/staff/sign-in", data=FORM, headers={"X-Forwarded-Proto": "https"})

    assert answer.headers["location"] == "/escalations"
    assert answer.headers["set-cookie"].startswith(f"{SECURE_COOKIE}=")


async def test_a_session_lasts_as_long_as_the_settings_say(desk: Desk) -> None:
    async with browsing(with_settings(desk, staff_session_hours=2)) as browser:
        answer = await browser.post("/staff/sign-in", data=FORM)

    assert "Max-Age=7200" in answer.headers["set-cookie"]


async def test_signing_in_leads_to_the_page_that_was_wanted(browser: httpx2.AsyncClient) -> None:
    wanted = "/escalations/0190?tab=notes&x=%C3%A4#last"

    answer = await browser.post("/staff/sign-in", data={**FORM, "next": wanted})

    assert answer.headers["location"] == wanted


@pytest.mark.parametrize(
    "wanted",
    [
        *("https://evil.example", "//evil.example", "/\\evil.example", "\\/evil.example", "evil.example", ""),
        *(
            "/\t/evil.example",
            "/\n/evil.example",
            "/a\r\nSet-Cookie: x=y",
            " /a",
            "/a b",
            "javascript:alert(1)",
        ),
        *("/ä", "/" + "a" * 2_000, "/\x00", "/a\\b"),
    ],
)
async def test_no_other_place_can_be_wanted(wanted: str) -> None:
    assert own_path(wanted) == AFTER_SIGN_IN


async def test_wrong_credentials_lead_back_and_are_not_echoed(browser: httpx2.AsyncClient) -> None:
    answer = await browser.post("/staff/sign-in", data={"email": EMAIL, "password": "my secret guess"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?error=credentials")
    assert "set-cookie" not in answer.headers
    assert "secret" not in answer.text


async def test_the_page_that_was_wanted_is_remembered_over_a_mistyped_password(
    browser: httpx2.AsyncClient,
) -> None:
    form = {"email": EMAIL, "password": "mistyped", "next": "/escalations/1?a=b"}

    answer = await browser.post("/staff/sign-in", data=form)

    assert answer.headers["location"] == "/sign-in?error=credentials&next=%2Fescalations%2F1%3Fa%3Db"


@pytest.mark.parametrize(
    "form", [{}, {"email": EMAIL}, {"password": PASSWORD}, {"email": "\x00", "password": "\x00"}]
)
async def test_a_form_with_holes_is_just_wrong_credentials(
    browser: httpx2.AsyncClient, form: dict[str, str]
) -> None:
    answer = await browser.post("/staff/sign-in", data={"nothing": "", **form})

    assert answer.headers["location"] == "/sign-in?error=credentials"


async def test_after_ten_wrong_tries_even_the_right_password_waits(browser: httpx2.AsyncClient) -> None:
    for _ in range(10):
        await browser.post("/staff/sign-in", data={"email": EMAIL, "password": "a wrong guess"})

    answer = await browser.post("/staff/sign-in", data=FORM)

    url = httpx2.URL(answer.headers["location"])
    assert (answer.status_code, url.path, url.params["error"]) == (303, "/sign-in", "rate")
    assert 600 <= int(url.params["wait"]) <= 900
    assert "set-cookie" not in answer.headers


async def test_an_ipv6_network_is_one_caller(desk: Desk) -> None:
    desk = with_settings(desk, trusted_proxy_hops=1)
    async with browsing(desk) as browser:
        for number in range(11):
            answer = await browser.post(
                "/staff/sign-in",
                data={"email": f"guess{number}@example.com", "password": "a wrong guess"},
                headers={"X-Forwarded-For": f"2001:db8::{number}"},
            )

    assert "error=rate" in answer.headers["location"]


async def test_signing_in_again_ends_the_session_this_browser_had(
    browser: httpx2.AsyncClient, desk: Desk
) -> None:
    await browser.post("/staff/sign-in", data=FORM)
    before = f"{PLAIN_COOKIE}={browser.cookies[PLAIN_COOKIE]}"

    await browser.post("/staff/sign-in", data=FORM)

    assert await staff_from_cookie(desk.database, before, secure=False) is None
    after = f"{PLAIN_COOKIE}={browser.cookies[PLAIN_COOKIE]}"
    assert await staff_from_cookie(desk.database, after, secure=False)


async def test_a_cookie_planted_before_signing_in_is_not_taken_over(browser: httpx2.AsyncClient) -> None:
    planted = "A" * 43
    browser.cookies.set(PLAIN_COOKIE, planted, domain="support.example.com", path="/")

    answer = await browser.post("/staff/sign-in", data=FORM)

    assert planted not in answer.headers["set-cookie"]


async def test_signing_out_ends_the_session_and_clears_the_cookie(
    browser: httpx2.AsyncClient, desk: Desk
) -> None:
    await browser.post("/staff/sign-in", data=FORM)
    cookie = f"{PLAIN_COOKIE}={browser.cookies[PLAIN_COOKIE]}"

    answer = await browser.post("/staff/sign-out", data={"": ""})

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert 'supportbot_staff=""; ' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert await staff_from_cookie(desk.database, cookie, secure=False) is None


async def test_signing_out_without_being_signed_in_is_no_error(browser: httpx2.AsyncClient) -> None:
    answer = await browser.post("/staff/sign-out", data={"": ""})

    assert answer.headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/staff/sign-in", "/staff/sign-out"])
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://support.example.com.evil.example", None]
)
async def test_no_other_site_can_post_for_somebody(desk: Desk, path: str, origin: str | None) -> None:
    async with browsing(desk, origin=origin) as browser:
        answer = await browser.post(path, data=FORM)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_browser_that_sends_no_origin_may_say_same_origin_otherwise(desk: Desk) -> None:
    async with browsing(desk, origin=None) as browser:
        answer = await browser.post("/staff/sign-in", data=FORM, headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.headers["location"] == "/escalations"


async def test_in_development_the_way_leads_back_to_the_port_of_the_pages(desk: Desk) -> None:
    async with browsing(desk, "http://localhost:8000", DEVELOPMENT) as browser:
        there = await browser.post("/staff/sign-in", data=FORM)
        wrong = await browser.post("/staff/sign-in", data={**FORM, "password": "a wrong guess"})
        out = await browser.post("/staff/sign-out", data={"": ""})

    assert there.headers["location"] == f"{DEVELOPMENT}/escalations"
    assert wrong.headers["location"] == f"{DEVELOPMENT}/sign-in?error=credentials"
    assert out.headers["location"] == f"{DEVELOPMENT}/sign-in"


async def test_an_origin_from_the_settings_is_one_of_ours(desk: Desk) -> None:
    listed = "https://help.example.org"
    desk = with_settings(desk, allowed_origins=frozenset({listed}))
    async with browsing(desk, origin=listed) as browser:
        answer = await browser.post("/staff/sign-in", data=FORM)

    assert answer.headers["location"] == f"{listed}/escalations"
    assert answer.headers["set-cookie"].startswith(f"{SECURE_COOKIE}=")


@pytest.mark.parametrize("path", ["/staff/sign-in", "/staff/sign-out"])
async def test_only_small_ordinary_posts_are_read(browser: httpx2.AsyncClient, path: str) -> None:
    answers = [
        await browser.get(path),
        await browser.put(path, data=FORM),
        await browser.post(path, json=FORM),
        await browser.post(path, files={"email": b"x"}),
        await browser.post(path, content=b"email=x"),
        await browser.post(path, data={"email": "x" * 10_000}),
    ]

    assert [answer.status_code for answer in answers] == [405, 405, 415, 415, 415, 413]


async def test_a_form_of_a_thousand_fields_is_not_read(browser: httpx2.AsyncClient) -> None:
    answer = await browser.post("/staff/sign-in", data={f"f{number}": "" for number in range(1_000)} | FORM)

    assert answer.headers["location"] == "/sign-in?error=credentials"


async def test_no_answer_is_ever_stored_by_a_cache(browser: httpx2.AsyncClient) -> None:
    answers = [
        await browser.get("/staff/sign-in"),
        await browser.post("/staff/sign-in", data=FORM),
        await browser.post("/staff/sign-in", data={}, headers={"Origin": "null"}),
        await browser.post("/staff/sign-out", data={"": ""}),
    ]

    assert {answer.headers["cache-control"] for answer in answers} == {"no-store"}


async def test_the_log_names_the_account_but_no_secret_and_no_forged_line(
    browser: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "supportbot.web.sign_in")

    await browser.post("/staff/sign-in", data=FORM)
    await browser.post("/staff/sign-in", data={"email": "x@y\r\nINFO forged\x1b[2J", "password": "guess one"})
    await browser.post("/staff/sign-in", data={"email": PASSWORD, "password": "guess two"})

    assert caplog.messages == [
        "Signed in: sam@example.com from 192.0.2.7",
        "Sign-in refused, wrong credentials: (no e-mail address) from 192.0.2.7",
        "Sign-in refused, wrong credentials: (no e-mail address) from 192.0.2.7",
    ]


async def test_a_database_that_is_away_is_said_on_the_page(
    browser: httpx2.AsyncClient, desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def away() -> None:
        raise OperationalError("SELECT 1", {}, Exception("secret details"))

    monkeypatch.setattr(desk.database, "reading", away)

    answer = await browser.post("/staff/sign-in", data=FORM)

    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?error=unavailable")
    assert "secret" not in caplog.text
