"""Somebody brings a help centre in: sees what would change, imports it, and is told what was left out."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect
from sqlmodel import select

from supportbot.database import Database
from supportbot.models import Article, ArticleState, StaffRole
from tests.browser.test_settings import colleague
from tests.files import archive, pdf
from tests.servers.app import App

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

WITHIN = 60_000
"""Milliseconds for a job that is begun within seconds, on a machine that does much else."""


async def test_an_archive_is_uploaded_looked_at_and_imported(
    chromium: Browser, plain_app: App, tmp_path: Path
) -> None:
    packed = tmp_path / "harbour.zip"
    packed.write_bytes(
        archive(
            {
                "harbour/moorings.md": "# Moorings\n\nSee [tides](tides.html). ![map](map.png)",
                "harbour/tides.html": "<nav>Menu</nav><main><h1>Tides</h1><p>Twice a day.</p></main>",
                "harbour/rules.pdf": pdf(
                    ["The rules of the harbour are few and friendly."], title="Harbour rules"
                ),
                "harbour/faq.csv": "question,answer\nMay I fish from the pier?,On Sundays.\n",
                "harbour/torn.pdf": b"%PDF-1.4 torn in two",
                "harbour/map.png": b"png",
            }
        )
    )
    async with colleague(chromium, plain_app) as (page, database):
        await page.goto(plain_app.url + "/articles/import")
        await page.get_by_label("Choose files").set_input_files(packed)
        await expect(page.get_by_text(re.compile("harbour.zip, . KB"))).to_be_visible()
        await page.get_by_role("button", name="See what would change").first.click()

        await expect(page.get_by_text("Nothing is changed yet.")).to_be_visible(timeout=WITHIN)
        await expect(page).to_have_url(re.compile(r"/articles/import/?\?run="))
        for title in ("Moorings", "Tides", "Harbour rules", "May I fish from the pier?"):
            await expect(listed(page, "added").get_by_text(title, exact=True)).to_be_visible()
        await expect(listed(page, "skipped")).to_contain_text("torn.pdf")
        await expect(listed(page, "skipped")).to_contain_text("It is broken, or no PDF.")
        await expect(page.get_by_label("These files are the whole collection")).to_be_checked()
        assert await published(database, "harbour") == []

        await page.reload()  # what was worked out is still there
        keep = page.get_by_label("Keep the sample articles")
        await keep.click()
        await expect(keep).to_be_checked(timeout=WITHIN)
        await page.get_by_role("button", name="Import", exact=True).click()

        await expect(page.get_by_text("Imported into harbour.")).to_be_visible(timeout=WITHIN)
        await expect(listed(page, "skipped")).to_contain_text("torn.pdf")
        await expect(listed(page, "pictures")).to_contain_text("moorings.md")
        assert len(await published(database, "harbour")) == 4
        assert await published(database, "acme-sample") != []

        # Single files add and update; only those of a whole collection may retire.
        await page.get_by_role("link", name="Import something else").click()
        await expect(page.get_by_role("link", name=re.compile("harbour"))).to_be_visible()
        await page.get_by_text("Or paste a page").click()
        await page.get_by_label("Collection").fill("harbour")
        await page.get_by_label("Title").fill("Night moorings")
        await page.get_by_label("Text", exact=True).fill("Light a <b>lamp</b>.")
        await page.get_by_role("button", name="See what would change").last.click()
        await expect(listed(page, "added").get_by_text("Night moorings")).to_be_visible(timeout=WITHIN)
        whole = page.get_by_label("These files are the whole collection")
        await expect(whole).not_to_be_checked()
        await expect(listed(page, "retired")).to_have_count(0)
        await whole.click()
        await expect(listed(page, "retired")).to_contain_text("Moorings", timeout=WITHIN)
        await page.get_by_role("button", name="Discard").click()
        await expect(page.get_by_text("Discarded. Nothing was changed.")).to_be_visible()
        assert len(await published(database, "harbour")) == 4


async def test_what_is_refused_is_said_and_what_was_typed_stays(chromium: Browser, plain_app: App) -> None:
    async with colleague(chromium, plain_app) as (page, _):
        await page.goto(plain_app.url + "/articles/import")
        await page.get_by_role("button", name="See what would change").first.click()
        await expect(page.get_by_role("alert").first).to_have_text("Please choose files first.")

        await page.get_by_text("Or paste a page").click()
        await page.get_by_label("Text", exact=True).fill("Words without a title.")
        await page.get_by_role("button", name="See what would change").last.click()
        await expect(page.get_by_text("Please give the page a title.")).to_be_visible()
        await expect(page.get_by_label("Text", exact=True)).to_have_value("Words without a title.")


async def test_an_agent_is_told_that_imports_are_for_admins(chromium: Browser, plain_app: App) -> None:
    async with colleague(chromium, plain_app, StaffRole.AGENT) as (page, _):
        await page.goto(plain_app.url + "/articles/import")
        await expect(page.get_by_text("Only admins can import articles.")).to_be_visible()


def listed(page: Page, name: str) -> Locator:
    """One of the lists of a plan or a report."""
    return page.locator(f'[data-list="{name}"]')


async def published(database: Database, collection: str) -> list[str]:
    query = select(Article.title).where(
        Article.collection == collection, Article.state == ArticleState.PUBLISHED
    )
    async with database.reading() as session:
        return list(await session.exec(query))
