"""Two streams as one: nothing lost, nothing out of order, and no task left behind."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from supportbot.conversations.merging import merged

pytestmark = pytest.mark.anyio


class Stream:
    """Yields what it is given, and knows whether somebody has closed it."""

    def __init__(self) -> None:
        self.given: asyncio.Queue[str | Exception | None] = asyncio.Queue()
        self.closed = False

    def gives(self, *items: str | Exception | None) -> "Stream":
        for item in items:
            self.given.put_nowait(item)
        return self

    async def items(self) -> AsyncGenerator[str, None]:
        try:
            while (item := await self.given.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            self.closed = True


def merging() -> set[str]:
    return {task.get_name() for task in asyncio.all_tasks() if task.get_name() == "merged"}


async def test_each_keeps_its_order_and_nothing_is_lost() -> None:
    one, other = Stream().gives("a", "b", "c"), Stream().gives("1", "2", "3")
    came: list[str] = []

    async with aclosing(merged(one.items(), other.items())) as items:
        async for item in items:
            came.append(item)
            if len(came) == 6:
                break

    assert [item for item in came if item.isalpha()] == ["a", "b", "c"]
    assert [item for item in came if item.isdigit()] == ["1", "2", "3"]


async def test_one_that_is_quiet_holds_nobody_up() -> None:
    one, other = Stream(), Stream().gives("1", "2")

    async with aclosing(merged(one.items(), other.items())) as items:
        assert [await anext(items), await anext(items)] == ["1", "2"]
        one.gives("a")
        assert await anext(items) == "a"


async def test_closing_closes_both_and_leaves_no_task() -> None:
    one, other = Stream().gives("a"), Stream()
    items = merged(one.items(), other.items())
    await anext(items)

    await items.aclose()

    assert (one.closed, other.closed, merging()) == (True, True, set())


async def test_somebody_who_is_cancelled_while_waiting_leaves_no_task() -> None:
    one, other = Stream(), Stream()

    async def wait() -> None:
        async with aclosing(merged(one.items(), other.items())) as items:
            await anext(items)

    waiting = asyncio.create_task(wait())
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert (one.closed, other.closed, merging()) == (True, True, set())


async def test_one_that_breaks_breaks_the_whole_and_closes_the_other() -> None:
    one, other = Stream().gives(ZeroDivisionError()), Stream()

    with pytest.raises(ZeroDivisionError):
        await anext(merged(one.items(), other.items()))

    assert (one.closed, other.closed, merging()) == (True, True, set())


async def test_it_ends_when_one_ends() -> None:
    one, other = Stream().gives("a", None), Stream()

    assert [item async for item in merged(one.items(), other.items())] == ["a"]
    assert (other.closed, merging()) == (True, set())


async def test_closing_before_anything_began_leaves_nothing() -> None:
    one = Stream()

    await merged(one.items()).aclose()

    assert merging() == set()
