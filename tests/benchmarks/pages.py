"""What a page weighs and asks of a browser, also while 1,000 tokens stream in, beside a bare Reflex page."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from playwright.async_api import Browser, CDPSession, Page, Response, async_playwright, expect

from tests.benchmarks import answers
from tests.benchmarks.arena import Arena
from tests.benchmarks.figures import Figure
from tests.conftest import CHROMIUM_FLAGS, browser_program
from tests.servers.app import App, running_app

PART = "pages"
LOADS = 3
TOKENS = 1_000
SECONDS = TOKENS * answers.PACE
HELP = "a help page"
MOST_OF_HELP = 60
"""Kilobytes a help page may weigh, with its style sheets and logo."""
LAST = "the end of it"
"""The last words that stream, so that everybody knows when it is over."""

BARE_APP = f'''
import asyncio

import reflex as rx


class Words(rx.State):
    text: str = ""

    @rx.event(background=True)
    async def stream(self):
        for frame in range({round(SECONDS / 0.05)}):
            await asyncio.sleep(0.05)
            async with self:
                self.text += "some more words "
        async with self:
            self.text += "{LAST}"


def page() -> rx.Component:
    return rx.el.main(
        rx.el.h1("Hello"), rx.el.button("Stream", on_click=Words.stream), rx.el.p(Words.text, role="log")
    )


app = rx.App()
app.add_page(page, route="/")
'''
BARE_CONFIG = """
import reflex as rx

config = rx.Config(app_name="bare", telemetry_enabled=False, plugins=[], show_built_with_reflex=False,
                   disable_plugins=[rx.plugins.SitemapPlugin])
"""
WATCH_LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver(list => list.getEntries().forEach(task => window.longTasks.push(task.duration)))
    .observe({entryTypes: ["longtask"]});
"""


@dataclass
class Load:
    """What loading a page took. Bytes are counted as sent, compressed."""

    kilobytes: float
    requests: int
    first_paint_ms: float


@dataclass
class Strain:
    """What the browser did while the words streamed in."""

    script_seconds: float
    long_tasks: list[float]


async def measure(arena: Arena) -> list[Figure]:
    """Load and stream in one browser, our pages and then a bare one."""
    arena.upstream.reset()
    text = f"{answers.prose(TOKENS)} {LAST}"
    arena.upstream.says(text, pace=answers.PACE)
    bare_root = _write_bare_app(arena.folder / "bare_app")
    async with _browser() as browser:
        loads = {
            "the customer's page": await _load(browser, arena.app.url + "/"),
            "the sign-in page": await _load(browser, arena.app.url + "/sign-in"),
            HELP: await _load(browser, arena.app.url + "/help/how-to-get-a-refund"),
        }
        strains = {"the customer's page": await _stream(browser, arena.app, _ask)}
        with running_app(arena.folder / "bare", root=bare_root, ready="/ping") as bare:
            loads["a bare Reflex page"] = await _load(browser, bare.url + "/")
            strains["a bare Reflex page"] = await _stream(browser, bare, _press)
    figures: list[Figure] = []
    for name, load in loads.items():
        figures += [
            Figure(
                PART, f"{name}: transferred", load.kilobytes, "KB", MOST_OF_HELP if name == HELP else None
            ),
            Figure(PART, f"{name}: requests", load.requests),
            Figure(PART, f"{name}: first paint", load.first_paint_ms, "ms"),
        ]
    for name, strain in strains.items():
        bar = 0 if name == "the customer's page" else None
        streaming = f"{name}, {TOKENS:,} tokens in {SECONDS:.0f} s"
        figures += [
            Figure(PART, f"{streaming}: script", strain.script_seconds, "s"),
            Figure(PART, f"{streaming}: long tasks", len(strain.long_tasks), "", bar),
            Figure(PART, f"{streaming}: the longest", max(strain.long_tasks, default=0), "ms"),
        ]
    return figures


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=browser_program(), args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()


async def _load(browser: Browser, url: str) -> Load:
    """Load a page in an empty context, a few times; the medians."""
    loads = [await _load_once(browser, url) for _ in range(LOADS)]
    return Load(
        median(load.kilobytes for load in loads),
        round(median(load.requests for load in loads)),
        median(load.first_paint_ms for load in loads),
    )


async def _load_once(browser: Browser, url: str) -> Load:
    page = await browser.new_page()
    responses: list[Response] = []
    page.on("response", lambda response: responses.append(response))
    await page.goto(url, wait_until="networkidle")
    sizes = [await response.request.sizes() for response in responses]
    paint = await page.evaluate(
        "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    )
    await page.close()
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    return Load(total / 1000, len(sizes), paint)


async def _stream(browser: Browser, app: App, begin: Callable[[Page], Awaitable[None]]) -> Strain:
    page = await browser.new_page()
    await page.add_init_script(WATCH_LONG_TASKS)
    await page.goto(app.url, wait_until="networkidle")
    session = await page.context.new_cdp_session(page)
    await session.send("Performance.enable")
    await begin(page)
    # Asking may load a page of its own; what counts begins with the answer.
    await expect(page.get_by_role("log")).to_contain_text("words" if begin is _press else answers.OPENING)
    await page.evaluate("() => { window.longTasks.length = 0 }")
    before = await _script_seconds(session)
    await expect(page.get_by_role("log")).to_contain_text(LAST, timeout=3_000 * SECONDS)
    spent = await _script_seconds(session) - before
    long_tasks = await page.evaluate("() => window.longTasks")
    await page.close()
    return Strain(spent, long_tasks)


async def _ask(page: Page) -> None:
    composer = page.get_by_role("textbox", name="Message", exact=True)
    await composer.fill("How do I get a refund?")
    await composer.press("Enter")


async def _press(page: Page) -> None:
    await page.get_by_role("button", name="Stream").click()


async def _script_seconds(session: CDPSession) -> float:
    metrics = (await session.send("Performance.getMetrics"))["metrics"]
    return next(float(metric["value"]) for metric in metrics if metric["name"] == "ScriptDuration")


def _write_bare_app(folder: Path) -> Path:
    """A Reflex app with one heading and one streaming paragraph, as small as they come."""
    (folder / "bare").mkdir(parents=True)
    (folder / "bare" / "__init__.py").touch()
    (folder / "bare" / "bare.py").write_text(BARE_APP)
    (folder / "rxconfig.py").write_text(BARE_CONFIG)
    return folder
