"""The connection to Redis: never waited for long, and asked nothing while it is away.

Whoever uses it says what happens without it. One probe, in `RedisLive`, finds out when it is back.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

log = logging.getLogger(__name__)

PATIENCE = 1.0
"""Seconds for a command, connecting included. A hung Redis holds a turn up this long, once."""
CONNECTIONS = 32

T = TypeVar("T")
FAULTS = (RedisError, OSError, TimeoutError)
"""What the client raises when Redis is closed, hung, full, loading or not there."""


class RedisAway(Exception):
    """Redis did not answer, or is known not to."""


class RedisLink:
    """One worker's connections to Redis. Build it inside the running loop."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        self.patience = patience
        self.pool = BlockingConnectionPool.from_url(
            url,
            max_connections=CONNECTIONS,
            timeout=patience,
            socket_timeout=patience,
            socket_connect_timeout=patience,
            socket_keepalive=True,
            # By default a command is tried again for half a minute.
            retry=Retry(NoBackoff(), 0),
        )
        self.client: Redis = Redis(connection_pool=self.pool)
        self.lost = asyncio.Event()
        self.lost.set()

    @property
    def away(self) -> bool:
        """Whether Redis is known not to answer."""
        return self.lost.is_set()

    async def ask(self, command: Callable[[], Awaitable[T]]) -> T:
        """Send a command.

        Raises:
            RedisAway: at once while Redis is away, or when it does not answer in time.
        """
        if self.away:
            raise RedisAway
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        try:
            async with asyncio.timeout(self.patience):
                return await command()
        except FAULTS as error:
            self.note_away(error)
            raise RedisAway from None
        finally:
            # The client sends through `asyncio.wait_for`, which before Python 3.12 forgets that it was
            # cancelled if what it waits for has ended at that very moment: whoever asks would go on for ever.
            if task and task.cancelling() > before:
                raise asyncio.CancelledError

    async def ping(self) -> None:
        """Raise whatever the client raises when Redis does not answer."""
        answer = self.client.ping()
        # The client's types do not know that it is asynchronous.
        assert not isinstance(answer, bool)  # noqa: S101
        await answer

    def note_away(self, error: BaseException) -> None:
        """Ask nothing any more until `note_back`."""
        if not self.away:
            # The message may quote the URL, and with it a password.
            log.warning("Redis is away (%s): pages read the database instead", type(error).__name__)
        self.lost.set()

    def note_back(self) -> None:
        """It answers again."""
        log.info("Redis answers")
        self.lost.clear()

    async def close(self) -> None:
        """Close every connection."""
        self.lost.set()
        await self.client.aclose()
        await self.pool.aclose()
