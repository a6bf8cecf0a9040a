"""An answer during which the assistant may look in the articles again.

It asks by a tool call. The call never reaches whoever listens: the articles are searched, and the same answer
goes on with another request that holds what was found. So a question in another language than the articles',
or one that the first search misread, is answered all the same.
"""

import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import replace
from typing import cast

from supportbot.conversations.wording import clean_line, storable
from supportbot.knowledge.retrieval import Found, Hit
from supportbot.logs import log_trouble
from supportbot.turns.assistant import (
    ESCALATE_TOOL,
    SEARCH_TOOL,
    AnswerEvent,
    AnswerRequest,
    AnswerStep,
    Assistant,
    Finished,
    Look,
    LookedAgain,
    NoCallLeft,
    TextDelta,
    ToolCall,
)
from supportbot.turns.subject import Finds

log = logging.getLogger(__name__)

MOST_SEARCHES = 2
"""Searches of one answer."""
MOST_LOOKS = MOST_SEARCHES + 1
"""How often an answer goes on behind tool calls: also to be told that there are no more searches."""
LONGEST_QUERY = 300
NOTHING_NEW = (
    "Nothing else was found. Answer from what you have; where that is not enough, say that the articles do "
    "not answer it and offer a person."
)
NO_MORE = "There are no more searches for this answer. Answer from what you have, or offer a person."
NO_QUERY = "Give the search a query: a few words, in the language of the articles."
NOT_NOW = "The articles cannot be searched at the moment. Answer from what you have, or offer a person."
NO_SUCH_TOOL = "There is no such tool."
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ENDS_TO_GO_ON_FROM = ("tool_use", "end_turn")
"""How a call ends that is whole. One that was cut may have been cut in the middle of its query."""


class Looking:
    """One answer, by as many calls as it takes.

    Args:
        assistant: Who answers.
        request: What is asked first.
        articles: Where it may look.
        may_call: Asked before each call but the first; asking it counts.
    """

    def __init__(
        self,
        assistant: Assistant,
        request: AnswerRequest,
        articles: Finds,
        may_call: Callable[[], Awaitable[bool]],
    ) -> None:
        self.request = request
        """What the call that runs was asked; a call that failed is made again with it."""
        self._assistant = assistant
        self._articles = articles
        self._may_call = may_call
        self._searches = 0

    async def answer(self) -> AsyncGenerator[AnswerStep, None]:
        """Stream the answer.

        Raises:
            AssistantUnavailable: as the assistant does; `NoCallLeft` if it cannot go on within our limit.
        """
        said_before = False
        while True:
            calls: list[ToolCall] = []
            said, finished = "", None
            # Every assistant is a generator, and one that is left early must end at once.
            events = cast(AsyncGenerator[AnswerEvent, None], self._assistant.answer(self.request))
            async with aclosing(events):
                async for event in events:
                    if isinstance(event, TextDelta):
                        if said_before and not said.strip() and event.text.strip():
                            yield TextDelta("\n\n")
                        said += event.text
                    elif isinstance(event, ToolCall):
                        calls.append(event)
                    if isinstance(event, Finished):
                        finished = event
                    elif not (isinstance(event, ToolCall) and self._is_search(event)):
                        yield event
            if finished is None:
                return
            if not self._goes_on(calls, finished):
                yield finished
                return
            said_before = said_before or bool(said.strip())
            found = await self._look(said, calls)
            yield LookedAgain(found, finished, self.request)
            if not await self._may_call():
                raise NoCallLeft

    def _is_search(self, call: ToolCall) -> bool:
        return call.name == SEARCH_TOOL and self.request.may_search

    def _goes_on(self, calls: list[ToolCall], finished: Finished) -> bool:
        return (
            any(self._is_search(call) for call in calls)
            and all(call.name != ESCALATE_TOOL for call in calls)
            and _can_be_told(calls)
            and finished.stop_reason in _ENDS_TO_GO_ON_FROM
            and len(self.request.looks) < MOST_LOOKS
        )

    async def _look(self, said: str, calls: list[ToolCall]) -> Found:
        """Search for what the calls ask for; the next request holds it."""
        known = {hit.id for hit in self.request.given}
        new: list[Hit] = []
        told: list[tuple[Hit, ...] | str] = []
        confident = False
        # What goes back is what we made of it: not every text that can be received can be sent.
        calls = [replace(call, arguments={"query": _query(call)}) for call in calls]
        for call in calls:
            answer = await self._searched(call)
            if isinstance(answer, Found):
                fresh = tuple(hit for hit in answer.hits if hit.id not in known)
                known |= {hit.id for hit in fresh}
                new += fresh
                confident = confident or answer.confident
                told.append(fresh or NOTHING_NEW)
            else:
                told.append(answer)
        look = Look(storable(said).strip(), tuple(calls), tuple(told))
        self.request = replace(self.request, looks=(*self.request.looks, look))
        return Found(tuple(new), confident)

    async def _searched(self, call: ToolCall) -> Found | str:
        if not self._is_search(call):
            return NO_SUCH_TOOL
        query = _query(call)
        if not query:
            return NO_QUERY
        if self._searches >= MOST_SEARCHES:
            return NO_MORE
        self._searches += 1
        try:
            return await self._articles.find(query)
        except Exception as error:
            # The answer can do without: it has what was found before.
            log_trouble(log, "a second look in the articles failed", error)
            return NOT_NOW


def _query(call: ToolCall) -> str:
    return clean_line((call.arguments or {}).get("query"), limit=LONGEST_QUERY)


def _can_be_told(calls: list[ToolCall]) -> bool:
    """Whether the API would take an answer to these. Compatible servers name their calls as they like."""
    ids = [call.id for call in calls]
    names = [*ids, *(call.name for call in calls)]
    usable = all(isinstance(name, str) and _NAME.fullmatch(name) for name in names)
    return usable and len(set(ids)) == len(ids)
