"""What the server will answer: scripted replies as values, one function for each verb of the tests.

A reply is an `Answer` (parts, and what happens on the way) or a `Failure` (no answer at all). Both are plain
data, so the same words work in a test, over HTTP as JSON, and from another process.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from typing import Any, Literal, TypedDict, Unpack

Breakage = Literal[
    "reset", "hangup", "error_event", "clean_end", "stall", "only_pings", "bad_json", "bad_utf8"
]

FILLER = "Thank you for your question. Here is a calm, complete answer with a few useful steps to follow. "


class Usage(TypedDict, total=False):
    """Token counts to report instead of the computed ones, by the API's own names."""

    input_tokens: int
    output_tokens: int
    cache_creation_input_tokens: int
    cache_read_input_tokens: int


class Options(TypedDict, total=False):
    """What every answer may carry besides its parts; the fields of `Answer` explain each."""

    stop_reason: str | None
    usage: Usage | None
    silence: float
    ping_every: float | None
    headers_first: bool
    pause_after: int | None
    break_after: int | None
    break_how: Breakage
    break_error: str
    when: str | None
    times: int


@dataclass(frozen=True)
class Cite:
    """A passage of one of the request's search results. What is left out is looked up in the request."""

    search_result: int = 0
    start_block: int = 0
    end_block: int = 1
    cited_text: str | None = None
    source: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Text:
    """A text block. It streams word by word, unless `splits` (positions) or `split_every` say otherwise."""

    text: str
    splits: Sequence[int] | None = None
    split_every: int | None = None
    pace: float = 0.0
    cites: Sequence[Cite] = ()
    citation_first: bool = True  # recorded streams cite before the text; the API's manual shows it after

    def pieces(self) -> list[str]:
        """The text as its deltas; joined they are the text again."""
        if self.splits is not None:
            edges = [0, *self.splits, len(self.text)]
            return [self.text[start:end] for start, end in pairwise(edges) if end > start]
        if self.split_every:
            return _every(self.text, self.split_every)
        return re.findall(r"\S+\s*|\s+", self.text)


@dataclass(frozen=True)
class Tool:
    """A tool call. `raw_json` is sent in place of the input, and may be invalid."""

    tool: str
    input: Mapping[str, Any] = field(default_factory=dict)
    raw_json: str | None = None
    split_every: int = 8
    pace: float = 0.0


Part = Text | Tool


@dataclass(frozen=True)
class Answer:
    """An answer of one or more parts, and what happens while it is given."""

    parts: Sequence[Part]
    stop_reason: str | None = None  # None: tool_use if a tool is called, else end_turn
    usage: Usage | None = None  # what is left out is computed
    silence: float = 0.0  # seconds before the first token, after message_start
    ping_every: float | None = None  # seconds between pings in that silence
    headers_first: bool = True  # False: the silence comes before the HTTP headers
    pause_after: int | None = None  # characters (text and tool input), then silence until release()
    break_after: int | None = None  # characters (text and tool input), then `break_how`
    break_how: Breakage = "reset"
    break_error: str = "overloaded_error"
    when: str | None = None  # only for a request whose JSON contains this
    times: int = 1


@dataclass(frozen=True)
class Failure:
    """A refusal before the first byte. Without a status the connection is reset unanswered."""

    status: int | None
    error_type: str | None = None
    message: str | None = None
    retry_after: float | None = None
    body: str | None = None  # sent as it is, as a proxy's HTML page would be
    when: str | None = None
    times: int = 1


Reply = Answer | Failure


def answers(parts: Sequence[Part], **options: Unpack[Options]) -> Answer:
    """An answer of several parts: `answers([Text("One."), cited("Two."), Tool("escalate")])`."""
    return Answer(tuple(parts), **options)


def says(
    text: str,
    *,
    splits: Sequence[int] | None = None,
    split_every: int | None = None,
    pace: float = 0.0,
    **options: Unpack[Options],
) -> Answer:
    """An answer of one text; `""` is the API's empty answer, which has no block at all."""
    return answers([Text(text, splits, split_every, pace)], **options)


