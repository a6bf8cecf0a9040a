"""Accepting an invitation, or choosing another password: a plain form post, because it sets the cookie."""

import logging
from collections.abc import Callable
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from supportbot.desk import Desk
from supportbot.errors import NotFound, RateLimited, Refused
from supportbot.staff import invitations
from supportbot.staff.accounts import LONGEST_NAME, valid_name
from supportbot.staff.passwords import LONGEST, SHORTEST
from supportbot.staff.sign_in import sign_out
from supportbot.web.addresses import address_group
from supportbot.web.sign_in import (
    AFTER_SIGN_IN,
    METHODS,
    Fields,
    SignInDesk,
    admit,
    caller,
    keep_cookie,
    to_page,
)

log = logging.getLogger(__name__)

TRIES = 10
"""Tries a minute from one address: guessing 256 bits is hopeless, hashing passwords for it is not free."""


def welcome_routes(
    desk_getter: Callable[[], Desk], allowed_origins: frozenset[str] = frozenset()
) -> list[Route]:
    """`POST /staff/welcome` (token, name, password, again): signs in, or goes back to the link's page."""

    async def endpoint(request: Request) -> Response:
        desk = desk_getter()

        async def accept(request: Request, _door: SignInDesk, fields: Fields) -> Response:
            return await _accept(request, desk, fields)

        response = await admit(request, desk, allowed_origins | desk.settings.allowed_origins, accept)
        response.headers["Cache-Control"] = "no-store"
        return response

    return [Route("/staff/welcome", endpoint, methods=METHODS)]


async def _accept(request: Request, desk: Desk, fields: Fields) -> Response:
    token, password = fields.get("token", ""), fields.get("password", "")
    name = fields.get("name")
    secure, address = caller(request, desk)
    hours = desk.settings.staff_session_hours
    if not token.isascii() or len(token) > 100:
        return PlainTextResponse(invitations.OVER, 400)
    try:
        await desk.rate_limits.generic("welcome", address_group(address), TRIES)
        if (wrong := _wrong(name, password, fields.get("again", ""))) is not None:
            return _back(request, desk, token, wrong, name)
        staff, cookie = await invitations.accept(desk.database, token, name, password, hours=hours)
    except RateLimited:
        log.warning("A link was not opened, too many tries from %s", address)
        return _back(request, desk, token, "rate", name)
    except NotFound:
        log.warning("A link that cannot be used was tried from %s", address)
        return _back(request, desk, token, "over", None)
    except Refused:
        return _back(request, desk, token, "password", name)
    log.info("A link was accepted by %s from %s", staff.id, address)
    await sign_out(desk.database, request.headers.get("cookie"), secure=secure)
    response = to_page(request, desk, AFTER_SIGN_IN)
    keep_cookie(response, cookie, hours=hours, secure=secure)
    return response


def _wrong(name: str | None, password: str, again: str) -> str | None:
    """What is wrong with the form, by the page's word for it; the link is left as it is."""
    if name is not None:
        try:
            valid_name(name)
        except Refused:
            return "name"
    if not SHORTEST <= len(password) <= LONGEST:
        return "password"
    return None if password == again else "again"


def _back(request: Request, desk: Desk, token: str, error: str, name: str | None) -> Response:
    """The page of the link, which says what is wrong. The name was typed and is kept; no password is."""
    query = {"error": error} | ({"name": name[:LONGEST_NAME]} if name else {})
    return to_page(request, desk, f"{invitations.PATH}{quote(token)}?{urlencode(query, quote_via=quote)}")
