"""Our own part of the server, around Reflex: plain routes, the socket guard, the headers."""

from collections.abc import Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import RedirectResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from supportbot import access
from supportbot.desk import desk
from supportbot.settings import Settings
from supportbot.web.frames import KnownHandler
from supportbot.web.headers import SecurityHeaders, script_hashes
from supportbot.web.health import health_routes
from supportbot.web.help.routes import help_routes
from supportbot.web.look import look_routes
from supportbot.web.pictures import picture_routes
from supportbot.web.sign_in import sign_in_routes
from supportbot.web.socket_guard import PageLeft, SocketGuard
from supportbot.web.welcome import welcome_routes


def plain_routes(page_origins: frozenset[str]) -> Starlette:
    """The HTTP routes that are not pages of Reflex."""
    return Starlette(
        routes=[
            *health_routes(desk),
            *sign_in_routes(desk, page_origins),
            *welcome_routes(desk, page_origins),
            *picture_routes(desk, page_origins),
            *help_routes(desk),
            *look_routes(lambda: desk().house.look.colour),
            Route("/staff", lambda _request: RedirectResponse("/escalations", 307)),
        ]
    )


def guarded(
    settings: Settings,
    page_origins: frozenset[str],
    build_dir: Path,
    known_handler: KnownHandler,
    page_left: PageLeft,
) -> Callable[[ASGIApp], ASGIApp]:
    """Wrap the whole server: the guard in front of the socket, then the headers around everything.

    Args:
        settings: Origins, proxies and caps.
        page_origins: Where pages come from in development, when it is not this server.
        build_dir: The built pages, whose inline scripts the content security policy lists.
        known_handler: Whether an event handler of this name exists.
        page_left: Forgets a page whose socket has ended.
    """

    async def staff_session(cookie: str) -> bool:
        # Either name will do here: all it decides is how long a frame may be.
        database = desk().database
        return await access.is_staff(database, cookie, secure=True) or await access.is_staff(
            database, cookie, secure=False
        )

    def wrap(app: ASGIApp) -> ASGIApp:
        guard = SocketGuard(
            app,
            allowed_origins=settings.allowed_origins | page_origins,
            trusted_hops=settings.trusted_proxy_hops,
            sockets_per_address=settings.sockets_per_address,
            staff_session=staff_session,
            known_handler=known_handler,
            page_left=page_left,
        )
        return SecurityHeaders(
            guard, script_hashes=script_hashes(build_dir), trusted_hops=settings.trusted_proxy_hops
        )

    return wrap
