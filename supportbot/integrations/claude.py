"""Claude, or any server that speaks Anthropic's Messages API, as an `Assistant`. The only user of the SDK."""

import json
import logging
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from math import inf
from types import SimpleNamespace
from typing import Any, cast

import anthropic
import httpx2
from anthropic import AsyncStream
from anthropic.types import MessageParam, ToolParam

from supportbot.conversations.wording import clean_line, storable
from supportbot.integrations.unhurried import unhurried
from supportbot.knowledge.links import as_read_elsewhere
from supportbot.knowledge.retrieval import Hit
from supportbot.turns.assistant import (
    ESCALATE_TOOL,
    REASONS,
    SEARCH_TOOL,
    AnswerEvent,
    AnswerRequest,
    AssistantUnavailable,
    Cited,
    Finished,
    Look,
    Said,
    TextDelta,
    ToolCall,
    Usage,
    Written,
)

log = logging.getLogger(__name__)

MAX_TOKENS = 2_000
"""The longest answer. A support answer is a page at most."""
MAX_WRITTEN_TOKENS = 800
"""The longest text of the `Writer`: notes, not essays."""
WRITING_SECONDS = 30.0
CONNECT_SECONDS = 5.0
REFUSALS = {
    401: ("key_refused", "ANTHROPIC_API_KEY is wrong or was revoked"),
    402: ("no_credit", "the account behind ANTHROPIC_API_KEY has no credit"),
    403: ("not_allowed", "ANTHROPIC_API_KEY may not use ANTHROPIC_MODEL"),
    404: (
        "model_unknown",
        "there is no model of the name in ANTHROPIC_MODEL, or no Messages API at ANTHROPIC_BASE_URL",
    ),
}
"""What the owners have to mend, by the status: our code for it, and the log's words."""
NO_KEY = "none"
"""Compatible servers need no key, but the SDK insists on sending one."""

ESCALATE: ToolParam = {
    "name": ESCALATE_TOOL,
    "description": "Pass this conversation to a person of the support team. Use it when the customer asks "
    "for a person, is very upset, threatens legal action, reports a security problem, or needs a refund or "
    "an account change. The customer is told by the system, so write nothing about it yourself.",
    "input_schema": {
        "type": "object",
        "properties": {
            "reason": {
                "type": "string",
                "enum": [str(reason) for reason in REASONS],
            },
            "brief": {
                "type": "string",
                "description": "Two sentences for the colleague: what the customer wants and what was tried.",
            },
        },
        "required": ["reason", "brief"],
    },
}

SEARCH: ToolParam = {
    "name": SEARCH_TOOL,
    "description": "Search the articles of the help centre once more. Use it when the articles you have been "
    "given do not answer the question, above all when the customer writes in another language than the "
    "articles, uses other words for a thing, or asks several things at once. Call it before you write "
    "anything. If it finds nothing that answers, do not search for the same again: say so.",
    "input_schema": {
        "type": "object",
        "properties": {
            "query": {
                "type": "string",
                "description": "What to look for, in a few words and in the language of the articles: what "
                "an article about it would be called.",
            },
        },
        "required": ["query"],
    },
}


class Claude:
    """Streams answers from the Messages API.

    Args:
        model: The model's name.
        api_key: None for a compatible server that wants none.
        base_url: None for Anthropic's own.
    """

    name = "claude"

    def __init__(self, *, model: str, api_key: str | None, base_url: str | None, stall: float = 15) -> None:
        self.model = model
        self.cites_sources = base_url is None
        """Anthropic's own API cites. Of another server it is believed once it has."""
        self._client = anthropic.AsyncAnthropic(
            api_key=api_key or NO_KEY,
            base_url=base_url,
            # The turn calls again itself: only it knows how long its customer has waited. The SDK would obey
            # any `retry-after`, and nobody would see the calls it makes.
            max_retries=0,
            # The turn keeps its own time; this only sees to it that no connection outlives it for long.
            timeout=httpx2.Timeout(stall * 2, connect=CONNECT_SECONDS),
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()

    async def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerEvent]:
        """See `Assistant.answer`."""
        request = _with_words(request)
        reading = _Reading(request.given)
        try:
            stream = await self._client.messages.create(
                model=self.model,
                max_tokens=MAX_TOKENS,
                system=[{"type": "text", "text": request.system, "cache_control": {"type": "ephemeral"}}],
                messages=_messages(request),
                tools=_tools(request),
                stream=True,
            )
            connection = unhurried(stream.response)
            async with stream:
                try:
                    # The SDK's own events are checked and built with pydantic, a sixth of an answer's cost.
                    async for raw in AsyncStream.raw_events(stream.response):
                        for answer_event in reading.read(raw.event, raw.data):
                            yield answer_event
                            self.cites_sources = self.cites_sources or isinstance(answer_event, Cited)
                            if connection is not None and isinstance(answer_event, TextDelta):
                                connection.frame = request.frame
                finally:
                    if connection is not None:
                        connection.frame = None
        except anthropic.APIError as error:
            raise _unavailable(error, reading.usage) from error
        except (httpx2.HTTPError, json.JSONDecodeError, UnicodeDecodeError) as error:
            # The SDK lets these through when a stream breaks in the middle.
            raise AssistantUnavailable("broken_stream", usage=reading.usage) from error
        yield Finished(reading.stop_reason, reading.model, reading.usage)

    async def write(self, task: str, instructions: str, material: str) -> Written:
        """See `Writer.write`."""
        try:
            answer = await self._client.messages.create(
                model=self.model,
                max_tokens=MAX_WRITTEN_TOKENS,
                system=instructions,
                messages=[{"role": "user", "content": material}],
                timeout=WRITING_SECONDS,
            )
        except anthropic.APIError as error:
            raise _unavailable(error, Usage()) from error
        except (httpx2.HTTPError, json.JSONDecodeError, UnicodeDecodeError) as error:
            raise AssistantUnavailable("broken_answer") from error
        return _written(answer, task)


