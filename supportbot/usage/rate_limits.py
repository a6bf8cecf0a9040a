"""How much anybody may ask for in a while. Staff at their desk are never limited."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from uuid import UUID

from limits import RateLimitItem, RateLimitItemPerMinute

from supportbot.errors import RateLimited
from supportbot.house.sections import Limits
from supportbot.usage.windows import Counter, MemoryWindows, Windows, WindowsAway

SIGN_IN_TRIES = 10
SIGN_IN_MINUTES = 15
OTHER_PER_MINUTE = 30
"""Small things a page may do: rate an answer, ask for a person, undo."""


@dataclass(frozen=True, slots=True)
class _Window:
    """One limit for one key, and what to say when it is used up; `{wait}` becomes "12 seconds"."""

    item: RateLimitItem
    key: str
    sentence: str


class RateLimits:
    """The limits of this process, or of all workers together, in moving windows.

    Each method either counts one use in every window it concerns, or refuses and counts it in none:
    whoever waits as long as the refusal says is let in. While the shared windows are away each worker
    counts people for itself, and nobody calls the model.

    Args:
        limits: Says, at the moment of each use, how many messages and model calls a minute there may be.
            Another number begins windows of its own.
        clock: Seconds that only ever grow.
        shared: The windows of all workers, if there are several.
    """

    def __init__(
        self,
        limits: Callable[[], Limits],
        clock: Callable[[], float] = time.monotonic,
        shared: Windows | None = None,
    ) -> None:
        self._own = MemoryWindows(clock)
        self._shared = shared
        self._limits = limits
        self._account = RateLimitItemPerMinute(SIGN_IN_TRIES, SIGN_IN_MINUTES, "sign-in-account")
        self._door = RateLimitItemPerMinute(SIGN_IN_TRIES, SIGN_IN_MINUTES, "sign-in-address")

    async def message(self, visitor: UUID, address: str) -> None:
        """Count a customer's message.

        Raises:
            RateLimited: the visitor, or everybody behind this address, sent too many in a minute.
        """
        own = "That is a lot of messages at once. Please wait {wait}; your text is kept."
        shared = "Many messages are coming from your network. Please wait {wait}; your text is kept."
        limits = self._limits()
        await self._take(
            _Window(_a_minute(limits.messages_per_minute, "message-visitor"), str(visitor), own),
            _Window(_a_minute(limits.messages_per_minute_address, "message-address"), address, shared),
        )

    async def model_call(self) -> bool:
        """Count a call to the model; False when there were too many in a minute, for everybody.

        False too while the shared windows are away: a bill without a limit is worse than an answer that is
        quoted from the articles.
        """
        most = _a_minute(self._limits().model_calls_per_minute, "model-call")
        try:
            (wait,) = await (self._shared or self._own).take([(most, "everybody")])
        except WindowsAway:
            return False
        return wait == 0

    async def sign_in(self, email: str, address: str) -> None:
        """Count a try to sign in, before the password is looked at.

        Raises:
            RateLimited: too many tries on this account, or from this address.
        """
        await self._take(*self._sign_in_windows(email, address))

    async def signed_in(self, email: str, address: str) -> None:
        """Forget the tries that led to a success, so that an office behind one address can start its day."""
        counters = [(window.item, window.key) for window in self._sign_in_windows(email, address)]
        await self._own.forget(counters)
        if self._shared is not None:
            with suppress(WindowsAway):
                await self._shared.forget(counters)

    async def generic(self, purpose: str, who: str, per_minute: int = OTHER_PER_MINUTE) -> None:
        """Count one use of something small, such as a rating.

        Args:
            purpose: What is counted; each purpose has windows of its own.
            who: A visitor or an address.
            per_minute: How many are too many.

        Raises:
            RateLimited: that was one too many.
        """
        await self._take(
            _Window(
                _a_minute(per_minute, purpose), who, "That was too often. Please wait {wait} and try again."
            )
        )

    def _sign_in_windows(self, email: str, address: str) -> tuple[_Window, _Window]:
        sentence = "There were too many tries to sign in. Please wait {wait}."
        # The hash keeps a long or private e-mail address out of memory.
        account = sha256(email.strip().casefold().encode("utf-8", "surrogatepass")).hexdigest()
        return _Window(self._account, account, sentence), _Window(self._door, address, sentence)

    async def _take(self, *windows: _Window) -> None:
        waits = await self._waits([(window.item, window.key) for window in windows])
        longest = max(waits)
        if longest > 0:
            refusing = windows[waits.index(longest)]
            seconds = max(1, ceil(longest))
            raise RateLimited(refusing.sentence.format(wait=_seconds(seconds)), retry_after=seconds)

    async def _waits(self, counters: list[Counter]) -> list[float]:
        if self._shared is not None:
            with suppress(WindowsAway):
                return await self._shared.take(counters)
        return await self._own.take(counters)


def _a_minute(most: int, purpose: str) -> RateLimitItem:
    return RateLimitItemPerMinute(most, 1, purpose)


def _seconds(count: int) -> str:
    return "1 second" if count == 1 else f"{count} seconds"
