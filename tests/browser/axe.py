"""What keeps people out of a page, as axe-core finds it."""

from importlib.resources import files
from typing import Any

from playwright.async_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()


async def barriers(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that are broken, each with the elements that break it."""
    await page.evaluate(AXE)
    # A colour on its way to another one is neither.
    await page.evaluate("() => Promise.all(document.getAnimations().map(one => one.finished.catch(() => 0)))")
    found: Any = await page.evaluate("() => axe.run()")
    assert found["passes"]
    return [(one["id"], [node["html"] for node in one["nodes"]]) for one in found["violations"]]
