"""What the desk asks of a database all day, over the crowd of tests/crowded.py; each by a name."""

import re
from collections.abc import Awaitable, Callable
from uuid import UUID

from supportbot.conversations import transcript
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.visitors import visitor_of
from supportbot.database import Database
from supportbot.escalations import queue
from supportbot.escalations.queue import List
from supportbot.escalations.search import search
from supportbot.models import Reason
from tests.crowded import COMMON_TAG, OLD_TAG, RARE_TAG, conversation_id, customer, staff_id
from tests.crowded_texts import COMMON_WORD, JAPANESE, RARE_WORD

Question = Callable[[Database], Awaitable[object]]

_ME = staff_id(3)
_FILTERS: dict[str, dict[str, str]] = {
    "": {},
    ", a rare tag": {"tag": RARE_TAG},
    ", a common tag": {"tag": COMMON_TAG},
    ", a tag of long ago": {"tag": OLD_TAG},
    ", a reason": {"reason": Reason.LEGAL_THREAT},
    ", a language": {"language": "fi"},
    ", all three": {"tag": COMMON_TAG, "reason": Reason.FRUSTRATED, "language": "de"},
}

_SORTS_FEW = re.compile(
    # Narrowed to a tag: at most `MOST_TAGGED`.
    "(resolved|junk), (a rare tag|a common tag|a tag of long ago|all three)"
    # No more than are with people, or have been put to junk.
    "|(open|mine|snoozed|junk), (a reason|all three)"
    # The conversations of at most `MOST_CUSTOMERS`, and of one customer.
    "|search: (a name|part of addresses|words far apart|an address)|open a case"
)


def sorts_few(question: str) -> bool:
    """Whether what a question sorts cannot be much, however much there is."""
    return _SORTS_FEW.fullmatch(question) is not None


def lists() -> dict[str, Question]:
    """Every list with every filter, and the page after the first."""
    questions: dict[str, Question] = {}
    for which in List:
        for name, filters in _FILTERS.items():
            questions[f"{which}{name}"] = _list(which, filters)
        questions[f"{which}, next page"] = _next_page(which)
    questions["tags in use"] = queue.tags_in_use
    questions["languages in use"] = queue.languages_in_use
    questions["the range of waiting"] = queue.waits
    return questions


def searches(conversations: int) -> dict[str, Question]:
    """One of each kind of words."""
    number = conversations // 5 // 2
    number += 2 - number % 3
    name, address = customer(number)
    words = {
        "a rare word": RARE_WORD,
        "a common word": COMMON_WORD,
        "the commonest word": "the",
        "the beginning of a word": COMMON_WORD[:4],
        "two letters": "re",
        "three common words": "refund payment invoice",
        "a rare and a common word": f"{RARE_WORD} the",
        "words far apart": f"{name} {COMMON_WORD}",
        "a name": name,
        "an address": address,
        "part of addresses": "example.com",
        "Japanese": JAPANESE,
        "a number": "INV-0001",
        "nothing": "wholly unheard of",
    }
    questions = {f"search: {kind}": _search(typed) for kind, typed in words.items()}
    questions["search: an id"] = _search(str(conversation_id(number)))
    return questions


def opening(conversation: UUID) -> dict[str, Question]:
    """What a case needs when somebody opens it."""
    return {"open a case": _open(conversation)}


def _list(which: List, filters: dict[str, str]) -> Question:
    return lambda database: queue.listed(database, which, _ME, **filters)


def _next_page(which: List) -> Question:
    last: dict[int, UUID] = {}

    async def ask(database: Database) -> object:
        if id(database) not in last:
            rows = (await queue.listed(database, which, _ME, limit=20)).rows
            last[id(database)] = rows[-1].id
        return await queue.listed(database, which, _ME, before=last[id(database)])

    return ask


def _search(words: str) -> Question:
    return lambda database: search(database, _ME, words)


def _open(conversation: UUID) -> Question:
    async def ask(database: Database) -> object:
        await visitor_of(database, conversation)
        await queue.other_conversations(database, conversation)
        await queue.place_in_queue(database, conversation)
        return await transcript.read(
            database, MemoryLive(), conversation, limit=transcript.OPENING, notes=True
        )

    return ask
