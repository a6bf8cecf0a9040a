"""Pictures come from staff only, and nothing but pictures the product shows goes out."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlmodel import select
from starlette.applications import Starlette

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.house import versions
from supportbot.house.current import House
from supportbot.house.image_files import LARGEST_FILE
from supportbot.house.kept_pictures import CHOSEN_WITHIN, keep
from supportbot.house.sections import Limits, Sections
from supportbot.ids import now
from supportbot.models import Picture
from supportbot.settings import Settings
from supportbot.staff import profile
from supportbot.usage.rate_limits import RateLimits
from supportbot.web.headers import SecurityHeaders
from supportbot.web.pictures import UPLOADS_PER_MINUTE, picture_routes
from tests.house.test_image_files import jpeg, png, webp
from tests.people import alex, sam, signed_in

pytestmark = pytest.mark.anyio

SITE = "http://support.example.com"


@dataclass
class Desk:
    database: Database
    settings: Settings
    rate_limits: RateLimits
    house: House


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return Desk(database, settings, RateLimits(Limits), House(database, Sections.beginning(settings)))


@pytest.fixture
async def browser(desk: Any) -> AsyncIterator[httpx2.AsyncClient]:
    app = SecurityHeaders(Starlette(routes=picture_routes(lambda: desk)), script_hashes=[])
    transport = httpx2.ASGITransport(app, client=("192.0.2.7", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url=SITE, headers={"Origin": SITE}) as client:
        yield client


async def upload(
    browser: httpx2.AsyncClient,
    cookie: str = "",
    content: bytes | None = None,
    *,
    use: str = "portrait",
    name: str = "me.png",
    media_type: str = "image/png",
    **headers: str,
) -> httpx2.Response:
    return await browser.post(
        "/staff/pictures",
        data={"use": use},
        files={"file": (name, png() if content is None else content, media_type)},
        headers={"Cookie": cookie, **headers},
    )


async def test_a_stranger_leaves_no_picture(browser: httpx2.AsyncClient, database: Database) -> None:
    answer = await upload(browser)

    assert answer.status_code == 401
    assert await kept(database) == []


async def test_another_site_leaves_none_either(browser: httpx2.AsyncClient, database: Database) -> None:
    cookie = await signed_in(database, await sam(database))
    for origin in ("https://evil.example", "null"):
        assert (await upload(browser, cookie, Origin=origin)).status_code == 403

    assert await kept(database) == []


async def test_the_logo_is_for_admins(browser: httpx2.AsyncClient, database: Database) -> None:
    agent, admin = await alex(database), await sam(database)

    refused = await upload(browser, await signed_in(database, agent), use="logo")
    taken = await upload(browser, await signed_in(database, admin), use="logo")

    assert (refused.status_code, taken.status_code) == (400, 200)
    assert "Only admins" in refused.text
    assert len(await kept(database)) == 1


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script>",
        b"",
        png()[:30],
        png() + b"\0" * LARGEST_FILE,
        b"\0" * 2_000_000,
    ],
)
async def test_whatever_it_is_called_it_must_be_a_small_picture(
    browser: httpx2.AsyncClient, database: Database, content: bytes
) -> None:
    answer = await upload(browser, await signed_in(database, await sam(database)), content)

    assert answer.status_code == 400
    assert answer.text.startswith(("Please choose", "The picture is larger"))
    assert await kept(database) == []


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"file=x", "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"x" * 5_000, "multipart/form-data"),
        (b"{}", "application/json"),
        (b"", ""),
    ],
)
async def test_a_form_that_is_none_is_refused(
    browser: httpx2.AsyncClient, database: Database, body: bytes, media_type: str
) -> None:
    cookie = await signed_in(database, await sam(database))
    answer = await browser.post(
        "/staff/pictures", content=body, headers={"Cookie": cookie, "Content-Type": media_type}
    )

    assert answer.status_code == 400


async def test_only_post_and_not_too_often(browser: httpx2.AsyncClient, database: Database) -> None:
    cookie = await signed_in(database, await alex(database))
    assert (await browser.get("/staff/pictures", headers={"Cookie": cookie})).status_code == 405

    answers = [(await upload(browser, cookie)).status_code for _ in range(UPLOADS_PER_MINUTE + 1)]

    assert answers == [200] * UPLOADS_PER_MINUTE + [429]


@pytest.mark.parametrize(
    ("content", "media_type"), [(png(), "image/png"), (jpeg(), "image/jpeg"), (webp(), "image/webp")]
)
async def test_a_portrait_is_shown_to_everybody_and_kept_for_ever(
    browser: httpx2.AsyncClient, database: Database, content: bytes, media_type: str
) -> None:
    agent = await alex(database)
    uploaded = await upload(browser, await signed_in(database, agent), content, media_type="text/html")
    identity = uploaded.json()["id"]
    await profile.set_picture(database, agent.id, UUID(identity))

    answer = await browser.get(f"/pictures/{identity}")

    assert (answer.status_code, answer.content) == (200, content)
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]


async def test_what_nobody_uses_is_for_staff_only(
    browser: httpx2.AsyncClient, desk: Desk, database: Database
) -> None:
    admin = await sam(database)
    cookie = await signed_in(database, admin)
    identity = (await upload(browser, cookie, use="logo")).json()["id"]

    assert (await browser.get(f"/pictures/{identity}")).status_code == 404
    preview = await browser.get(f"/pictures/{identity}", headers={"Cookie": cookie})
    assert (preview.status_code, preview.headers["cache-control"]) == (200, "no-store")

    await versions.save(database, MemoryLive(), "look", {"logo": identity}, admin, over=0)
    await desk.house.refresh()
    assert (await browser.get(f"/pictures/{identity}")).status_code == 200


NOBODYS = "01a21876-596f-769f-bcb4-803943317e8d"


@pytest.mark.parametrize("path", [NOBODYS, "nonsense", "..%2f..%2fetc%2fpasswd", "x" * 3_000, "%00"])
async def test_anything_else_is_not_found(browser: httpx2.AsyncClient, path: str) -> None:
    assert (await browser.get(f"/pictures/{path}")).status_code == 404


async def test_unused_pictures_are_forgotten_but_not_those_of_earlier_versions(database: Database) -> None:
    admin = await sam(database)
    old_logo, portrait, unused, fresh = [await keep(database, png()) for _ in range(4)]
    await versions.save(database, MemoryLive(), "look", {"logo": str(old_logo)}, admin, over=0)
    await versions.save(database, MemoryLive(), "look", {"logo": None}, admin, over=1)
    await profile.set_picture(database, admin.id, portrait)
    async with database.transaction() as session:
        for one in await session.exec(select(Picture).where(Picture.id != fresh)):
            one.created_at = now() - CHOSEN_WITHIN - timedelta(minutes=1)

    newest = await keep(database, png())

    assert set(await kept(database)) == {old_logo, portrait, fresh, newest}
    assert unused not in await kept(database)


async def kept(database: Database) -> list[UUID]:
    async with database.reading() as session:
        return list(await session.exec(select(Picture.id)))
