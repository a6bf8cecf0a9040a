"""The owner's colour reaches a page before the page is alive."""

import httpx2
import pytest
from starlette.applications import Starlette

from supportbot.house.colours import shades
from supportbot.web.look import look_routes

pytestmark = pytest.mark.anyio


async def test_the_style_sheet_has_what_is_in_effect_when_it_is_asked_for() -> None:
    colour = "#1d4ed8"
    app = Starlette(routes=look_routes(lambda: colour))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://look") as browser:
        first = await browser.get("/look.css")
        known = {"if-none-match": first.headers["etag"]}
        again = await browser.get("/look.css", headers=known)
        colour = ""
        changed = await browser.get("/look.css", headers=known)

    assert (first.status_code, first.text) == (200, shades("#1d4ed8").stylesheet())
    assert first.headers["content-type"].startswith("text/css")
    assert (again.status_code, again.text) == (304, "")
    assert (changed.status_code, changed.text) == (200, shades("").stylesheet())
