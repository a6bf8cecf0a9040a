"""Files for an import come from admins only, in bounded amounts, and their names mean nothing to us."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from sqlalchemy import text
from sqlmodel import col, select
from starlette.applications import Starlette

from supportbot.database import Database
from supportbot.house.sections import Limits
from supportbot.knowledge import import_runs
from supportbot.models import ImportRun, ImportUpload
from supportbot.settings import Settings
from supportbot.usage.rate_limits import RateLimits
from supportbot.web import imports
from supportbot.web.headers import SecurityHeaders
from supportbot.web.imports import IMPORTS_PER_MINUTE, MOST_FILES, NOT_NOW, import_routes
from tests.people import alex, sam, signed_in

pytestmark = pytest.mark.anyio

SITE = "http://support.example.com"
PATH = "/staff/articles/import"


class Jobs:
    """Remembers which jobs were to hurry."""

    def __init__(self) -> None:
        self.hurried: list[str] = []

    async def hurry(self, name: str) -> None:
        self.hurried.append(name)


@dataclass
class Desk:
    database: Database
    settings: Settings
    rate_limits: RateLimits
    scheduler: Jobs = field(default_factory=Jobs)


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return Desk(database, settings, RateLimits(Limits))


@pytest.fixture
async def browser(desk: Any) -> AsyncIterator[httpx2.AsyncClient]:
    app = SecurityHeaders(Starlette(routes=import_routes(lambda: desk)), script_hashes=[])
    transport = httpx2.ASGITransport(app, client=("192.0.2.7", 5000))
    async with httpx2.AsyncClient(transport=transport, base_url=SITE, headers={"Origin": SITE}) as client:
        yield client


@pytest.fixture
async def cookie(database: Database) -> str:
    return await signed_in(database, await sam(database))


async def post(
    browser: httpx2.AsyncClient,
    cookie: str,
    *files: tuple[str, bytes],
    data: dict[str, str] | None = None,
    **headers: str,
) -> httpx2.Response:
    return await browser.post(
        PATH,
        data=data or {},
        files=[("files", (name, content, "application/octet-stream")) for name, content in files]
        or {"nothing": (None, "")},
        headers={"Cookie": cookie, **headers},
    )


async def kept(database: Database) -> list[tuple[str, bytes]]:
    query = select(ImportUpload).order_by(col(ImportUpload.run_id), col(ImportUpload.place))
    async with database.reading() as session:
        return [(one.name, one.content) for one in await session.exec(query)]


async def test_an_admin_begins_an_import_and_it_is_taken_up_at_once(
    browser: httpx2.AsyncClient, database: Database, desk: Desk, cookie: str
) -> None:
    files = (("a.md", b"# A"), ("b.pdf", b"%PDF"))
    answer = await post(browser, cookie, *files, data={"collection": " My  help "})

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    async with database.reading() as session:
        run = (await session.exec(select(ImportRun))).one()
    assert (answer.json(), run.collection) == ({"id": str(run.id)}, "My help")
    assert await kept(database) == list(files)
    assert desk.scheduler.hurried == [import_runs.JOB]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Just words.", ("how-to-pay.md", b"# How to <pay>\n\nJust words.")),
        ("# Its own\n\nWords.", ("how-to-pay.md", b"# Its own\n\nWords.")),
        (
            "<p>Tags.</p>",
            ("how-to-pay.html", b"<title>How to &lt;pay&gt;</title><body><p>Tags.</p></body>"),
        ),
    ],
)
async def test_a_page_that_was_pasted_is_a_file_like_any_other(
    browser: httpx2.AsyncClient, database: Database, cookie: str, text: str, expected: tuple[str, bytes]
) -> None:
    answer = await post(browser, cookie, data={"title": "How to <pay>", "text": text})

    assert answer.status_code == 200
    assert await kept(database) == [expected]


async def test_strangers_agents_and_other_sites_leave_nothing(
    browser: httpx2.AsyncClient, database: Database, cookie: str
) -> None:
    agent = await signed_in(database, await alex(database))
    file = ("a.md", b"# A")

    assert (await post(browser, "", file)).status_code == 401
    refused = await post(browser, agent, file)
    assert (refused.status_code, "Only admins" in refused.text) == (400, True)
    evil = await post(browser, cookie, file, Origin="https://evil.example")
    assert (evil.status_code, "access-control-allow-origin" in evil.headers) == (403, False)
    assert (await browser.options(PATH, headers={"Origin": "https://evil.example"})).status_code == 403
    assert (await browser.get(PATH, headers={"Cookie": cookie})).status_code == 405
    assert await kept(database) == []


async def test_in_development_pages_of_another_port_may_read_the_answer(desk: Any, cookie: str) -> None:
    port = "http://localhost:3000"
    app = Starlette(routes=import_routes(lambda: desk, frozenset({port})))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=SITE) as client:
        asked = await client.options(PATH, headers={"Origin": port})
        answer = await post(client, cookie, ("a.md", b"# A"), Origin=port)

    assert (asked.status_code, answer.status_code) == (204, 200)
    for one in (asked, answer):
        assert one.headers["access-control-allow-origin"] == port
        assert one.headers["access-control-allow-credentials"] == "true"


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("../../etc/passwd.md", "passwd.md"),
        ("C:\\help\\a.md", "a.md"),
        ("/etc/cron.d/x.md", "x.md"),
        ("a\u202edm.exe.md", "adm.exe.md"),
        ("x" * 1_000 + ".md", "x" * 197 + ".md"),
    ],
)
async def test_a_name_is_only_a_name(
    browser: httpx2.AsyncClient, database: Database, cookie: str, sent: str, name: str
) -> None:
    await post(browser, cookie, (sent, b"# A"))

    assert await kept(database) == [(name, b"# A")]


@pytest.mark.parametrize(
    ("files", "data", "sentence"),
    [
        ((), {}, "Please choose files, or paste a page."),
        ((), {"title": "A"}, "Please choose files, or paste a page."),
        ((), {"text": "A"}, "Please give the page a title."),
        ((("a.md", b""),), {}, "There is nothing in what you have chosen."),
        ((("a.md", b"# A"),), {"collection": "written-here"}, "“written-here” is kept for"),
        ((("a.md", b"x"),) * (MOST_FILES + 1), {}, f"Please choose at most {MOST_FILES} files"),
        ((), {"title": "A", "text": "x" * 2_100_000}, "The text is longer than 2 MB."),
    ],
)
async def test_what_is_nothing_or_too_much_is_refused_with_a_sentence(
    browser: httpx2.AsyncClient,
    database: Database,
    cookie: str,
    files: tuple[tuple[str, bytes], ...],
    data: dict[str, str],
    sentence: str,
) -> None:
    answer = await post(browser, cookie, *files, data=data)

    assert answer.status_code == 400
    assert answer.text.startswith(sentence)
    assert await kept(database) == []


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"files=x", "application/x-www-form-urlencoded"),
        (b"--x\r\n", "multipart/form-data; boundary=x"),
        (b"x" * 5_000, "multipart/form-data"),
        (b"{}", "application/json"),
        (b"", ""),
    ],
)
async def test_a_form_that_is_none_is_refused(
    browser: httpx2.AsyncClient, database: Database, cookie: str, body: bytes, media_type: str
) -> None:
    answer = await browser.post(PATH, content=body, headers={"Cookie": cookie, "Content-Type": media_type})

    assert answer.status_code == 400
    assert await kept(database) == []


async def test_an_upload_without_end_is_not_waited_for(
    browser: httpx2.AsyncClient, database: Database, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "LARGEST_UPLOAD", 100_000)
    answer = await post(browser, cookie, ("a.pdf", b"x" * 200_000))

    assert answer.status_code == 400
    assert "larger than" in answer.text
    assert await kept(database) == []


@pytest.mark.parametrize("name", ["he\x00lp", "he\u202elp", " he\x1blp\n"])
async def test_the_name_of_a_collection_is_words(
    browser: httpx2.AsyncClient, database: Database, cookie: str, name: str
) -> None:
    answer = await post(browser, cookie, ("a.md", b"# A"), data={"collection": name})

    assert answer.status_code == 200
    async with database.reading() as session:
        assert [run.collection for run in await session.exec(select(ImportRun))] == ["help"]


async def test_what_cannot_be_stored_at_the_moment_is_said_in_words(
    browser: httpx2.AsyncClient, database: Database, cookie: str
) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(text("ALTER TABLE import_upload RENAME TO away"))
    try:
        answer = await post(browser, cookie, ("a.md", b"# A"))
    finally:
        async with database.engine.begin() as connection:
            await connection.execute(text("ALTER TABLE away RENAME TO import_upload"))

    assert (answer.status_code, answer.text) == (503, NOT_NOW)


async def test_not_too_often(browser: httpx2.AsyncClient, database: Database, cookie: str) -> None:
    answers = [
        (await post(browser, cookie, ("a.md", b"# A"))).status_code for _ in range(IMPORTS_PER_MINUTE + 1)
    ]

    assert answers == [200] * IMPORTS_PER_MINUTE + [429]
