"""What owners change is in effect on every worker with the next prompt, message and job; and undone alike."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

import pytest

from supportbot.conversations.live import LiveLog, MemoryLive
from supportbot.conversations.transcript import Browser
from supportbot.database import Database
from supportbot.desk import Desk, build
from supportbot.errors import RateLimited
from supportbot.house import versions
from supportbot.house.current import House
from supportbot.house.sections import Opening, Sections
from supportbot.outbox import outlets_of
from supportbot.settings import Settings
from tests.people import ALICE
from tests.scripted import ScriptedAssistant

pytestmark = pytest.mark.anyio

HOME = "192.0.2.1"


@dataclass
class Worker:
    """One of two processes that serve the same database."""

    desk: Desk
    assistant: ScriptedAssistant

    async def answers(self, words: str) -> str:
        """A customer of this worker asks something new.

        Returns:
            The rules the assistant was given for its answer.
        """
        self.assistant.says("Five days.")
        await self.desk.intake.begin(ALICE.token_hash, HOME, words, words, Browser())
        await self.desk.runner.idle()
        return str(self.assistant.requests[-1].system)


@asynccontextmanager
async def worker(settings: Settings, live: LiveLog) -> AsyncIterator[Worker]:
    database = Database.from_settings(settings)
    house, assistant = House(database, Sections.beginning(settings)), ScriptedAssistant()
    await house.start(live)
    desk = build(settings, house, database, assistant, live, None)  # type: ignore[arg-type]
    try:
        yield Worker(desk, assistant)
    finally:
        await desk.runner.close()
        await house.close()
        await desk.carriers.close()
        await database.close()


@pytest.fixture
async def workers(settings: Settings) -> AsyncIterator[tuple[Worker, Worker]]:
    live = MemoryLive()
    async with AsyncExitStack() as running:
        one, other = [await running.enter_async_context(worker(settings, live)) for _ in range(2)]
        yield one, other


async def saved(one: Worker, section: str, **content: Any) -> None:
    """An admin saves something on the page of this worker."""
    desk = one.desk
    over = (await versions.newest(desk.database, section)).version
    await versions.save(desk.database, desk.live, section, content, None, over=over)


async def restored(one: Worker, section: str, version: int) -> None:
    await versions.restore(one.desk.database, one.desk.live, section, version, None)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_a_changed_tone_is_in_the_next_prompt_and_a_restored_version_undoes_it(
    workers: tuple[Worker, Worker],
) -> None:
    one, other = workers
    neutral = await other.answers("How long does a refund take?")

    await saved(one, "company", tone="formal", instructions="Mention the summer sale.")
    await until(lambda: other.desk.house.company.tone == "formal")
    formal = await other.answers("And an invoice?")
    await restored(one, "company", 0)
    await until(lambda: other.desk.house.company.tone == "neutral")
    again = await other.answers("And a plan?")

    assert formal.startswith(neutral)
    assert "wants a formal tone" in formal
    assert "<instructions>\nMention the summer sale.\n</instructions>" in formal
    assert again == neutral


async def test_a_changed_name_is_in_prompts_and_mails(workers: tuple[Worker, Worker]) -> None:
    one, other = workers

    await saved(one, "company", name="Birch", assistant_name="Bea")
    await until(lambda: other.desk.house.company.name == "Birch")

    assert "You are Bea, the support assistant of Birch" in await other.answers("Hello?")
    async with other.desk.database.reading() as session:
        assert outlets_of(session).company == "Birch"


async def test_changed_opening_hours_and_a_greeting_are_known_everywhere_and_undone(
    workers: tuple[Worker, Worker],
) -> None:
    one, other = workers
    week = [{"weekday": 0, "opens": "10:00", "closes": "00:00"}]

    await saved(one, "hours", always_open=False, week=week, time_zone="Europe/Berlin")
    await saved(one, "look", greeting="Good day", suggestions=["Is it open?"])
    await until(lambda: other.desk.house.look.greeting == "Good day")

    house = other.desk.house
    assert house.hours.week == (Opening(weekday=0, opens=time(10), closes=time(0)),)
    assert (house.hours.always_open, house.hours.time_zone) == (False, "Europe/Berlin")
    assert house.look.suggestions == ("Is it open?",)

    await restored(one, "hours", 0)
    await restored(one, "look", 0)
    await until(lambda: house.hours.always_open and house.look.greeting == "How can we help?")


async def test_changed_limits_count_from_the_next_message_on(workers: tuple[Worker, Worker]) -> None:
    one, other = workers
    await saved(one, "limits", messages_per_minute=1, model_calls_per_minute=1)
    await until(lambda: other.desk.house.limits.messages_per_minute == 1)

    await other.answers("The first.")
    with pytest.raises(RateLimited):
        await other.answers("The second.")
    assert await other.desk.rate_limits.model_call() is False

    await restored(one, "limits", 0)
    await until(lambda: other.desk.house.limits.messages_per_minute == 20)
    await other.answers("The third.")


async def test_changed_targets_are_in_effect_with_the_next_customer(workers: tuple[Worker, Worker]) -> None:
    one, other = workers

    await saved(one, "targets", reopen_to_staff_hours=1)
    await until(lambda: other.desk.house.targets.reopen_to_staff_hours == 1)

    assert other.desk.intake.reopen_to_staff() == timedelta(hours=1)
