"""`/look.css`: the owner's colour as a style sheet, so that a page has it before it is alive."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from supportbot.house.colours import shades


def look_routes(colour: Callable[[], str]) -> list[Route]:
    """The style sheet, asked for again with every page and answered with 304 while nothing is different.

    Args:
        colour: Says what is in effect, at the moment of asking.
    """

    async def look(request: Request) -> Response:
        # The colour itself is the tag: what is made of it is the same everywhere.
        tag = f'"{colour().lstrip("#") or "own"}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(shades(colour()).stylesheet(), media_type="text/css", headers=headers)

    return [Route("/look.css", look)]
