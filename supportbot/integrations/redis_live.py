"""The live log of several workers: a Redis stream for each topic, and a channel that announces its entries.

An entry's id is `epoch-number`. The epoch is the millisecond in which the stream was begun, so it changes
when the stream is new, has expired or was broken; the numbers have no holes, so a missing entry is noticed.
One script appends and publishes in one step, so that a channel speaks in the order of its stream. Each
worker subscribes to the topics its pages follow and keeps their newest entries; the stream is read only for
what somebody missed before. (`XREAD BLOCK` would name every followed topic again with every frame.)

Without Redis nothing here raises and nothing waits: appends are dropped, and followers get a `Resync` each
second, upon which pages read the database. What was dropped breaks its topic's epoch when Redis is back, so
that everybody who follows it, on any worker, reads again.
"""

import asyncio
import contextlib
import logging
import random
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from redis.asyncio.connection import AbstractConnection
from redis.exceptions import ConnectionError as NotConnected

from supportbot.conversations.codec import Unreadable, decode, encode
from supportbot.conversations.live import HEARTBEAT, LOST, Position, Resync, Stamped
from supportbot.integrations.redis_link import FAULTS, RedisAway, RedisLink

log = logging.getLogger(__name__)

PREFIX = "supportbot:live:"
KEEP = 2_000
"""Entries a topic keeps: at twenty frames a second well over a minute."""
EXPIRE_SECONDS = 600
BATCH = 256
"""Appends of all turns that travel together at most."""
RETRY_SECONDS = 0.5
PING_SECONDS = 1.0
SILENCE_SECONDS = 3.0
"""A subscription that has not even answered a ping this long is dead."""
LINGER_PINGS = 5
"""Pings for which a topic nobody follows any more stays: a page that reloads follows it again."""
POLL_SECONDS = 1.0
POLLS_A_SECOND = 200
"""Without Redis, a worker's pages read the database together at most so often."""

APPEND, FIND, BREAK = "append", "find", "break"

_SCRIPT = """
local places = {}
for i, key in ipairs(KEYS) do
  local verb, event = ARGV[2 * i + 1], ARGV[2 * i + 2]
  local newest = redis.call('XREVRANGE', key, '+', '-', 'COUNT', 1)[1]
  local epoch, number = 0, 0
  if newest then
    epoch, number = string.match(newest[1], '(%d+)-(%d+)')
    epoch, number = tonumber(epoch), tonumber(number)
  end
  if verb == 'break' or not newest then
    local time = redis.call('TIME')
    epoch = math.max(time[1] * 1000 + math.floor(time[2] / 1000), epoch + 1)
    number = 0
    redis.call('DEL', key)
    redis.call('XADD', key, string.format('%.0f-0', epoch), 'e', '')
    if verb == 'break' then
      redis.call('PUBLISH', key, string.format('%.0f-0 ', epoch))
    end
  end
  if verb == 'append' then
    number = number + 1
    local id = string.format('%.0f-%.0f', epoch, number)
    redis.call('XADD', key, 'MAXLEN', ARGV[1], id, 'e', event)
    redis.call('PUBLISH', key, id .. ' ' .. event)
  end
  redis.call('EXPIRE', key, ARGV[2])
  places[i] = string.format('%.0f-%.0f', epoch, number)
end
return places
"""


@dataclass(slots=True)
class _Asked:
    """What is to be done to a topic, and where its answer goes."""

    verb: str
    topic: UUID
    event: Any = None
    encoded: bytes = b""
    answered: bool = False
    place: asyncio.Future[Position] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )


class _Topic:
    """A topic this worker follows: its newest entries, as far as we have heard of them."""

    def __init__(self, keep: int) -> None:
        self.epoch = ""
        self.last_seq = 0
        self.events: deque[Stamped] = deque(maxlen=keep)
        self.changed = asyncio.Event()
        self.subscribed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.found: asyncio.Task[None] | None = None
        self.followers = 0
        self.idle_pings = 0

    def is_news(self, position: Position) -> bool:
        if position.epoch == self.epoch:
            return position.seq > self.last_seq
        # Epochs are points in time.
        return not self.epoch or int(position.epoch) > int(self.epoch)

    def reached(self, position: Position) -> None:
        """The log has come this far, with entries we do not hold."""
        if self.is_news(position):
            self.events.clear()
            self.epoch, self.last_seq = position.epoch, position.seq
            self.wake()

    def take(self, entry: Stamped) -> None:
        """An entry, the next one or one after a gap."""
        position = entry.position
        if position.epoch != self.epoch or position.seq != self.last_seq + 1:
            self.events.clear()
        self.epoch, self.last_seq = position.epoch, position.seq
        self.events.append(entry)
        self.wake()

    def wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()

    def since(self, seq: int) -> list[Stamped] | None:
        """The entries after `seq`, or None if we do not hold all of them."""
        missing = self.last_seq - seq
        return list(self.events)[-missing:] if missing <= len(self.events) else None


