"""Several streams as one."""

import asyncio
from collections.abc import AsyncGenerator
from typing import TypeVar

T = TypeVar("T")


async def merged(*streams: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
    """What any of the streams yields, as it comes; each keeps its own order. Ends when one of them ends.

    Closing this closes them all, and leaves no task behind.
    """
    waiting = {_next(stream): stream for stream in streams}
    try:
        while True:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            for task in [task for task in waiting if task.done()]:
                stream = waiting.pop(task)
                try:
                    item = task.result()
                except StopAsyncIteration:
                    return
                yield item
                waiting[_next(stream)] = stream
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        for stream in streams:
            await stream.aclose()


def _next(stream: AsyncGenerator[T, None]) -> "asyncio.Task[T]":
    return asyncio.create_task(_item(stream), name="merged")


async def _item(stream: AsyncGenerator[T, None]) -> T:
    return await anext(stream)
