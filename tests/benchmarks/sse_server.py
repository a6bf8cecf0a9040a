"""The least a Python server can do: the SDK's stream, passed on as server-sent events.

What our app is compared with. No database, no limits, no rendering, nobody else may look, and a closed page
loses the answer.
"""

import json
import os
from collections.abc import AsyncIterator

import anthropic
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.routing import Route

_client = anthropic.AsyncAnthropic(base_url=os.environ.get("ANTHROPIC_BASE_URL"), api_key="none")


async def chat(request: Request) -> StreamingResponse:
    """Answer the body's question."""
    question = (await request.body()).decode()
    return StreamingResponse(_answer(question), media_type="text/event-stream")


async def _answer(question: str) -> AsyncIterator[str]:
    stream = await _client.messages.create(
        model="claude-sonnet-5-5",
        max_tokens=2_000,
        messages=[{"role": "user", "content": question}],
        stream=True,
    )
    async for event in stream:
        if event.type == "content_block_delta" and event.delta.type == "text_delta":
            yield f"data: {json.dumps(event.delta.text)}\n\n"
    yield "event: done\ndata: {}\n\n"


app = Starlette(routes=[Route("/chat", chat, methods=["POST"])])
