"""The limits of all workers together, in Redis: one atomic look at every window a use concerns.

The Redis storage of `limits` counts in one window at a time: a message refused by its address would have
used up the visitor's window already, or two workers would both see the last free place.
"""

from collections.abc import Sequence

from supportbot.integrations.redis_link import RedisAway, RedisLink
from supportbot.usage.windows import Counter, WindowsAway

PREFIX = "supportbot:limits:"

# A window is a list of the moments of its hits, newest first, no longer than the limit.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local waits, full = {}, false
for i, key in ipairs(KEYS) do
  local limit, seconds = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local first = redis.call('LINDEX', key, limit - 1)
  -- A clock that was set back makes nobody wait longer than the window.
  local wait = first and math.min(tonumber(first) + seconds - now, seconds) or 0
  full = full or wait > 0
  waits[i] = tostring(math.max(wait, 0))
end
if not full then
  for i, key in ipairs(KEYS) do
    redis.call('LPUSH', key, string.format('%.6f', now))
    redis.call('LTRIM', key, 0, ARGV[2 * i - 1] - 1)
    redis.call('EXPIRE', key, ARGV[2 * i])
  end
end
return waits
"""


class RedisWindows:
    """See `Windows`. One clock counts for all workers: that of Redis."""

    def __init__(self, link: RedisLink, *, prefix: str = PREFIX) -> None:
        self._link = link
        self._prefix = prefix
        self._take = link.client.register_script(_TAKE)

    async def take(self, counters: Sequence[Counter]) -> list[float]:
        """See `Windows.take`."""
        keys = self._keys(counters)
        arguments = [number for item, _ in counters for number in (item.amount, item.get_expiry())]
        try:
            waits: list[bytes] = await self._link.ask(lambda: self._take(keys, arguments))
        except RedisAway:
            raise WindowsAway from None
        return [float(wait) for wait in waits]

    async def forget(self, counters: Sequence[Counter]) -> None:
        """See `Windows.forget`."""
        try:
            await self._link.ask(lambda: self._link.client.delete(*self._keys(counters)))
        except RedisAway:
            raise WindowsAway from None

    def _keys(self, counters: Sequence[Counter]) -> list[str]:
        return [self._prefix + item.key_for(whose) for item, whose in counters]
