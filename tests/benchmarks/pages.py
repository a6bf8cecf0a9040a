"""`make bench`: what we claim, measured side by side in one run.

So far: what the customer's page weighs, beside a bare Reflex page built with the same tools.
"""

import asyncio
import json
import shutil
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from playwright.async_api import Response, async_playwright

from tests.servers.app import running_app

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]

RESULTS = Path(__file__).parent / "results"
"""Where the figures are written besides being printed; not part of the repository."""

BARE_APP = """
import reflex as rx

app = rx.App()
app.add_page(lambda: rx.el.main(rx.el.h1("Hello")), route="/")
"""
BARE_CONFIG = """
import reflex as rx

config = rx.Config(app_name="bare", telemetry_enabled=False, plugins=[], show_built_with_reflex=False,
                   disable_plugins=[rx.plugins.SitemapPlugin])
"""


@dataclass
class Weight:
    """What one page transfers, in kilobytes of 1,000 bytes, compressed as sent."""

    page: str
    kilobytes: float
    requests: int
    first_paint_ms: float


async def weigh(name: str, url: str) -> Weight:
    """Load a page in an empty browser and add up what the network carried."""
    async with async_playwright() as playwright:
        program = shutil.which("chromium")
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        page = await browser.new_page()
        responses: list[Response] = []
        page.on("response", lambda response: responses.append(response))
        await page.goto(url, wait_until="networkidle")
        sizes = [await response.request.sizes() for response in responses]
        paint = await page.evaluate(
            "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
        )
        await browser.close()
    total = sum(size["responseBodySize"] + size["responseHeadersSize"] for size in sizes)
    return Weight(name, round(total / 1000, 1), len(sizes), round(paint))


def bare_app(folder: Path) -> Path:
    """Write a Reflex app with one heading, as small as they come."""
    (folder / "bare").mkdir(parents=True)
    (folder / "bare" / "__init__.py").touch()
    (folder / "bare" / "bare.py").write_text(BARE_APP)
    (folder / "rxconfig.py").write_text(BARE_CONFIG)
    return folder


async def main() -> None:
    """Measure, print a table and write the same as JSON."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        rows: list[Weight] = []
        with running_app(folder / "ours") as app:
            rows.append(await weigh("the customer's page", app.url + "/"))
            rows.append(await weigh("the sign-in page", app.url + "/sign-in"))
        with running_app(folder / "bare_run", root=bare_app(folder / "bare_app"), ready="/ping") as app:
            rows.append(await weigh("a bare Reflex page", app.url + "/"))
    print(f"{'page':24}{'KB':>8}{'requests':>10}{'first paint ms':>16}")
    for row in rows:
        print(f"{row.page:24}{row.kilobytes:8.1f}{row.requests:10}{row.first_paint_ms:16.0f}")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "pages.json").write_text(json.dumps([asdict(row) for row in rows], indent=2))


if __name__ == "__main__":
    asyncio.run(main())
