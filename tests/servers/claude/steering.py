"""The words with which a test steers a server, whether it runs in this process or in another."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Concatenate, ParamSpec

from . import scripts
from .backstage import Received
from .scripts import Reply

P = ParamSpec("P")


def _verb(build: Callable[P, Reply]) -> Callable[Concatenate["Steering", P], None]:
    """The function of `scripts` as a method that enqueues what it builds."""

    def verb(self: "Steering", /, *args: P.args, **kwargs: P.kwargs) -> None:
        self.enqueue(build(*args, **kwargs))

    verb.__name__, verb.__doc__ = build.__name__, build.__doc__
    return verb


class Steering(ABC):
    """Replies are given in the order in which they are scripted, each to the next request it is meant for."""

    url: str

    says = _verb(scripts.says)
    cites = _verb(scripts.cites)
    calls_tool = _verb(scripts.calls_tool)
    answers = _verb(scripts.answers)
    refuses = _verb(scripts.refuses)
    stays_silent = _verb(scripts.stays_silent)
    breaks_after = _verb(scripts.breaks_after)
    fails = _verb(scripts.fails)
    hangs_up = _verb(scripts.hangs_up)

    @abstractmethod
    def enqueue(self, reply: Reply) -> None:
        """Gives this reply after those that were enqueued before."""

    @abstractmethod
    def release(self, count: int = 1) -> None:
        """Lets so many paused answers go on, now or as soon as they pause."""

    @abstractmethod
    def reset(self) -> None:
        """Forgets script, requests, cached prompts and releases, and cuts what is still being answered."""

    @property
    @abstractmethod
    def requests(self) -> list[Received]:
        """The requests for messages so far, refused ones included."""

    async def until_asked(self, times: int = 1, timeout: float = 5.0) -> None:
        """Waits until so many requests came."""
        await self._until(lambda: len(self.requests) >= times, timeout)

    async def until_left(self, times: int = 1, timeout: float = 5.0) -> None:
        """Waits until so many clients left before the end of their answer."""
        await self._until(lambda: sum(r.left_early for r in self.requests) >= times, timeout)

    async def _until(self, happened: Callable[[], bool], timeout: float) -> None:
        deadline = time.monotonic() + timeout
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.requests)} requests after {timeout:g} s")
            await asyncio.sleep(0.005)