def _written(answer: Any, task: str) -> Written:
    try:
        usage = Usage(
            input=_latest(answer.usage, "input_tokens", 0),
            output=_latest(answer.usage, "output_tokens", 0),
            cache_read=_latest(answer.usage, "cache_read_input_tokens", 0),
            cache_write=_latest(answer.usage, "cache_creation_input_tokens", 0),
        )
        text = storable("".join(block.text for block in answer.content if block.type == "text")).strip()
        model = clean_line(answer.model, limit=120)
        stopped = answer.stop_reason
    except (AttributeError, TypeError) as error:
        # The SDK does not check what it passes on, and compatible servers send what they like.
        raise AssistantUnavailable("broken_answer") from error
    if not text or stopped == "refusal":
        log.warning("the model wrote nothing usable for a %s", task)
        raise AssistantUnavailable("empty_answer", usage=usage)
    return Written(text, model, usage)


class _Reading:
    """Reads the wire's events: text, tool calls collected from their pieces, citations, usage."""

    def __init__(self, passages: tuple[Hit, ...]) -> None:
        self._passages = passages
        self._tool: tuple[str, str] | None = None
        self._tool_input = ""
        self.stop_reason: str | None = None
        self.model = ""
        self.usage = Usage()

    def read(self, name: str | None, data: str) -> list[AnswerEvent]:
        """What an event of the wire says.

        Raises:
            AssistantUnavailable: if it says that the stream has failed, or nothing that makes sense.
            json.JSONDecodeError: if it is not JSON.
        """
        if name is None or name == "ping" or not data:
            return []
        if name == "error":
            raise AssistantUnavailable("broken_stream", usage=self.usage)
        try:
            return list(self._read(_decoded(data)))
        except (AttributeError, TypeError) as error:
            # Compatible servers send what they like.
            raise AssistantUnavailable("broken_stream", usage=self.usage) from error

    def _read(self, event: Any) -> Iterable[AnswerEvent]:
        if event.type == "content_block_delta":
            yield from self._delta(event.delta)
        elif event.type == "content_block_start" and event.content_block.type == "tool_use":
            self._tool, self._tool_input = (event.content_block.id, event.content_block.name), ""
        elif event.type == "content_block_stop" and self._tool is not None:
            yield ToolCall(*self._tool, arguments=_arguments(self._tool_input))
            self._tool = None
        elif event.type == "message_start":
            self.model = clean_line(event.message.model, limit=120)
            self._count(event.message.usage)
        elif event.type == "message_delta":
            self.stop_reason = clean_line(getattr(event.delta, "stop_reason", None), limit=40) or None
            self._count(event.usage)

    def _delta(self, delta: Any) -> Iterable[AnswerEvent]:
        if delta.type == "text_delta":
            if delta.text:  # an empty one is no sign of life
                yield TextDelta(delta.text)
        elif delta.type == "input_json_delta":
            self._tool_input += delta.partial_json
        elif delta.type == "citations_delta":
            cited = _cited(delta.citation, self._passages)
            if cited is not None:
                yield Cited(cited.id)

    def _count(self, usage: Any) -> None:
        # The closing event repeats some of the opening one's figures and leaves others out.
        self.usage = Usage(
            input=_latest(usage, "input_tokens", self.usage.input),
            output=_latest(usage, "output_tokens", self.usage.output),
            cache_read=_latest(usage, "cache_read_input_tokens", self.usage.cache_read),
            cache_write=_latest(usage, "cache_creation_input_tokens", self.usage.cache_write),
        )


def _cited(citation: Any, passages: tuple[Hit, ...]) -> Hit | None:
    """The passage a citation means: counted over all of the request, and called what we called it.

    A citation of anything else is none; it breaks no answer.
    """
    index = getattr(citation, "search_result_index", None)
    if getattr(citation, "type", None) != "search_result_location" or type(index) is not int:
        return None
    if not 0 <= index < len(passages):
        return None
    passage = passages[index]
    return passage if getattr(citation, "source", passage.url) == passage.url else None


# Made once: `json.loads` would make a decoder for every event.
_decoded = json.JSONDecoder(object_hook=lambda fields: SimpleNamespace(**fields)).decode