class RedisLive:
    """See `LiveLog`, and the head of this file. `start` it inside the running loop, and `close` it.

    Args:
        link: The connection; this probes it, and says when it is back.
        keep: Entries a topic keeps.
        prefix: Of every key.
        poll: Seconds between two `Resync`s of a follower while Redis is away.
    """

    def __init__(
        self, link: RedisLink, *, keep: int = KEEP, prefix: str = PREFIX, poll: float = POLL_SECONDS
    ) -> None:
        self._link = link
        self._keep = keep
        self._prefix = prefix
        self._poll = poll
        self._script = link.client.register_script(_SCRIPT)
        self._topics: dict[UUID, _Topic] = {}
        self._polling = 0
        self._broken: set[UUID] = set()
        self._asked: deque[_Asked] = deque()
        self._something_asked = asyncio.Event()
        self._subscription: AbstractConnection | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Connect, or go on trying to; returns when the first try is over."""
        tried = asyncio.Event()
        self._tasks = [
            asyncio.create_task(self._stay_connected(tried), name="redis-live"),
            asyncio.create_task(self._send_what_is_asked(), name="redis-live-send"),
        ]
        await tried.wait()
        if self._link.away:
            log.warning("Redis cannot be reached; the server starts without it and goes on trying")

    async def close(self) -> None:
        """End the connection."""
        running = set(self._tasks)
        while running:
            for task in running:
                task.cancel()
            # While it connects, the client may forget that it was cancelled (see `RedisLink.ask`).
            _, running = await asyncio.wait(running, timeout=self._link.patience)
        self._lose_everything()

    async def append(self, topic: UUID, event: Any) -> Position:
        """See `LiveLog.append`. Never raises for Redis' sake; `LOST` when nobody will hear of it."""
        try:
            return await self._ask(_Asked(APPEND, topic, event, encode(event)))
        except RedisAway:
            return LOST

    async def position(self, topic: UUID) -> Position:
        """See `LiveLog.position`. `LOST` while Redis is away: following from there reads again."""
        here = self._topics.get(topic)
        if here is not None and here.epoch:
            # Perhaps a little behind, which does no harm: what comes twice is recognised.
            return Position(here.epoch, here.last_seq)
        try:
            return await self._ask(_Asked(FIND, topic))
        except RedisAway:
            return LOST

    async def follow(
        self, topic: UUID, after: Position, *, heartbeat: float = HEARTBEAT
    ) -> AsyncGenerator[list[Stamped] | Resync, None]:
        """See `LiveLog.follow`. While Redis is away each call gives a `Resync`, a second later."""
        here = self._topics.get(topic)
        if here is None:
            here = self._topics[topic] = _Topic(self._keep)
        here.followers += 1
        try:
            seq = after.seq
            await self._find(topic, here)
            while self._topics.get(topic) is here and here.epoch == after.epoch:
                if seq == here.last_seq:
                    if not await _changed(here, heartbeat):
                        yield []
                    continue
                news = await self._news(topic, here, Position(here.epoch, seq))
                if news is None:
                    break
                if news:
                    seq = news[-1].position.seq
                    yield news
        except RedisAway:
            pass
        finally:
            here.followers -= 1
        if self._link.away:
            await self._wait_a_poll()
        yield Resync()

    # Asking: the appends of all turns travel together

    async def _ask(self, asked: _Asked) -> Position:
        if self._link.away:
            self._drop(asked)
        else:
            self._asked.append(asked)
            self._something_asked.set()
        return await asked.place

    async def _send_what_is_asked(self) -> None:
        while True:
            await self._something_asked.wait()
            self._something_asked.clear()
            while self._asked:
                batch = [self._asked.popleft() for _ in range(min(BATCH, len(self._asked)))]
                try:
                    await self._send(batch)
                except RedisAway:
                    pass
                except Exception:
                    log.exception("what was to be appended to the live log could not be sent")
                finally:
                    for asked in batch:
                        self._drop(asked)

    async def _send(self, batch: list[_Asked]) -> None:
        keys = [self._key(asked.topic) for asked in batch]
        arguments: list[Any] = [self._keep, EXPIRE_SECONDS]
        for asked in batch:
            arguments += (asked.verb, asked.encoded)
        answer: list[bytes] = await self._link.ask(lambda: self._script(keys, arguments))
        for asked, place in zip(batch, answer, strict=True):
            position = _position(place)
            if asked.verb == APPEND:
                self._appended(asked, position)
            asked.answered = True
            if not asked.place.done():
                asked.place.set_result(position)

    def _appended(self, asked: _Asked, position: Position) -> None:
        """Our own pages need not wait for the channel, unless another worker's entry comes before."""
        here = self._topics.get(asked.topic)
        if here is None or not here.epoch or not here.is_news(position):
            return
        if position.epoch != here.epoch or position.seq == here.last_seq + 1:
            here.take(Stamped(position, asked.event))

    def _drop(self, asked: _Asked) -> None:
        """Give up what has no answer."""
        if asked.answered:
            return
        if asked.verb != FIND:
            self._broken.add(asked.topic)
        if not asked.place.done():
            asked.place.set_exception(RedisAway())

    # Following

    async def _find(self, topic: UUID, here: _Topic) -> None:
        """Subscribe to a topic, then see how far it is; once for all who follow it."""
        if here.found is None:
            here.found = asyncio.create_task(self._subscribe(topic, here), name="redis-live-find")
            here.found.add_done_callback(_heard)
        await asyncio.shield(here.found)

    async def _subscribe(self, topic: UUID, here: _Topic) -> None:
        connection = self._subscription
        if self._link.away or connection is None:
            self._forget(topic, here)
            raise RedisAway
        try:
            await self._link.ask(lambda: connection.send_command("SUBSCRIBE", self._key(topic)))
            async with asyncio.timeout(self._link.patience):
                await asyncio.shield(here.subscribed)
            here.reached(await self._ask(_Asked(FIND, topic)))
        except (RedisAway, *FAULTS) as error:
            self._link.note_away(error)
            self._forget(topic, here)
            raise RedisAway from None

    def _forget(self, topic: UUID, here: _Topic) -> None:
        if self._topics.get(topic) is here:
            del self._topics[topic]
        here.wake()

    async def _news(self, topic: UUID, here: _Topic, after: Position) -> list[Stamped] | None:
        """What comes after a place; [] when it is still on its way, None when it is lost."""
        if after.seq < here.last_seq and (held := here.since(after.seq)) is not None:
            return held
        if after.seq < here.last_seq:
            return await self._read(topic, after)
        end = await self._ask(_Asked(FIND, topic))
        if end.epoch != after.epoch or end.seq < after.seq:
            return None
        # Ahead of what this worker has heard of.
        await _changed(here, self._link.patience)
        return []

    async def _read(self, topic: UUID, after: Position) -> list[Stamped] | None:
        """The entries after a place, from the stream itself."""
        start = f"({after.epoch}-{after.seq}"
        entries = await self._link.ask(lambda: self._link.client.xrange(self._key(topic), start))
        try:
            found = [
                Stamped(_position(place), decode(fields[b"e"])) for place, fields in entries if fields[b"e"]
            ]
        except Unreadable:
            return None
        if not found or found[0].position != Position(after.epoch, after.seq + 1):
            return None
        return found

    async def _wait_a_poll(self) -> None:
        """Followers neither ask all at once nor, being many, bring the database down with Redis."""
        self._polling += 1
        try:
            pause = max(self._poll, self._polling / POLLS_A_SECOND)
            await asyncio.sleep(pause * random.uniform(0.6, 1.0))  # noqa: S311 (not a secret)
        finally:
            self._polling -= 1

    # Listening

    async def _stay_connected(self, tried: asyncio.Event) -> None:
        while True:
            try:
                await self._be_connected(tried)
            except (RedisAway, *FAULTS) as error:
                self._link.note_away(error)
            except Exception as error:
                log.exception("listening to Redis failed; starting again")
                self._link.note_away(error)
            self._lose_everything()
            tried.set()
            await asyncio.sleep(RETRY_SECONDS)

    async def _be_connected(self, tried: asyncio.Event) -> None:
        """Listen until the connection is lost, in whatever way."""
        async with asyncio.timeout(2 * self._link.patience):
            await self._link.pool.disconnect(inuse_connections=False)
            await self._link.ping()
            connection: AbstractConnection = await self._link.pool.get_connection()  # type: ignore[no-untyped-call]
        reading = asyncio.create_task(self._listen(connection), name="redis-live-listen")
        try:
            self._subscription = connection
            self._link.note_back()
            self._mend()
            tried.set()
            while not self._link.away and not reading.done():
                await self._link.ask(lambda: connection.send_command("PING"))
                await self._link.ask(self._link.ping)
                await self._leave_what_nobody_follows(connection)
                lost = asyncio.ensure_future(self._link.lost.wait())
                await asyncio.wait([reading, lost], timeout=PING_SECONDS, return_when=asyncio.FIRST_COMPLETED)
                lost.cancel()
            if reading.done():
                reading.result()
        finally:
            self._subscription = None
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
            with contextlib.suppress(*FAULTS):
                await connection.disconnect(nowait=True)
            await self._link.pool.release(connection)

    def _mend(self) -> None:
        """Whoever follows a topic some of whose entries were dropped is to read again."""
        for topic in self._broken:
            asked = _Asked(BREAK, topic)
            asked.place.add_done_callback(_heard)
            self._asked.append(asked)
        self._broken.clear()
        self._something_asked.set()

    async def _listen(self, connection: AbstractConnection) -> None:
        while True:
            heard = await connection.read_response(timeout=SILENCE_SECONDS)
            if heard is None:
                raise NotConnected("the subscription is silent")
            if not isinstance(heard, list):
                continue  # a ping's answer before the first subscription
            if heard[0] == b"message":
                self._hear(self._topic(heard[1]), heard[2])
            elif heard[0] == b"subscribe":
                here = self._topics.get(self._topic(heard[1]))
                if here is not None and not here.subscribed.done():
                    here.subscribed.set_result(None)

    def _hear(self, topic: UUID, message: bytes) -> None:
        here = self._topics.get(topic)
        place, _, event = message.partition(b" ")
        position = _position(place)
        if here is None or not here.is_news(position):
            return
        if not event:
            here.reached(position)
            return
        try:
            here.take(Stamped(position, decode(event)))
        except Unreadable:
            log.warning("an entry of the live log is unreadable; is another worker of another version?")
            # A place nobody follows from: all read again.
            self._forget(topic, here)

    async def _leave_what_nobody_follows(self, connection: AbstractConnection) -> None:
        left = []
        for topic, here in list(self._topics.items()):
            here.idle_pings = 0 if here.followers else here.idle_pings + 1
            if here.idle_pings > LINGER_PINGS:
                left.append(topic)
                self._forget(topic, here)
        if left:
            keys = [self._key(topic) for topic in left]
            await self._link.ask(lambda: connection.send_command("UNSUBSCRIBE", *keys))

    def _lose_everything(self) -> None:
        """What was said in the meantime is unknown: all followers read again."""
        for topic, here in list(self._topics.items()):
            self._forget(topic, here)
        while self._asked:
            self._drop(self._asked.popleft())

    def _key(self, topic: UUID) -> str:
        return self._prefix + topic.hex

    def _topic(self, key: bytes) -> UUID:
        return UUID(key.decode().removeprefix(self._prefix))


def _position(place: bytes) -> Position:
    epoch, _, number = place.decode().partition("-")
    return Position(epoch, int(number))


async def _changed(here: _Topic, seconds: float) -> bool:
    """Wait for news of a topic; False when `seconds` passed without any."""
    changed = here.changed
    try:
        async with asyncio.timeout(seconds):
            await changed.wait()
    except TimeoutError:
        return changed.is_set()
    return True


def _heard(done: "asyncio.Future[Any]") -> None:
    """An error that nobody waits for has been dealt with where it was raised."""
    if not done.cancelled():
        done.exception()
