"""A page of the staff's follows two logs as one: what everybody hears, and what only colleagues may.

On both kinds of log, also when one of the two has lost us, and after a restart.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from supportbot.conversations.events import (
    CaseChanged,
    Looking,
    MessageAdded,
    OwnerChanged,
    Typing,
    staff_topic,
)
from supportbot.conversations.following import follow
from supportbot.conversations.live import LOST, MemoryLive, Position, Resync
from supportbot.conversations.page import ConversationPage
from supportbot.conversations.transcript import OPENING, read
from supportbot.database import Database
from supportbot.escalations import handoff
from supportbot.escalations.notes import note
from supportbot.models import Kind, Role, Staff
from tests.lives import ForgetfulLive, redis_live
from tests.people import ALICE, conversation_of, sam, says

pytestmark = pytest.mark.anyio

Live = MemoryLive | ForgetfulLive
SOON = 5.0


@pytest.fixture(params=["memory", "redis"])
async def live(request: pytest.FixtureRequest) -> AsyncIterator[Live]:
    if request.param == "memory":
        yield MemoryLive()
        return
    async with redis_live(request.getfixturevalue("redis_server").url) as redis:
        yield redis


async def forget(live: Live, topic: UUID) -> None:
    """The log of a topic is lost: it has expired, or the server was started anew."""
    if isinstance(live, MemoryLive):
        live.forget(topic)
    else:
        await live.forget(topic)


@dataclass
class Watcher:
    """Somebody's open page, and everything it was told."""

    page: ConversationPage
    told: list[Any] = field(default_factory=list)
    task: "asyncio.Task[None] | None" = None

    async def knows(self, *texts: str) -> None:
        """Wait until the page shows exactly this."""
        async with asyncio.timeout(SOON):
            while self.texts != list(texts):
                await asyncio.sleep(0.005)

    async def heard(self, kind: type) -> Any:
        async with asyncio.timeout(SOON):
            while not (found := [event for event in self.told if isinstance(event, kind)]):
                await asyncio.sleep(0.005)
        return found[-1]

    @property
    def texts(self) -> list[str]:
        return [one.content for one in self.page.in_order]


@dataclass
class Scene:
    """Alice's conversation, with Sam at the desk."""

    database: Database
    live: Live
    id: UUID
    sam: Staff
    notes: int = 0

    @asynccontextmanager
    async def watching(
        self, *, staff: bool = True, position: Position | None = None, staff_position: Position | None = None
    ) -> AsyncIterator[Watcher]:
        """A page that is open for the length of the block."""
        shown = await read(self.database, self.live, self.id, limit=OPENING, notes=staff)
        watcher = Watcher(ConversationPage())
        watcher.page.load(shown)
        following = follow(
            self.database,
            self.live,
            self.id,
            watcher.page,
            position or shown.follow_from,
            staff=staff,
            staff_position=staff_position or shown.staff_follow_from,
            heartbeat=0.05,
            reload_pause=0.01,
        )

        async def watch() -> None:
            async with aclosing(following) as batches:
                async for events in batches:
                    watcher.told += events

        watcher.task = asyncio.create_task(watch())
        try:
            yield watcher
        finally:
            watcher.task.cancel()
            await asyncio.gather(watcher.task, return_exceptions=True)

    async def notes_down(self, text: str) -> None:
        self.notes += 1
        await note(self.database, self.live, self.id, self.sam, text, f"n{self.notes}")

    async def says(self, text: str) -> None:
        await says(self.database, self.id, text, live=self.live)

    async def whisper(self, event: Any) -> None:
        await self.live.append(staff_topic(self.id), event)


@pytest.fixture
async def scene(database: Database, live: Live) -> Scene:
    conversation = await conversation_of(database, ALICE)
    scene = Scene(database, live, conversation.id, await sam(database))
    await scene.says("Hello?")
    return scene


async def test_a_page_of_staff_shows_messages_and_notes_as_they_come(scene: Scene) -> None:
    async with scene.watching() as page:
        await scene.notes_down("Careful.")
        await scene.says("Anybody?")
        await scene.notes_down("I take it.")

        await page.knows("Hello?", "Careful.", "Anybody?", "I take it.")

    assert not [event for event in page.told if isinstance(event, Resync)]


async def test_a_page_that_joins_late_shows_what_was_noted_before(scene: Scene) -> None:
    await scene.notes_down("Careful.")

    async with scene.watching() as page:
        await page.knows("Hello?", "Careful.")
        assert page.page.in_order[-1].kind == Kind.NOTE
        await scene.notes_down("Very careful.")
        await page.knows("Hello?", "Careful.", "Very careful.")


