"""How an open page keeps in step with what happens: one loop, whatever it is that the page shows."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from typing import Any, TypeVar
from uuid import uuid4

import reflex as rx

from supportbot.conversations.events import DESK
from supportbot.conversations.live import Position, Resync, Stamped
from supportbot.desk import desk
from supportbot.errors import NotSignedIn
from supportbot.logs import log_trouble
from supportbot.ui.pages import connected

log = logging.getLogger(__name__)

RETRY = 2.0
"""Seconds until a page that could not be kept in step tries again."""
BREATH = 0.3
"""Seconds between two looks at what the desk is told: a burst of events is one."""

News = TypeVar("News")
Allowed = Callable[[tuple[str, bool]], Awaitable[bool]]


class Following(rx.State, mixin=True):
    """A page that is kept in step."""

    live_lost: bool = False
    """What is shown may be old, and we keep trying."""

    _follower: str = ""
    """Which loop keeps it in step: the one that was started last."""


async def keep_in_step(
    page: Any,
    happens: Callable[[bool], AsyncGenerator[News, None]],
    take_in: Callable[[News], Awaitable[Any]],
    *,
    what: str,
    allowed: Allowed | None = None,
) -> Any:
    """Take in what happens until the page leaves, is followed anew, or its person may not look any longer.

    A failure ends nothing: the page says that live updates are interrupted, and we try again in a while.

    Args:
        page: The state, as a background handler has it: it is locked only to be read and written.
        happens: Gives something each time the page may be behind, and ends if there is nothing to follow.
            Called again, with True, after a failure: what happened meanwhile may be missed.
        take_in: Brings the page up to date. The state is locked for it. What it returns ends the loop.
        what: The page, for the log.
        allowed: Whether somebody with these credentials may look: asked each time, before anything is
            shown. None for a page whose `happens` asks.

    Returns:
        What the handler has to return: an event, or None.
    """
    mine, lost = uuid4().hex, False
    async with page:
        page._follower = mine
        client = page.router.session.client_token
        credentials = page._credentials() if allowed else ("", False)
    while True:
        try:
            async with aclosing(happens(lost)) as coming:
                async for news in coming:
                    if not await connected(client):
                        return None
                    may_look = allowed is None or await allowed(credentials)
                    async with page:
                        if page._follower != mine:
                            return None
                        if not may_look:
                            return page._sign_in()
                        try:
                            onward = await take_in(news)
                        except NotSignedIn:
                            return page._sign_in()
                        if onward is not None:
                            return onward
                        if page.live_lost:
                            page.live_lost = False
            return None
        except Exception as error:
            log_trouble(log, f"following {what} failed; trying again", error)
            with suppress(Exception):
                async with page:
                    if page._follower != mine:
                        return None
                    page.live_lost = True
            lost = True
            await asyncio.sleep(RETRY)


async def every(seconds: Callable[[], float]) -> AsyncGenerator[None, None]:
    """Something each time so many seconds have passed: for what changes without being announced."""
    while True:
        await asyncio.sleep(seconds())
        yield None


async def at_the_desk(position: Position) -> AsyncGenerator[list[Stamped] | Resync, None]:
    """What the whole desk is told since then, and nothing, [], now and then on a quiet day."""
    live = desk().live
    while True:
        async with aclosing(live.follow(DESK, position)) as batches:
            async for batch in batches:
                yield batch
                if isinstance(batch, Resync):
                    break
                position = batch[-1].position if batch else position
                await asyncio.sleep(BREATH)
        position = await live.position(DESK)
