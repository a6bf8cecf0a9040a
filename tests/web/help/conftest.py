"""A help centre of a few articles, and a browser without JavaScript that looks at it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from starlette.applications import Starlette

from supportbot.database import Database
from supportbot.house.sections import Company, Limits, Look, Sections
from supportbot.knowledge.importing import import_folder
from supportbot.knowledge.retrieval import Retrieval
from supportbot.settings import Settings
from supportbot.usage.rate_limits import RateLimits
from supportbot.web.help.routes import help_routes

LOGO = UUID("0192f0c1-2345-7abc-8def-0123456789ab")

FILES = {
    "refunds/how-to.md": (
        "---\ntitle: How to get a refund\ndescription: Within 30 days.\n---\n"
        "# How to get a refund\n\nWithin 30 days.\n\n"
        "## How long it takes\n\nSee [the plans](../plans.md) and [below](#how-long-it-takes) "
        "and [us](https://example.com).\n\n### By card\n\n| A | B |\n|---|--:|\n| 1 | 2 |\n\n"
        "## Who to ask\n\nThe owner of the workspace.\n"
    ),
    "refunds/cancel.md": "# Cancel your plan\n\nText",
    "plans.md": "# Plans <b>&amp;</b> prices\n\n<script>alert(1)</script>\n\nText with `<b>`.",
    "arabic.md": "---\ntitle: استرداد\nlang: ar\n---\n\nنص",
}


@dataclass(frozen=True)
class House:
    """What the owner has set."""

    now: Sections = field(
        default_factory=lambda: Sections(company=Company(name="Bolt & Sons"), look=Look(logo=LOGO))
    )


@dataclass(frozen=True)
class HelpDesk:
    """What the help pages need of a desk."""

    settings: Settings
    database: Database
    retrieval: Retrieval
    rate_limits: RateLimits
    house: House = field(default_factory=House)


@pytest.fixture
def desk(settings: Settings, database: Database) -> HelpDesk:
    return HelpDesk(settings, database, Retrieval(database), RateLimits(Limits))


@pytest.fixture
async def browser(desk: HelpDesk) -> AsyncIterator[httpx.AsyncClient]:
    async with browser_at(desk) as client:
        yield client


@pytest.fixture
async def help_center(database: Database, tmp_path: Path) -> None:
    await publish(database, tmp_path, FILES)


def browser_at(desk: HelpDesk, site: str = "http://help.example") -> httpx.AsyncClient:
    app = Starlette(routes=help_routes(lambda: desk))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=site)


async def publish(database: Database, folder: Path, files: dict[str, str]) -> None:
    """Import these files as the whole help centre."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    await import_folder(database, folder)
