"""Passages that a search has found, as the help pages show them: shortened, with the words marked. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from supportbot.knowledge.articles import Listed
from supportbot.knowledge.retrieval import Hit
from supportbot.knowledge.words import content_terms, terms
from supportbot.rendering import render
from supportbot.web.help import languages
from supportbot.web.help.shown import plain_words

ABOUT = 240
"""Characters of an excerpt."""
LEAD = 60
"""How many of them may stand before the first word that was looked for."""
MORE = 3
"""Further passages of an article that are named."""

_WORD = re.compile(r"[^\W_]+")
_SENTENCE = re.compile(r"[.!?。！？]\s*")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Words:
    """A part of an excerpt, and whether it is what was looked for."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """An article in the list of what was found, with the passage that fits best.

    `heading` is empty if that is its introduction; `more` are further passages, by heading and address.
    """

    url: str
    title: str
    heading: str
    language: str
    direction: str
    excerpt: list[Words]
    more: list[tuple[str, str]]


def results(question: str, hits: Sequence[Hit], listed: Mapping[str, Listed], language: str) -> list[Result]:
    """What to show of the hits: each article once, best first.

    Args:
        question: What was looked for.
        hits: What was found.
        listed: The hits' articles by their slugs. One that is not there has gone since.
        language: Only articles in this language; all of them if empty.
    """
    by_article: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.slug in listed and language in ("", listed[hit.slug].language):
            by_article.setdefault(hit.slug, []).append(hit)
    return [_result(question, found, listed[slug]) for slug, found in by_article.items()]


def _result(question: str, hits: Sequence[Hit], article: Listed) -> Result:
    best, *others = hits
    tag = languages.tag(article.language)
    return Result(
        best.url,
        article.title,
        best.heading,
        tag,
        languages.direction(tag),
        excerpt(plain_words(render(best.body)), question),
        [(_last(hit.heading), hit.url) for hit in others if hit.heading][:MORE],
    )


def excerpt(text: str, question: str) -> list[Words]:
    """The part of `text` that says most about `question`, with the question's words marked."""
    wanted = set(content_terms(question))
    spans = marks(text, wanted)
    first, last = _window(text, spans)
    parts: list[Words] = []
    at = first
    for start, end in spans:
        if start < first or end > last:
            continue
        if start > at:
            parts.append(Words(text[at:start]))
        parts.append(Words(text[start:end], marked=True))
        at = end
    parts.append(Words(text[at:last]))
    if first > 0:
        parts.insert(0, Words("… "))
    if last < len(text):
        parts.append(Words(" …"))
    return [part for part in parts if part.text]


def marks(text: str, wanted: set[str]) -> list[Span]:
    """Where words stand that the index takes for one of `wanted`, in order, none over another."""
    found: list[Span] = []
    for match in _WORD.finditer(text):
        word, start = match[0], match.start()
        known = terms(word)
        if len(known) == 1:
            if known[0] in wanted:
                found.append(match.span())
            continue
        # Without spaces between words, the index knows pairs of characters.
        for at in range(len(word) - 1):
            if wanted.isdisjoint(terms(word[at : at + 2])):
                continue
            begins = start + at
            if found and begins <= found[-1][1]:
                begins = found.pop()[0]
            found.append((begins, start + at + 2))
    return found


def _window(text: str, spans: Sequence[Span]) -> Span:
    if len(text) <= ABOUT + LEAD:
        return 0, len(text)
    best = max((span[0] for span in spans), key=lambda at: (_different(text, spans, at), -at), default=0)
    first = _begins(text, best)
    last = first + ABOUT
    if last >= len(text):
        return first, len(text)
    return first, max(text.rfind(" ", best, last), best) if " " in text[best:last] else last


def _different(text: str, spans: Sequence[Span], at: int) -> int:
    """How many different words of the question stand in an excerpt from here on."""
    last = at + ABOUT - LEAD
    return len({text[start:end].casefold() for start, end in spans if at <= start and end <= last})


def _begins(text: str, best: int) -> int:
    """Where an excerpt begins that has this word in it: with its sentence, or a few words before it."""
    earliest = max(0, best - LEAD)
    ends = [match.end() for match in _SENTENCE.finditer(text, earliest, best)]
    if ends:
        return ends[-1]
    if earliest == 0:
        return 0
    space = text.find(" ", earliest, best)
    return space + 1 if space >= 0 else earliest


def _last(path: str) -> str:
    """The heading itself, of the path of headings that lead to it."""
    return path.rpartition(" > ")[2]
