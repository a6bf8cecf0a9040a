"""Staff sign in and out with plain form posts: only an answer to one can set a cookie scripts cannot read."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from typing import Protocol
from urllib.parse import parse_qs, quote, urlencode

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import Scope

from supportbot.database import Database
from supportbot.errors import NotSignedIn, RateLimited
from supportbot.settings import Settings
from supportbot.staff.accounts import normal_email
from supportbot.staff.sign_in import SignInLimits, cookie_name, sign_in, sign_out
from supportbot.web.addresses import address_group, client_address
from supportbot.web.origins import request_origin, request_site, same_origin_post

log = logging.getLogger(__name__)

SIGN_IN_PAGE = "/sign-in"
AFTER_SIGN_IN = "/escalations"
LONGEST_FORM = 10_000
PATIENCE = 10.0
"""Seconds somebody waits at the door before they are told to try again."""
FORM = "application/x-www-form-urlencoded"

# Browsers read "//" and "/\" as another host, and drop tabs and line breaks before they look.
_OWN_PATH = re.compile(r"/(?![/\\])[!-\[\]-~]{0,1999}", re.ASCII)
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


class SignInDesk(Protocol):
    """What signing in needs of the desk."""

    @property
    def database(self) -> Database:
        """Where accounts and sessions are."""

    @property
    def settings(self) -> Settings:
        """For the proxy hops, the allowed origins and the hours a session lasts."""

    @property
    def rate_limits(self) -> SignInLimits:
        """Counts the tries."""


Fields = dict[str, str]
Action = Callable[[Request, SignInDesk, Fields], Awaitable[Response]]


def sign_in_routes(
    desk_getter: Callable[[], SignInDesk], allowed_origins: frozenset[str] = frozenset()
) -> list[Route]:
    """`POST /staff/sign-in` (email, password, next) and `POST /staff/sign-out`.

    Both answer with a redirect to a page. They take forms only from this server's own pages, from the
    origins in the settings, and from `allowed_origins`: in development pages come from another port.
    """

    def door(action: Action) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            desk = desk_getter()
            response = await admit(request, desk, allowed_origins | desk.settings.allowed_origins, action)
            response.headers["Cache-Control"] = "no-store"
            return response

        return endpoint

    return [
        Route("/staff/sign-in", door(_sign_in), methods=METHODS),
        Route("/staff/sign-out", door(_sign_out), methods=METHODS),
    ]


def page_is_secure(scope: Scope, trusted_hops: int) -> bool:
    """Whether the page that sent this request is on https: it decides which cookie to look for.

    Its Origin says so best, because a proxy may end the https without telling us.
    """
    origin = request_origin(scope)
    return (origin or request_site(scope, trusted_hops)[0] + "://").lower().startswith("https://")


def own_path(wanted: str) -> str:
    """The path to go to after signing in: the wanted one if it can only lead to our own pages."""
    return wanted if _OWN_PATH.fullmatch(wanted) else AFTER_SIGN_IN


async def admit(request: Request, desk: SignInDesk, allowed: frozenset[str], action: Action) -> Response:
    """Refuse what is not a small form from a page of ours; the rest is for `action`."""
    if request.method != "POST":
        return PlainTextResponse("Only POST.", 405, {"Allow": "POST"})
    scheme, host = request_site(request.scope, desk.settings.trusted_proxy_hops)
    fetch_site = request.headers.get("sec-fetch-site")
    if not same_origin_post(request_origin(request.scope), fetch_site, scheme, host, allowed):
        return PlainTextResponse("This form did not come from one of our pages.", 403)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return PlainTextResponse("Please send an ordinary form.", 415)
    body = await read_body(request, LONGEST_FORM)
    if body is None:
        return PlainTextResponse("This form is too long.", 413)
    try:
        async with asyncio.timeout(PATIENCE):
            return await action(request, desk, _fields(body))
    except (SQLAlchemyError, OSError) as error:
        # The message may quote parameters, and among them an e-mail address or a hash.
        log.error("%s: the database failed with %s", request.url.path, type(error).__name__)
        return to_page(request, desk, f"{SIGN_IN_PAGE}?error=unavailable")


async def _sign_in(request: Request, desk: SignInDesk, fields: Fields) -> Response:
    email, password, wanted = (fields.get(name, "") for name in ("email", "password", "next"))
    secure, address = caller(request, desk)
    hours = desk.settings.staff_session_hours
    try:
        token = await sign_in(
            desk.database, desk.rate_limits, email, password, address_group(address), hours=hours
        )
    except RateLimited as refusal:
        log.warning("Sign-in refused, too many tries: %s from %s", _for_the_log(email), address)
        return to_page(request, desk, _try_again(wanted, error="rate", wait=refusal.retry_after))
    except NotSignedIn:
        log.warning("Sign-in refused, wrong credentials: %s from %s", _for_the_log(email), address)
        return to_page(request, desk, _try_again(wanted, error="credentials"))
    log.info("Signed in: %s from %s", _for_the_log(email), address)
    # Whoever used this browser before is out.
    await sign_out(desk.database, request.headers.get("cookie"), secure=secure)
    response = to_page(request, desk, own_path(wanted))
    keep_cookie(response, token, hours=hours, secure=secure)
    return response


def keep_cookie(response: Response, token: str, *, hours: int, secure: bool) -> None:
    """Let the browser keep the session; no script can read it, no other site can use it."""
    response.set_cookie(
        cookie_name(secure),
        token,
        max_age=hours * 3600,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


async def _sign_out(request: Request, desk: SignInDesk, _fields: Fields) -> Response:
    secure, address = caller(request, desk)
    await sign_out(desk.database, request.headers.get("cookie"), secure=secure)
    log.info("Signed out from %s", address)
    response = to_page(request, desk, SIGN_IN_PAGE)
    response.delete_cookie(cookie_name(secure), path="/", secure=secure, httponly=True, samesite="lax")
    return response


def caller(request: Request, desk: SignInDesk) -> tuple[bool, str]:
    """Whether the page is on https, and the address it was asked for from."""
    hops = desk.settings.trusted_proxy_hops
    return page_is_secure(request.scope, hops), client_address(request.scope, hops)


async def read_body(request: Request, most: int) -> bytes | None:
    """The body, or None as soon as it is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            return None
    return body


def _fields(body: bytes) -> Fields:
    """The first value of each field; nothing at all from a form with absurdly many."""
    try:
        parsed = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in parsed.items()}


def _try_again(wanted: str, *, error: str, wait: int | None = None) -> str:
    """The sign-in page that says what happened. The e-mail address stays out of URLs and their logs."""
    query = {"error": error} | ({} if wait is None else {"wait": str(wait)})
    if own_path(wanted) == wanted != AFTER_SIGN_IN:
        query["next"] = wanted
    return f"{SIGN_IN_PAGE}?{urlencode(query, quote_via=quote)}"


def to_page(request: Request, desk: SignInDesk, path: str) -> RedirectResponse:
    """A redirect to a page of ours, on the origin whose page sent the form (checked before)."""
    origin = request_origin(request.scope)
    scheme, host = request_site(request.scope, desk.settings.trusted_proxy_hops)
    here = origin is None or origin.lower() == f"{scheme}://{host}".lower()
    return RedirectResponse(path if here else f"{origin}{path}", 303)


def _for_the_log(email: str) -> str:
    # People type passwords into the wrong field, and forgers type line breaks.
    normal = normal_email(email)
    return normal.encode("unicode_escape").decode() if normal else "(no e-mail address)"
