"""What the real API refuses with 400, as far as it is cheap to tell."""

import re
from collections.abc import Iterator
from typing import Any

from . import reading

ROLES = ("user", "assistant", "system")
TOOL_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}")
CACHE_MARKERS = 4


def complaint(body: Any) -> str | None:
    """The first thing wrong with the request in the API's words, or None."""
    if not isinstance(body, dict):
        return "The request body is not valid JSON."
    try:
        return next(_complaints(body), None)
    except (AttributeError, KeyError, TypeError):  # a wrong shape in a place that no rule names
        return "The request body has the wrong shape."


def _complaints(body: dict[str, Any]) -> Iterator[str]:
    yield from _fields(body)
    yield from _messages(reading.messages(body))
    yield from _blocks(body)
    yield from _tools(body.get("tools") or [])
    yield from _tool_results(reading.messages(body))
    yield from _cache_markers(body)


def _fields(body: dict[str, Any]) -> Iterator[str]:
    yield from (f"{name}: Field required" for name in ("model", "max_tokens", "messages") if name not in body)
    if not isinstance(body["model"], str) or not body["model"]:
        yield "model: String should have at least 1 character"
    if not isinstance(body["max_tokens"], int) or body["max_tokens"] < 0:
        yield "max_tokens: Input should be greater than or equal to 0"
    temperature = body.get("temperature")
    if temperature is not None:
        if type(temperature) not in (int, float):
            yield "temperature: Input should be a valid number"
        if not 0 <= temperature <= 1:
            yield "temperature: range: 0..1"


def _messages(messages: list[Any]) -> Iterator[str]:
    if not messages:
        yield "messages: at least one message is required"
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("role") not in ROLES:
            yield f"messages.{number}.role: Input should be 'user', 'assistant' or 'system'"
        if not message.get("content") and number < len(messages) - 1:
            rule = "all messages must have non-empty content except for the optional final assistant message"
            yield f"messages.{number}: {rule}"
    if messages[0]["role"] != "user":
        yield 'messages: first message must use the "user" role'
    if messages[-1]["role"] == "assistant":
        rule = "The conversation must end with a user message."
        yield f"This model does not support assistant message prefill. {rule}"
    if not messages[-1].get("content"):
        yield f"messages.{len(messages) - 1}: user messages must have non-empty content"


def _blocks(body: dict[str, Any]) -> Iterator[str]:
    system = body.get("system")
    if isinstance(system, list) and any(_is_empty_text(block) for block in system):
        yield "system: text content blocks must be non-empty"
    for place, block in reading.located_blocks(body):
        if not isinstance(block.get("type"), str):
            yield f"{place}.type: Field required"
        if _is_empty_text(block):
            yield "messages: text content blocks must be non-empty"
        if _is_blank_text(block):
            yield "messages: text content blocks must contain non-whitespace text"
        if block["type"] == "search_result":
            yield from _search_result(place, block)
    if len({_wants_citations(result) for result in reading.search_results(body)}) > 1:
        yield "messages: citations must be enabled on all search_result blocks or on none"


def _search_result(place: str, block: dict[str, Any]) -> Iterator[str]:
    for name in ("source", "title", "content"):
        if not block.get(name):
            yield f"{place}.search_result.{name}: Field required"
    if not isinstance(block["content"], list) or any(
        not isinstance(inner, dict) or inner.get("type") != "text" or not inner.get("text")
        for inner in block["content"]
    ):
        yield f"{place}.search_result.content: Input should be a list of non-empty text blocks"


def _tools(tools: list[dict[str, Any]]) -> Iterator[str]:
    names = [tool.get("name") for tool in tools]
    for number, tool in enumerate(tools):
        if not TOOL_NAME.fullmatch(str(tool.get("name"))):
            yield f"tools.{number}.custom.name: String should match pattern '^{TOOL_NAME.pattern}$'"
        # Anthropic's own tools carry a dated type and no schema.
        if tool.get("type", "custom") == "custom" and not isinstance(tool.get("input_schema"), dict):
            yield f"tools.{number}.custom.input_schema: Field required"
    if len(set(names)) < len(names):
        yield "tools: Tool names must be unique."


def _tool_results(messages: list[dict[str, Any]]) -> Iterator[str]:
    """Each tool call must be answered in the next message, and nothing else may be."""
    called: set[str] = set()
    for number, message in enumerate(messages):
        content = [block for block in reading.blocks(message.get("content")) if isinstance(block, dict)]
        answered = {block.get("tool_use_id") for block in content if block["type"] == "tool_result"}
        if missing := called - answered:
            rule = "`tool_use` ids were found without `tool_result` blocks immediately after"
            yield f"messages.{number - 1}: {rule}: {', '.join(sorted(missing))}"
        if unknown := answered - called:
            ids = ", ".join(sorted(map(str, unknown)))
            yield f"messages.{number}: unexpected `tool_use_id` found in `tool_result` blocks: {ids}"
        called = {str(block.get("id")) for block in content if block["type"] == "tool_use"}


def _cache_markers(body: dict[str, Any]) -> Iterator[str]:
    system = reading.blocks(body.get("system"))
    marked = [*(body.get("tools") or []), *system, *(block for _, block in reading.located_blocks(body))]
    count = sum(bool(block.get("cache_control")) for block in [*marked, body])
    if count > CACHE_MARKERS:
        yield f"A maximum of {CACHE_MARKERS} blocks with cache_control may be provided. Found {count}."


def _is_empty_text(block: Any) -> bool:
    return isinstance(block, dict) and block.get("type") == "text" and not block.get("text")


def _is_blank_text(block: dict[str, Any]) -> bool:
    return block["type"] == "text" and not str(block["text"]).strip()


def _wants_citations(result: dict[str, Any]) -> bool:
    return bool((result.get("citations") or {}).get("enabled"))
