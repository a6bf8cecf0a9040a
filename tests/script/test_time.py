"""Times as the viewer's own browser says them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page

from supportbot.ui.components import time

pytestmark = [pytest.mark.anyio, pytest.mark.browser]
NOW = "2026-03-04T15:30:00Z"


@asynccontextmanager
async def clock_in(
    chromium: Browser, timezone: str = "Europe/Berlin", locale: str = "en-GB"
) -> AsyncIterator[Page]:
    """A page of a viewer elsewhere, at a fixed moment."""
    context = await chromium.new_context(timezone_id=timezone, locale=locale)
    page = await context.new_page()
    await page.set_content("<html lang=en></html>")
    await page.clock.set_fixed_time(NOW)
    yield page
    await context.close()


async def said(page: Page, expression: object, *arguments: object) -> object:
    return await page.evaluate(f"(given) => ({expression!s})(...given)", list(arguments))


async def test_the_clock_shows_the_viewers_zone_in_the_viewers_way(chromium: Browser) -> None:
    async with clock_in(chromium) as page:
        assert await said(page, time.CLOCK, "2026-03-04T13:05:00+00:00") == "14:05"
    async with clock_in(chromium, "America/New_York", "en-US") as page:
        words = await said(page, time.CLOCK, "2026-03-04T13:05:00+00:00")
        assert str(words).split() == ["8:05", "AM"]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-03-04T00:10:00+00:00", "today"),
        ("2026-03-03T23:10:00+00:00", "today"),  # past midnight in Berlin
        ("2026-03-03T22:50:00+00:00", "yesterday"),
        ("2026-03-01T12:00:00+00:00", "Sunday 1 March"),
        ("2025-12-24T12:00:00+00:00", "Wednesday 24 December 2025"),
    ],
)
async def test_a_day_is_named_as_people_would(chromium: Browser, at: str, day: str) -> None:
    async with clock_in(chromium) as page:
        assert str(await said(page, time.DAY, at, "today", "yesterday")).replace(",", "") == day


async def test_words_are_in_the_pages_language_whatever_the_browser_speaks(chromium: Browser) -> None:
    async with clock_in(chromium, locale="de-DE") as page:
        assert "March" in str(await said(page, time.DAY, "2026-03-01T12:00:00+00:00", "t", "y"))
        assert "Sunday" in str(await said(page, time.EXACT, "2026-03-01T12:00:00+00:00"))


async def test_days_change_at_the_viewers_midnight(chromium: Browser) -> None:
    before, after = "2026-03-03T22:59:00+00:00", "2026-03-03T23:01:00+00:00"
    async with clock_in(chromium) as page:
        assert await said(page, time.SAME_DAY, after, before) is False
    async with clock_in(chromium, "Etc/UTC") as page:
        assert await said(page, time.SAME_DAY, after, before) is True
        assert await said(page, time.SAME_DAY, after, "") is False
