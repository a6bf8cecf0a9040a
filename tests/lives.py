"""Live logs on a real Redis, each with keys of its own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from supportbot.ids import new_id
from supportbot.integrations.redis_link import RedisLink
from supportbot.integrations.redis_live import PREFIX, RedisLive


@asynccontextmanager
async def redis_live(
    url: str, *, prefix: str | None = None, patience: float = 1.0, **how: Any
) -> AsyncIterator["ForgetfulLive"]:
    """A worker's log; two with the same prefix are two workers."""
    link = RedisLink(url, patience)
    live = ForgetfulLive(link, prefix=prefix or f"{PREFIX}{new_id().hex}:", **how)
    await live.start()
    try:
        yield live
    finally:
        await live.close()
        await link.close()


class ForgetfulLive(RedisLive):
    """A log whose Redis can be made to forget a topic."""

    async def forget(self, topic: UUID) -> None:
        """What expiry does, or a Redis that starts empty."""
        await self._link.client.delete(self._key(topic))
