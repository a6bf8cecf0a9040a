"""The assistant without a model: it quotes the article that answers, or says that none does.

It is the default without a key, the fallback while Claude is away, and what demos and tests rely on,
because it always answers alike.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence

from supportbot.integrations.quoting import excerpt
from supportbot.knowledge.links import as_read_elsewhere
from supportbot.knowledge.questions import asks_something
from supportbot.knowledge.retrieval import Hit
from supportbot.knowledge.stop_words import THANKS
from supportbot.knowledge.words import question_words
from supportbot.turns.assistant import AnswerEvent, AnswerRequest, Cited, Finished, TextDelta
from supportbot.turns.control import MARKER

WORDS_AT_ONCE = 3
SEE_ALSO = 3
NEARLY_AS_GOOD = 0.65
"""Another place is named if its passage scores at least this part of the best one's."""

NOTHING_FOUND = "I found nothing about this in our articles."
NOT_SURE = "I am not sure this answers it."
CLOSEST = "The closest I found is in our article"
ASK_A_PERSON = "You can put it in other words, or choose **Talk to a person** and somebody will help you."
A_PERSON_COMES = "You can put it in other words. Your place is kept, and a person will answer you here."
SAY_MORE = (
    "Tell me in a few words what you need, and I will look in our articles. "
    "You can also choose **Talk to a person** at any time."
)
WELCOME = "You are welcome. If there is anything else, just ask."

_WORD = re.compile(r"\s*\S{1,40}|\s+$")
_MARKUP = re.compile(r"([\\`*_\[\]<>~|#])")
# An article may speak of it; quoting that must not send every reader to people.
_CONTROL_WORD = re.compile(rf"\[({re.escape(MARKER[1:-1])})\]", re.IGNORECASE)


class ArticlesOnly:
    """Answers with the best passage of the articles.

    Args:
        pace: Seconds between two pieces of the answer, so that the page shows it growing.
    """

    name = "articles_only"
    model = ""
    cites_sources = True

    def __init__(self, pace: float = 0.012) -> None:
        self._pace = pace

    async def answer(self, request: AnswerRequest) -> AsyncIterator[AnswerEvent]:
        """Stream the answer; never raises `AssistantUnavailable`.

        With confident passages: where the answer stands, the part of the passage that answers, and up
        to three places more. With passages that are only likely: the same, as a guess, and how to
        reach a person. Without: that nothing was found, and how to reach a person.
        """
        best = request.passages[0] if request.passages else None
        if best is not None and request.confident:
            async for event in self._quoted(quotation(best, request.question), request.passages):
                yield event
        elif best is not None and best.likely and asks_something(request.question):
            async for event in self._quoted(guess(best, request.question), request.passages):
                yield event
            async for delta in self._paced(f"\n\n{way_on(request)}"):
                yield delta
        else:
            async for delta in self._paced(without_answer(request)):
                yield delta
        yield Finished("end_turn")

    async def _quoted(self, text: str, passages: Sequence[Hit]) -> AsyncIterator[TextDelta | Cited]:
        async for delta in self._paced(text):
            yield delta
        yield Cited(passages[0].id)
        async for delta in self._paced(see_also(passages)):
            yield delta

    async def _paced(self, text: str) -> AsyncIterator[TextDelta]:
        for piece in in_pieces(text):
            yield TextDelta(piece)
            await asyncio.sleep(self._pace)


def quotation(hit: Hit, question: str) -> str:
    """Where the passage stands, in a sentence, and the part of it that answers."""
    return f"From our article {_place(hit)}:\n\n{_quoted_part(hit, question)}"


def guess(hit: Hit, question: str) -> str:
    """The same of a passage that may answer or not, and says so."""
    return f"{NOT_SURE} {CLOSEST} {_place(hit)}:\n\n{_quoted_part(hit, question)}"


def _place(hit: Hit) -> str:
    heading = hit.heading.rpartition(" > ")[2]
    return f"**{_escaped(hit.title)}**" + (f", under {_escaped(heading)}" if heading else "")


def _quoted_part(hit: Hit, question: str) -> str:
    body = as_read_elsewhere(hit.body, hit.page)
    return excerpt(_CONTROL_WORD.sub(r"\\[\1\\]", body), question)


def see_also(hits: Sequence[Hit]) -> str:
    """A line that links up to three more places which may help, or nothing.

    These are other articles; after an article's introduction, which rarely says all, its sections too.
    """
    best = hits[0]
    others: dict[str, Hit] = {}
    for hit in hits[1:]:
        same = hit.slug == best.slug
        if hit.score >= NEARLY_AS_GOOD * best.score and not (same and best.heading):
            others.setdefault(hit.url if same else hit.slug, hit)
    places = list(others.values())[:SEE_ALSO]
    if not places:
        return ""
    links = [f"[{_escaped(_name(hit, best, places))}]({hit.url})" for hit in places]
    return f"\n\nSee also: {' · '.join(links)}"


def _name(hit: Hit, best: Hit, places: Sequence[Hit]) -> str:
    """What to call a place: the section of the same article, the article, or both if two are called alike."""
    if hit.slug == best.slug:
        return hit.heading.rpartition(" > ")[2] or hit.title
    alike = any(other.title == hit.title for other in (best, *places) if other.slug != hit.slug)
    return hit.label if alike else hit.title


def without_answer(request: AnswerRequest) -> str:
    """What to say when the articles have nothing, or nothing was asked."""
    if not asks_something(request.question):
        words = {word.folded for word in question_words(request.question)}
        return WELCOME if words & THANKS else SAY_MORE
    return f"{NOTHING_FOUND} {way_on(request)}"


def way_on(request: AnswerRequest) -> str:
    """What somebody can do whom the articles do not help."""
    return A_PERSON_COMES if request.waits else ASK_A_PERSON


def in_pieces(text: str) -> Iterator[str]:
    """`text` in pieces of a few words, which together are exactly the text."""
    words = _WORD.findall(text)
    for at in range(0, len(words), WORDS_AT_ONCE):
        yield "".join(words[at : at + WORDS_AT_ONCE])


def _escaped(text: str) -> str:
    """A title as Markdown that shows every character of it."""
    return _MARKUP.sub(r"\\\1", text)
