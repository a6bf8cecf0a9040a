"""A crowd: customers and staff who do what comes to their mind, over raw sockets, and never give up.

Everybody keeps a diary of what they were promised (a message acknowledged is a message stored), which the
checks compare with the database afterwards. Chance is seeded, so a bad day can be lived again.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from typing import Any

from websockets.exceptions import WebSocketException

from supportbot.ui.notices import AWAY
from tests.servers.raw_socket import CASE, CHAT, QUEUE, RawPage

GONE = (OSError, TimeoutError, WebSocketException, EOFError)
"""What a page meets when its server or its network has gone."""

PATIENCE = 60
"""Seconds after the end of the day within which a message must be taken at last."""
_REDIRECT = re.compile(r'"path": ?"(/c/[0-9a-f-]{36})"')

QUESTIONS = [
    "How do I get a refund?",
    "Can I pay by bank transfer?",
    "Wie kündige ich mein Abonnement?",
    "¿Cómo invito a un compañero?",
    "請求書はどこですか？",
    "How do I export my projects?",
    "two-factor does not work on my new phone 📱",
    "What is garden furniture made of?",
    "I want to talk to a person",
    "I want my money back, this is a scam",
    "thanks",
    "the webhook says 500 every night, why?",
]


@dataclass
class Promise:
    """A message as its author remembers it."""

    key: str
    text: str
    acknowledged: bool = False


@dataclass
class Person:
    """Somebody with a socket that may break at any moment."""

    socket_url: str
    chance: Random
    until: float
    page: RawPage | None = None
    reconnected: int = 0
    troubles: list[str] = field(default_factory=list)

    @property
    def has_time(self) -> bool:
        return asyncio.get_running_loop().time() < self.until

    async def pause(self, seconds: float) -> None:
        """Wait about so long: a quarter of it to twice as much."""
        await asyncio.sleep(seconds * self.chance.uniform(0.25, 2))

    async def leave(self) -> None:
        if self.page is not None:
            with suppress(*GONE):
                async with asyncio.timeout(5):
                    await self.page.__aexit__(None, None, None)
            self.page = None

    async def go(self, path: str, **credentials: Any) -> RawPage:
        """Open a page, as often as it takes."""
        await self.leave()
        while True:
            page = RawPage(self.socket_url, path=path, **credentials)
            try:
                async with asyncio.timeout(15):
                    await page.__aenter__()
                    self.page = page
                    await page.hydrate()
                    return page
            except GONE:
                self.reconnected += 1
                await self.leave()
                await self.pause(0.5)

    async def fire(self, handler: str, **payload: Any) -> None:
        """Press something; whether the socket still lives shows later."""
        if self.page is not None:
            with suppress(*GONE):
                await self.page.fire(handler, **payload)

    def note(self) -> None:
        """Write down what no person should ever see: the last resort's sentence, and words of our code."""
        if self.page is None:
            return
        if (sentence := self.page.vars.get("sentence")) and sentence != AWAY:
            self.troubles.append(sentence)
        text = self.page.everything
        self.troubles += [word for word in ("Traceback", "sqlalchemy", "asyncpg", "redis.") if word in text]


