"""For whoever watches the server: is the process alive, and can it do its work?"""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from supportbot.database import Database
from supportbot.settings import Settings
from supportbot.web.addresses import client_address, forwarding_ignored

log = logging.getLogger(__name__)

PATIENCE = 3.0
"""Seconds to wait for the database. A load balancer's own patience is seldom longer."""

FORWARDING_IGNORED = (
    "Requests carry X-Forwarded-For, but TRUSTED_PROXY_HOPS is 0: all visitors count as one address."
)

REDIS_AWAY = (
    "Redis does not answer. Pages read the database every second, new questions are answered from the "
    "articles, and limits are counted by each worker alone."
)

_NO_STORE = {"Cache-Control": "no-store"}


class Joined(Protocol):
    """What joins several workers."""

    @property
    def away(self) -> bool:
        """Whether it is known not to answer."""


class Watched(Protocol):
    """What the checks look at."""

    @property
    def database(self) -> Database:
        """The database to ping."""

    @property
    def settings(self) -> Settings:
        """For the trusted proxy hops."""

    @property
    def model_state(self) -> str:
        """`ok`, `resting`, `misconfigured`, or `none` if there is no model."""

    @property
    def redis(self) -> Joined | None:
        """None if this worker is alone."""


def health_routes(desk_getter: Callable[[], Watched]) -> list[Route]:
    """`/health`: the process answers. `/ready`: so does the database; 503 while it does not.

    `/ready` also says how the model and Redis are doing. Without them customers are still served, if less
    well, and no other worker is better off: without Redis it says `degraded`, with 200, and stays where a
    load balancer finds it.
    """

    async def ready(request: Request) -> JSONResponse:
        desk = desk_getter()
        # Looking the caller up is what notices a proxy nobody declared.
        client_address(request.scope, desk.settings.trusted_proxy_hops)
        return await _readiness(desk.database, desk.model_state, desk.redis)

    return [Route("/health", _alive), Route("/ready", ready)]


async def _alive(_request: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def _readiness(database: Database, model: str, redis: Joined | None) -> JSONResponse:
    reachable = await _reachable(database)
    report: dict[str, str | list[str]] = {
        "status": "ok" if reachable else "unavailable",
        "database": "ok" if reachable else "unreachable",
        "model": model,
    }
    warnings = []
    if redis is not None:
        report["redis"] = "unreachable" if redis.away else "ok"
        if redis.away:
            report["status"] = "degraded" if reachable else "unavailable"
            warnings.append(REDIS_AWAY)
    if forwarding_ignored():
        warnings.append(FORWARDING_IGNORED)
    if warnings:
        report["warnings"] = warnings
    return JSONResponse(report, 200 if reachable else 503, headers=_NO_STORE)


async def _reachable(database: Database) -> bool:
    try:
        async with asyncio.timeout(PATIENCE):
            await database.ping()
    except Exception as error:  # Drivers raise what they like; any of it means the same here.
        # The message may quote the database's URL, and with it a password.
        log.warning("The database cannot be reached: %s", type(error).__name__)
        return False
    return True
