"""From a scripted answer to what happens on the wire: blocks, then steps, encoded before the first byte."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from . import reading, wire
from .prompt_cache import CacheUse, tokens_in
from .scripts import Answer, Breakage, Cite, Text, Tool


@dataclass(frozen=True)
class Wait:
    """Seconds between two deltas."""

    seconds: float


@dataclass(frozen=True)
class Silence:
    """Seconds in which nothing comes, or only pings."""

    seconds: float
    ping_every: float | None


@dataclass(frozen=True)
class Pause:
    """Silence until somebody releases it."""


@dataclass(frozen=True)
class Break:
    """Where the answer goes wrong, and how."""

    how: Breakage
    error_type: str


Mark = Pause | Break
Step = bytes | Wait | Silence | Mark


@dataclass(frozen=True)
class Block:
    """A content block: as it opens, as a whole, and the pieces between."""

    opening: dict[str, Any]
    whole: dict[str, Any]
    pieces: list[str]
    pace: float
    citation_first: bool = False

    def delta(self, index: int, piece: str) -> bytes:
        """The event that carries a piece."""
        encode = wire.text_delta if self.opening["type"] == "text" else wire.input_json_delta
        return encode(index, piece)

    def citations(self, index: int) -> list[bytes]:
        """The events that carry the block's citations."""
        return [wire.citations_delta(index, citation) for citation in self.whole.get("citations", ())]


@dataclass(frozen=True)
class Draft:
    """An answer to one request, ready to be sent."""

    message: dict[str, Any]
    steps: list[Step]
    silence_before_headers: float


def draft(
    answer: Answer, body: dict[str, Any], use: CacheUse, new_id: Callable[[str], str], *, compatible: bool
) -> Draft:
    """The answer as it will be given to this request."""
    if compatible:
        answer = _as_compatible_servers_would(answer)
    blocks = _blocks(answer, body, new_id)
    if compatible and not blocks:  # they say nothing in an empty block, the API in none
        blocks = [_text_block(Text(""), [])]
    usage = _usage(answer, blocks, use, compatible)
    whole = wire.message(
        new_id("msg"),
        str(body.get("model")),
        usage,
        [block.whole for block in blocks],
        _stop_reason(answer, compatible),
    )
    steps = list(_steps(answer, blocks, whole, compatible))
    return Draft(whole, steps, 0.0 if answer.headers_first else answer.silence)


def _as_compatible_servers_would(answer: Answer) -> Answer:
    """Such servers ignore tools and citations."""
    return replace(answer, parts=[replace(part, cites=()) for part in answer.parts if isinstance(part, Text)])


def _blocks(answer: Answer, body: dict[str, Any], new_id: Callable[[str], str]) -> list[Block]:
    results = reading.search_results(body)
    return [
        _tool_block(part, new_id("toolu")) if isinstance(part, Tool) else _text_block(part, results)
        for part in answer.parts
        if isinstance(part, Tool) or part.text
    ]


def _text_block(part: Text, results: list[dict[str, Any]]) -> Block:
    opening: dict[str, Any] = {"type": "text", "text": ""}
    whole: dict[str, Any] = {"type": "text", "text": part.text}
    if part.cites:
        opening["citations"] = []
        whole["citations"] = [_citation(cite, results) for cite in part.cites]
    return Block(opening, whole, part.pieces(), part.pace, part.citation_first)


def _citation(cite: Cite, results: list[dict[str, Any]]) -> dict[str, Any]:
    """What the script left out is read from the request, as the API would."""
    result = results[cite.search_result] if cite.search_result < len(results) else {}
    passages = [str(block.get("text", "")) for block in reading.blocks(result.get("content"))]
    found = "".join(passages[cite.start_block : cite.end_block])
    return {
        "type": "search_result_location",
        "cited_text": found if cite.cited_text is None else cite.cited_text,
        "search_result_index": cite.search_result,
        "source": result.get("source", "") if cite.source is None else cite.source,
        "title": result.get("title") if cite.title is None else cite.title,
        "start_block_index": cite.start_block,
        "end_block_index": cite.end_block,
    }