@dataclass
class Customer(Person):
    """Asks, waits, refreshes, presses every button there is, and resends what was not acknowledged."""

    name: str = ""
    path: str = "/"
    diary: list[Promise] = field(default_factory=list)

    @property
    def token(self) -> str:
        return self.name.ljust(43, "Z")

    async def live(self) -> None:
        """A visit, until the time is over."""
        await self.pause(3)
        await self.open()
        while self.has_time:
            doing = self.chance.choices(self._actions, [weight for weight, _ in self._habits])[0]
            await doing()
            self.note()
            await self.pause(2)
        await self.leave()

    @property
    def _habits(self) -> list[tuple[int, Callable[[], Awaitable[None]]]]:
        return [
            (40, self.ask),
            (10, self.ask_twice),
            (8, self.open),
            (6, self.press("stop")),
            (6, self.press("try_again")),
            (5, self.press("keep_place")),
            (4, self.press("no_longer_needed")),
            (4, self.want_a_person),
            (4, self.press("load_earlier")),
            (4, self.press("typing")),
            (4, self.rate),
            (3, self.two_tabs),
        ]

    @property
    def _actions(self) -> list[Callable[[], Awaitable[None]]]:
        return [action for _, action in self._habits]

    async def open(self) -> None:
        await self.go(self.path, visitor=self.token)

    async def ask(self) -> None:
        await self.say(self._promise())

    async def ask_twice(self) -> None:
        """A burst: the second message does not wait for the first one's answer."""
        await self.say(self._promise())
        await self.say(self._promise())

    async def say(self, promise: Promise) -> None:
        """Send until it is acknowledged, as the page's script does after a reconnect."""
        while not promise.acknowledged:
            if asyncio.get_running_loop().time() > self.until + PATIENCE:
                self.troubles.append(f"{promise.key} was never acknowledged")
                return
            if self.page is None:
                await self.open()
            page = self.page
            assert page is not None
            # A double click, now and then.
            for _ in range(self.chance.choice([1, 1, 1, 2])):
                await self.fire(
                    f"{CHAT}.send", form={"message": promise.text, "client_key": promise.key, "page": "/"}
                )
            with suppress(TimeoutError):
                await page.until(
                    lambda key=promise.key, page=page: self._taken(page, key) or _lost(page), seconds=12
                )
            promise.acknowledged = self._taken(page, promise.key)
            if not promise.acknowledged:
                self.reconnected += 1
                await self.leave()
                await self.pause(1)
                await self.open()
        if self.path == "/" and self.page is not None and (found := _REDIRECT.search(self.page.everything)):
            self.path = found[1]
            await self.open()

    def _taken(self, page: RawPage, key: str) -> bool:
        """Whether the message was acknowledged: from the start, one is sent to its conversation."""
        return page.vars.get("accepted") == key or (
            self.path == "/" and _REDIRECT.search(page.everything) is not None
        )

    def press(self, name: str) -> Callable[[], Awaitable[None]]:
        async def pressed() -> None:
            await self.fire(f"{CHAT}.{name}")

        return pressed

    async def want_a_person(self) -> None:
        if self.path != "/":
            await self.fire(f"{CHAT}.ask_for_person", form={"name": self.name, "email": ""})

    async def rate(self) -> None:
        shown = _flat(list(self.page.vars.values())) if self.page else []
        answers = [one for one in shown if one.get("role") == "assistant"]
        if answers:
            await self.fire(f"{CHAT}.rate", message=answers[-1]["id"], value=self.chance.choice([1, -1, 0]))

    async def two_tabs(self) -> None:
        """A second tab says the same thing at the same moment."""
        promise = self._promise()
        other = Customer(
            self.socket_url, self.chance, self.until, name=self.name, path=self.path, diary=[promise]
        )
        await other.open()
        if self.path != "/":
            await asyncio.gather(self.say(promise), other.say(promise))
        else:
            await self.say(promise)
        await other.leave()

    def _promise(self) -> Promise:
        number = len(self.diary)
        promise = Promise(
            key=f"{self.name}-{number}",
            text=f"{self.chance.choice(QUESTIONS)} ({self.name}, {number})",
        )
        self.diary.append(promise)
        return promise


@dataclass
class Agent(Person):
    """Claims, takes over, replies, hands back and resolves; sometimes what a colleague already has."""

    name: str = ""
    cookie: str = ""
    replies: list[Promise] = field(default_factory=list)

    async def live(self) -> None:
        """A shift, until the time is over."""
        while self.has_time:
            await self.go("/escalations", headers={"Cookie": self.cookie})
            if self.chance.random() < 0.3:
                await self.fire(f"{QUEUE}.show", shown="open")
            await self.pause(0.7)
            page = self.page
            rows = (page.vars.get("rows") if page else None) or []
            if rows:
                await self.work_on(self.chance.choice(rows))
            self.note()
            await self.pause(0.5)
        await self.leave()

    async def work_on(self, row: dict[str, Any]) -> None:
        await self.go(row["url"], headers={"Cookie": self.cookie})
        await self.fire(f"{CASE}.{'claim' if self.chance.random() < 0.7 else 'take_over'}")
        await self.pause(0.5)
        for _ in range(self.chance.randint(0, 2)):
            await self.reply()
            await self.pause(0.5)
        ending = self.chance.choice(["hand_back", "hand_back", "resolve", "resolve", None])
        if ending:
            handing = {"form": {"note": ""}} if ending == "hand_back" else {}
            await self.fire(f"{CASE}.{ending}", **handing)
            await self.pause(0.3)

    async def reply(self) -> None:
        number = len(self.replies)
        promise = Promise(f"{self.name}-{number}", f"Hello from {self.name}, number {number}.")
        self.replies.append(promise)
        page = self.page
        if page is None:
            return
        await self.fire(f"{CASE}.reply", form={"message": promise.text, "client_key": promise.key})
        with suppress(TimeoutError):
            await page.until(
                lambda: (
                    page.vars.get("accepted") == promise.key or bool(page.vars.get("notice")) or _lost(page)
                ),
                seconds=5,
            )
        promise.acknowledged = page.vars.get("accepted") == promise.key


def _lost(page: RawPage) -> bool:
    return page._reader is None or page._reader.done()


def _flat(value: Any) -> list[dict[str, Any]]:
    """Every message among the vars, wherever a page keeps its news."""
    if isinstance(value, dict):
        return [value] if "role" in value and "id" in value else _flat(list(value.values()))
    if isinstance(value, list):
        return [entry for item in value for entry in _flat(item)]
    return []
