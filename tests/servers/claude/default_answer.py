"""What the server says when nobody scripted anything: a plausible answer to the question asked."""

from typing import Any

from . import reading
from .scripts import FILLER, Answer, Cite, Text

QUOTED = 200  # characters of a passage or a question that are repeated


def default_answer(body: Any, length: int, pace: float) -> Answer:
    """A markdown answer of exactly `length` characters (more if the quotation needs them)."""
    opening = f"You asked: *{_shortened(reading.last_user_text(body))}*\n\n"
    quotation = _quotation(body, pace)
    closing = "\n\nWhat to do:\n\n1. **Check** the details.\n2. **Write back** if it does not help.\n\n"
    room = length - len(opening) - (len(quotation.text) if quotation else 0)
    texts = [Text(opening, pace=pace), quotation, Text(_filled(closing, room), pace=pace)]
    return Answer([part for part in texts if part])


def _quotation(body: Any, pace: float) -> Text | None:
    """The first passage of the first search result, cited if the request wants citations."""
    results = reading.search_results(body)
    if not results:
        return None
    passage = next((block.get("text", "") for block in reading.blocks(results[0].get("content"))), "")
    wanted = bool((results[0].get("citations") or {}).get("enabled"))
    return Text(_shortened(passage), pace=pace, cites=(Cite(0),) if wanted else ())


def _filled(text: str, length: int) -> str:
    """The text, repeated filler appended, cut to the length."""
    if length <= 0:
        return ""
    missing = length - len(text)
    return (text + FILLER * (missing // len(FILLER) + 1))[:length]


def _shortened(text: str) -> str:
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"
