"""Only the SDK: read so many streams at once and do nothing with them. A process of its own.

`python -m tests.benchmarks.sdk_consumer URL CONVERSATIONS SPREAD create|stream` prints what it took as JSON.
"""

import asyncio
import json
import sys
import time

import anthropic


async def main(url: str, conversations: int, spread: float, how: str) -> None:
    """Consume the streams, their starts spread over `spread` seconds."""
    async with anthropic.AsyncAnthropic(base_url=url, api_key="none") as client:
        read = _created if how == "create" else _streamed
        started, used = time.monotonic(), time.process_time()

        async def one(number: int) -> str:
            await asyncio.sleep(spread * number / conversations)
            return await read(client, f"sdk {number}")

        texts = await asyncio.gather(*(one(number) for number in range(conversations)))
        print(
            json.dumps(
                {
                    "seconds": time.monotonic() - started,
                    "cpu": time.process_time() - used,
                    "texts": sorted(set(texts)),
                }
            )
        )


async def _created(client: anthropic.AsyncAnthropic, question: str) -> str:
    text: list[str] = []
    stream = await client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=2_000,
        messages=[{"role": "user", "content": question}],
        stream=True,
    )
    async for event in stream:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            text.append(event.delta.text)
    return "".join(text)


async def _streamed(client: anthropic.AsyncAnthropic, question: str) -> str:
    async with client.messages.stream(
        model="claude-sonnet-5-5",
        max_tokens=2_000,
        messages=[{"role": "user", "content": question}],
    ) as stream:
        return "".join([text async for text in stream.text_stream])


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), sys.argv[4]))
