"""What the server knows while it runs. Only the server's own event loop touches it: nothing is locked."""

import asyncio
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import reading
from .default_answer import default_answer
from .prompt_cache import PromptCache
from .scripts import Reply


@dataclass
class Received:
    """A request for a message, as it came, and what became of its answer.

    Moments are seconds on the machine's monotonic clock, which all its processes share.
    """

    body: Any
    headers: dict[str, str]
    left_early: bool = False
    at: float = field(default_factory=time.monotonic)
    first_delta_at: float | None = None
    usage: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """The newest text of the customer in it."""
        return reading.last_user_text(self.body)

    @property
    def streams(self) -> bool:
        """Whether it asks for an answer to a customer: all else that the product has written comes whole."""
        return isinstance(self.body, dict) and bool(self.body.get("stream"))


@dataclass
class Scripted:
    """A reply that waits for its request, and how often it is still to be given."""

    reply: Reply
    left: int


@dataclass
class Backstage:
    """The settings, the script, and what was received."""

    compatible: bool = False
    length: int = 400
    pace: float = 0.0
    script: list[Scripted] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    cache: PromptCache = field(default_factory=PromptCache)
    pauses: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    _numbers: Callable[[], int] = field(default_factory=lambda: itertools.count(1).__next__)

    def enqueue(self, reply: Reply) -> None:
        """Gives this reply after those that were enqueued before."""
        self.script.append(Scripted(reply, reply.times))

    def take(self, body: Any) -> Reply:
        """The first scripted reply meant for this request, or the default answer."""
        text = json.dumps(body, ensure_ascii=False)
        for scripted in self.script:
            if scripted.reply.when is None or scripted.reply.when in text:
                scripted.left -= 1
                if not scripted.left:
                    self.script.remove(scripted)
                return scripted.reply
        return default_answer(body, self.length, self.pace)

    def release(self, count: int = 1) -> None:
        """Lets so many paused answers go on, now or as soon as they pause."""
        for _ in range(count):
            self.pauses.release()

    def reset(self) -> None:
        """Forgets script, requests, cached prompts and releases, and cuts what is still being answered."""
        self.script.clear()
        self.requests.clear()
        self.cache.clear()
        self.pauses = asyncio.Semaphore(0)
        self.cut_running()

    def cut_running(self) -> None:
        """Cuts the connections that still wait for (the rest of) an answer."""
        for task in self.running:
            task.cancel()

    def new_id(self, kind: str) -> str:
        """An id in the API's manner: `msg_…`, `toolu_…`, `req_…`. Counted, so that each run is the same."""
        return f"{kind}_{self._numbers():024d}"