async def test_a_customers_page_hears_nothing_of_the_staffs(scene: Scene) -> None:
    async with scene.watching(staff=False) as customers, scene.watching() as staffs:
        await scene.notes_down("CANARY")
        await scene.whisper(Looking(scene.sam.id, "CANARY", writing=True))
        await scene.says("Anybody?")
        await staffs.knows("Hello?", "CANARY", "Anybody?")
        await customers.knows("Hello?", "Anybody?")
        await forget(scene.live, scene.id)
        await scene.says("And now?")
        await customers.knows("Hello?", "Anybody?", "And now?")

    assert "CANARY" not in str(customers.told)


async def test_who_is_looking_is_passed_on(scene: Scene) -> None:
    async with scene.watching() as page:
        await scene.whisper(Looking(scene.sam.id, "Sam", writing=True))

        assert await page.heard(Looking) == Looking(scene.sam.id, "Sam", writing=True)


async def test_a_change_of_the_case_is_passed_on(scene: Scene) -> None:
    async with scene.watching() as page:
        await scene.notes_down("Careful.")

        assert await page.heard(CaseChanged) == CaseChanged(scene.id)


async def test_everything_else_is_heard_as_before(scene: Scene) -> None:
    async with scene.watching() as page:
        await scene.live.append(scene.id, Typing(Role.USER, ""))
        await handoff.take_over(scene.database, scene.live, scene.id, scene.sam)

        assert (await page.heard(OwnerChanged)).staff_name == "Sam"
        assert await page.heard(Typing) == Typing(Role.USER, "")
        await page.knows("Hello?", "Sam has joined the conversation.")


@pytest.mark.parametrize("which", ["the conversation's", "the staff's", "both"])
async def test_a_log_that_has_lost_us_is_read_anew(scene: Scene, which: str) -> None:
    async with scene.watching() as page:
        await scene.notes_down("Careful.")
        await page.knows("Hello?", "Careful.")

        if which in ("the conversation's", "both"):
            await forget(scene.live, scene.id)
        if which in ("the staff's", "both"):
            await forget(scene.live, staff_topic(scene.id))
        await scene.says("Anybody?")
        await scene.notes_down("I take it.")

        await page.knows("Hello?", "Careful.", "Anybody?", "I take it.")
        await scene.notes_down("Done.")
        await page.knows("Hello?", "Careful.", "Anybody?", "I take it.", "Done.")


@pytest.mark.parametrize("lost", ["position", "staff_position"])
async def test_a_page_from_before_a_restart_reads_anew(scene: Scene, lost: str) -> None:
    await scene.notes_down("Careful.")

    async with scene.watching(**{lost: Position("before the restart", 7)}) as page:
        assert await page.heard(Resync) == Resync()
        await page.knows("Hello?", "Careful.")
        await scene.notes_down("Still here.")
        await page.knows("Hello?", "Careful.", "Still here.")


async def test_a_page_that_does_not_know_where_it_is_finds_out(scene: Scene) -> None:
    async with scene.watching(staff_position=LOST) as page:
        await page.heard(Resync)
        await scene.notes_down("Careful.")

        await page.knows("Hello?", "Careful.")


async def test_what_is_said_twice_shows_once(scene: Scene) -> None:
    start = await scene.live.position(staff_topic(scene.id))
    await scene.notes_down("Careful.")

    async with scene.watching(staff_position=start) as page:
        await page.heard(MessageAdded)
        await page.knows("Hello?", "Careful.")


async def test_a_quiet_page_looks_after_itself_once_in_a_while(scene: Scene) -> None:
    shown = await read(scene.database, scene.live, scene.id, notes=True)
    page = ConversationPage()
    page.load(shown)
    following = follow(
        scene.database,
        scene.live,
        scene.id,
        page,
        shown.follow_from,
        staff=True,
        staff_position=shown.staff_follow_from,
        heartbeat=0.01,
    )

    async with asyncio.timeout(SOON), aclosing(following):
        assert [await anext(following) for _ in range(3)] == [[], [], []]


async def test_a_page_that_is_closed_leaves_nothing_behind(scene: Scene) -> None:
    async with scene.watching() as page:
        await scene.notes_down("Careful.")
        await page.knows("Hello?", "Careful.")

    assert "merged" not in {task.get_name() for task in asyncio.all_tasks()}
