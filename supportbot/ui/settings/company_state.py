"""Who answers, and how the assistant speaks; and a question to try that with before it is saved."""

import logging
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import SupportError
from supportbot.house import versions
from supportbot.house.sections import Company
from supportbot.logs import log_trouble
from supportbot.turns.try_out import TriedEnd, TriedText
from supportbot.ui.documents import document
from supportbot.ui.notices import SENTENCE
from supportbot.ui.session import StaffPage, admin_signed_in
from supportbot.ui.settings.section_state import SectionPage, form_of

log = logging.getLogger(__name__)

QUESTION = "question"
"""The field of the question, beside those of the section."""


@dataclass
class TriedSource:
    """An article the tried answer rests on."""

    title: str = ""
    url: str = ""


class CompanyState(StaffPage, SectionPage, rx.State):
    """The page of the company and its assistant."""

    name: str = ""
    assistant_name: str = ""
    facts: str = ""
    tone: str = "neutral"
    instructions: str = ""
    link_hosts: str = ""
    """One a line."""

    trying: bool = False
    asked: str = ""
    tried_by: str = ""
    answer: str = ""
    """As HTML."""
    tried_notice: str = ""
    tried_escalates: bool = False
    tried_sources: list[TriedSource] = []
    try_refusal: str = ""

    _try: str = ""

    @rx.event(background=True)
    async def try_it(self, form: dict[str, Any]):
        """Answer the question as the typed values would have it; the newest question counts."""
        mine, typed = uuid4().hex, form_of(form)
        async with self:
            staff, gone = await self._enter()
            if staff is None or typed is None:
                return gone
            credentials = self._credentials()
            self._try, self.trying, self.asked = mine, True, typed.get(QUESTION, "")[:2_000]
            self.answer = self.tried_by = self.tried_notice = self.try_refusal = ""
            self.tried_escalates, self.tried_sources = False, []
        words, refusal = "", ""
        try:
            company = await versions.draft(desk().database, "company", typed)
            assert isinstance(company, Company)  # noqa: S101
            async with aclosing(desk().try_out(company, typed.get(QUESTION))) as pieces:
                async for piece in pieces:
                    words += piece.text if isinstance(piece, TriedText) else ""
                    still = await admin_signed_in(credentials)
                    async with self:
                        if self._try != mine:
                            return None
                        if not still:
                            # Signed out, or no admin any more: `open` finds out which, and says so.
                            self.reset()
                            return CompanyState.open
                        self.tried_by = company.assistant_name
                        self._take(piece, words)
        except SupportError as error:
            refusal = error.sentence
        except Exception as error:
            log_trouble(log, "trying out the assistant failed", error)
            refusal = SENTENCE
        with suppress(Exception):
            async with self:
                if self._try == mine:
                    self.trying, self.try_refusal = False, refusal
        return None

    def _take(self, piece: TriedText | TriedEnd, words: str) -> None:
        if isinstance(piece, TriedText):
            self.answer = document(words)
            return
        self.answer = document(words, frozenset(piece.links))
        self.tried_notice, self.tried_escalates = piece.notice, piece.escalates is not None
        self.tried_sources = [TriedSource(one["title"], one["url"]) for one in piece.sources]

    def _section(self) -> str:
        return "company"

    def _show(self, section: Company) -> None:
        self.name, self.assistant_name = section.name, section.assistant_name
        self.facts, self.tone, self.instructions = section.facts, section.tone, section.instructions
        self.link_hosts = "\n".join(section.link_hosts)