def _latest(usage: Any, name: str, known: int) -> int:
    value = getattr(usage, name, None)
    return value if isinstance(value, int) and value > 0 else known


def _arguments(text: str) -> dict[str, Any] | None:
    try:
        parsed = json.loads(text or "{}")
    except json.JSONDecodeError:
        return None
    return parsed if isinstance(parsed, dict) else None


def _tools(request: AnswerRequest) -> list[ToolParam]:
    """The same for every call of an answer, since a cached prompt begins with them."""
    offered = [(SEARCH, request.may_search), (ESCALATE, request.may_escalate)]
    return [tool for tool, may in offered if may]


def _with_words(request: AnswerRequest) -> AnswerRequest:
    """The request without empty passages: the API refuses all of it because of one."""
    looks = tuple(
        replace(look, told=tuple(told if isinstance(told, str) else _worded(told) for told in look.told))
        for look in request.looks
    )
    return replace(request, passages=_worded(request.passages), looks=looks)


def _worded(hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    return tuple(hit for hit in hits if hit.body.strip())


def _messages(request: AnswerRequest) -> list[MessageParam]:
    """The window, with the passages in front of the customer's newest words, and the searches behind them.

    What stands before those words is the same in the next turn, so it is marked for the cache. The passages
    are another turn's tomorrow and come after the mark. Citations count the passages in this order, which is
    that of `AnswerRequest.given`.
    """
    merged: list[dict[str, Any]] = []
    if request.summary:
        earlier = f"[Notes on what was said earlier in this conversation:\n{request.summary}]"
        merged.append({"role": "user", "content": [{"type": "text", "text": earlier}]})
    for said in request.history:
        role = "user" if said.role == "user" else "assistant"
        block = {"type": "text", "text": _spoken(said)}
        if merged and merged[-1]["role"] == role:
            merged[-1]["content"].append(block)
        else:
            merged.append({"role": role, "content": [block]})
    if not merged or merged[-1]["role"] != "user":
        merged.append({"role": "user", "content": [{"type": "text", "text": request.question or "…"}]})
    if len(merged) > 1:
        merged[-2]["content"][-1]["cache_control"] = {"type": "ephemeral"}
    # The notes stay in front, also where nothing was said since but the newest words.
    before = 1 if request.summary and len(merged) == 1 else 0
    merged[-1]["content"][before:before] = [_passage(hit) for hit in request.passages]
    for look in request.looks:
        merged += _looked(look)
    return cast(list[MessageParam], merged)


def _looked(look: Look) -> list[dict[str, Any]]:
    """What the assistant had said and called for, and what it is told."""
    said = [{"type": "text", "text": look.said}] if look.said else []
    calls = [
        {"type": "tool_use", "id": call.id, "name": call.name, "input": call.arguments or {}}
        for call in look.calls
    ]
    results = [
        {"type": "tool_result", "tool_use_id": call.id, "content": _told(told)}
        for call, told in zip(look.calls, look.told, strict=True)
    ]
    return [{"role": "assistant", "content": [*said, *calls]}, {"role": "user", "content": results}]


def _told(told: tuple[Hit, ...] | str) -> list[dict[str, Any]]:
    if isinstance(told, str) or not told:
        return [{"type": "text", "text": told or "Nothing was found."}]
    return [_passage(hit) for hit in told]


def _spoken(said: Said) -> str:
    return f"[{said.text}]" if said.role == "staff" else said.text


def _passage(hit: Hit) -> dict[str, Any]:
    return {
        "type": "search_result",
        "source": hit.url,
        "title": hit.label,
        "content": [{"type": "text", "text": as_read_elsewhere(hit.body, hit.page)}],
        "citations": {"enabled": True},
    }


def _unavailable(error: anthropic.APIError, usage: Usage) -> AssistantUnavailable:
    if isinstance(error, anthropic.APITimeoutError):
        return AssistantUnavailable("timeout", usage=usage)
    if isinstance(error, anthropic.APIConnectionError):
        return AssistantUnavailable("unreachable", usage=usage)
    if not isinstance(error, anthropic.APIStatusError):
        return AssistantUnavailable("broken_stream", usage=usage)
    status = error.status_code
    # An error event in the middle of a stream arrives as a status error with status 200.
    if status == 200:
        return AssistantUnavailable("broken_stream", usage=usage)
    if status in REFUSALS:
        code, words = REFUSALS[status]
        log.error("the model refuses our requests with status %s: %s", status, words)
        return AssistantUnavailable(code, permanent=True, usage=usage)
    if status in (400, 413, 422):
        # Perhaps it is only this conversation: the others may go on asking.
        log.error("the model refuses a request with status %s: check the model's name and limits", status)
        return AssistantUnavailable("refused_request", permanent=True, usage=usage)
    code = {429: "rate_limited", 529: "overloaded"}.get(status, "server_error")
    return AssistantUnavailable(code, retry_after=_retry_after(error), usage=usage)


def _retry_after(error: anthropic.APIStatusError) -> float | None:
    try:
        seconds = float(error.response.headers["retry-after"])
    except (KeyError, ValueError):
        return None
    return seconds if 0 <= seconds < inf else None