def _tool_block(part: Tool, id: str) -> Block:
    text = json.dumps(part.input, ensure_ascii=False) if part.raw_json is None else part.raw_json
    opening = {"type": "tool_use", "id": id, "name": part.tool, "input": {}}
    # An answer that is not streamed cannot carry broken JSON; the API wraps it like this.
    given = part.input if part.raw_json is None else _parsed(part.raw_json)
    pieces = Text(text, split_every=part.split_every).pieces()
    # The first delta of the API is always empty.
    return Block(opening, {**opening, "input": given}, ["", *pieces], part.pace)


def _parsed(raw_json: str) -> Any:
    try:
        return json.loads(raw_json)
    except ValueError:
        return {"INVALID_JSON": raw_json}


def _stop_reason(answer: Answer, compatible: bool) -> str:
    if compatible:
        return "end_turn"
    if answer.stop_reason:
        return answer.stop_reason
    return "tool_use" if any(isinstance(part, Tool) for part in answer.parts) else "end_turn"


def _usage(answer: Answer, blocks: list[Block], use: CacheUse, compatible: bool) -> dict[str, Any]:
    given = answer.usage or {}
    said = "".join(piece for block in blocks for piece in block.pieces)
    cached = given.get("cache_creation_input_tokens", use.written_5m + use.written_1h)
    counts = {
        "input_tokens": given.get("input_tokens", use.uncached),
        # The API counts a few tokens even for an empty answer.
        "output_tokens": given.get("output_tokens", 2 + tokens_in(said)),
    }
    if compatible:
        return counts
    return {
        **counts,
        "cache_creation_input_tokens": cached,
        "cache_read_input_tokens": given.get("cache_read_input_tokens", use.read),
        "cache_creation": {
            "ephemeral_5m_input_tokens": cached - use.written_1h,
            "ephemeral_1h_input_tokens": use.written_1h,
        },
        "service_tier": "standard",
    }


def _steps(answer: Answer, blocks: list[Block], whole: dict[str, Any], compatible: bool) -> Iterator[Step]:
    usage = whole["usage"]
    yield wire.message_start(wire.message(whole["id"], whole["model"], {**usage, "output_tokens": 1}))
    if answer.headers_first and answer.silence:
        yield Silence(answer.silence, answer.ping_every)
    marks = _Marks(answer)
    for index, block in enumerate(blocks):
        yield wire.block_start(index, block.opening)
        if index == 0 and not compatible:
            yield wire.PING
        yield from _content(index, block, marks)
        yield wire.block_stop(index)
    yield from marks.left()
    counted = {name: value for name, value in usage.items() if name.endswith("_tokens")}
    yield wire.message_delta(whole["stop_reason"], counted)
    yield wire.MESSAGE_STOP


def _content(index: int, block: Block, marks: "_Marks") -> Iterator[Step]:
    if block.citation_first:
        yield from block.citations(index)
    yield from marks.reached()
    for piece in block.pieces:
        if block.pace:
            yield Wait(block.pace)
        for part in marks.cut(piece):
            yield block.delta(index, part) if isinstance(part, str) else part
    if not block.citation_first:
        yield from block.citations(index)


class _Marks:
    """The pause and the break of an answer, each due after a number of its characters."""

    def __init__(self, answer: Answer) -> None:
        due: list[tuple[int, Mark]] = []
        if answer.pause_after is not None:
            due.append((answer.pause_after, Pause()))
        if answer.break_after is not None:
            due.append((answer.break_after, Break(answer.break_how, answer.break_error)))
        self._due = sorted(due, key=lambda mark: mark[0])
        self._position = 0

    def cut(self, piece: str) -> Iterator[str | Mark]:
        """The piece, cut where a mark is due inside it."""
        while self._due and self._due[0][0] < self._position + len(piece):
            size = self._due[0][0] - self._position
            yield from self._advance(piece[:size])
            piece = piece[size:]
        yield from self._advance(piece)

    def reached(self) -> Iterator[Mark]:
        """The marks that are due here."""
        while self._due and self._due[0][0] <= self._position:
            yield self._due.pop(0)[1]

    def left(self) -> Iterator[Mark]:
        """The marks that the answer was too short to reach."""
        while self._due:
            yield self._due.pop(0)[1]

    def _advance(self, text: str) -> Iterator[str | Mark]:
        yield text
        self._position += len(text)
        yield from self.reached()