def cited(
    text: str,
    search_result: int = 0,
    start_block: int = 0,
    end_block: int = 1,
    cited_text: str | None = None,
    source: str | None = None,
    title: str | None = None,
    *,
    pace: float = 0.0,
    citation_first: bool = True,
) -> Text:
    """A text that rests on a passage: a part for `answers`."""
    cite = Cite(search_result, start_block, end_block, cited_text, source, title)
    return Text(text, pace=pace, cites=(cite,), citation_first=citation_first)


def cites(
    text: str,
    search_result: int = 0,
    start_block: int = 0,
    end_block: int = 1,
    cited_text: str | None = None,
    source: str | None = None,
    title: str | None = None,
    *,
    pace: float = 0.0,
    citation_first: bool = True,
    **options: Unpack[Options],
) -> Answer:
    """An answer of one text that rests on a passage."""
    passage = (search_result, start_block, end_block, cited_text, source, title)
    return answers([cited(text, *passage, pace=pace, citation_first=citation_first)], **options)


def calls_tool(
    tool: str,
    input: Mapping[str, Any] | None = None,
    *,
    text_before: str = "",
    raw_json: str | None = None,
    split_every: int = 8,
    pace: float = 0.0,
    **options: Unpack[Options],
) -> Answer:
    """An answer that calls a tool, after a text if there is one."""
    call = Tool(tool, input or {}, raw_json, split_every, pace)
    return answers([Text(text_before, pace=pace), call], **options)


def refuses(text: str = "", **options: Unpack[Options]) -> Answer:
    """The model declines, perhaps after some text."""
    return replace(says(text, **options), stop_reason="refusal")


def stays_silent(seconds: float, text: str = "Here I am.", **options: Unpack[Options]) -> Answer:
    """The request is accepted and nothing comes for so many seconds."""
    return replace(says(text, **options), silence=seconds)


def breaks_after(
    characters: int,
    how: Breakage = "reset",
    *,
    text: str = FILLER * 4,
    pace: float = 0.0,
    error_type: str = "overloaded_error",
    **options: Unpack[Options],
) -> Answer:
    """An answer that breaks once so many characters were sent.

    `reset` aborts the TCP connection, `hangup` closes it in the middle of the body, `clean_end` ends the body
    before `message_stop`, `error_event` sends an `error` event, `bad_json` and `bad_utf8` send garbage,
    `stall` sends nothing more, and `only_pings` nothing but pings.
    """
    answer = says(text, pace=pace, **options)
    return replace(answer, break_after=characters, break_how=how, break_error=error_type)


def fails(
    status: int | None,
    error_type: str | None = None,
    *,
    message: str | None = None,
    retry_after: float | None = None,
    body: str | None = None,
    when: str | None = None,
    times: int = 1,
) -> Failure:
    """A failure before the first byte, with the API's error body."""
    return Failure(status, error_type, message, retry_after, body, when, times)


def hangs_up(*, when: str | None = None, times: int = 1) -> Failure:
    """The connection is reset before any answer."""
    return Failure(None, when=when, times=times)


VERBS = {
    verb.__name__: verb
    for verb in (answers, says, cites, calls_tool, refuses, stays_silent, breaks_after, fails, hangs_up)
}


def from_json(item: Mapping[str, Any]) -> Reply:
    """The reply that `{"verb": "says", "text": "Hello"}` asks for: a verb's name and its arguments."""
    arguments = dict(item)
    name = arguments.pop("verb", None)
    if name not in VERBS:
        raise ValueError(f"verb: one of {', '.join(VERBS)}, not {name!r}")
    if "parts" in arguments:
        arguments["parts"] = [_part(part) for part in arguments["parts"]]
    return VERBS[name](**arguments)


def to_json(reply: Reply) -> dict[str, Any]:
    """The JSON from which `from_json` makes an equal reply."""
    return {"verb": "answers" if isinstance(reply, Answer) else "fails", **asdict(reply)}


def _part(part: Mapping[str, Any]) -> Part:
    if "tool" in part:
        return Tool(**part)
    return Text(**{**part, "cites": tuple(Cite(**cite) for cite in part.get("cites", ()))})


def _every(text: str, size: int) -> list[str]:
    return [text[start : start + size] for start in range(0, len(text), size)]
