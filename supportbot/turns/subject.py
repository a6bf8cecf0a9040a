"""The article a customer comes from: "Ask about this" on a help page leads into the chat with it.

Their first question is then about that article, as long as the article can be what it is about: "How long
does it take?" means nothing alone, and "Can I pay by card?" asked below an article on passwords is about
cards. The page's address names the article; title and words are our own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from sqlmodel import col, select

from supportbot.conversations.events import MessageView
from supportbot.conversations.wording import storable
from supportbot.database import Database
from supportbot.knowledge.indexing import Indexed
from supportbot.knowledge.retrieval import Found
from supportbot.knowledge.stop_words import CHATTY_WORDS
from supportbot.knowledge.words import question_words
from supportbot.models import Article, ArticleState, Conversation, MessageState, Passage, Role
from supportbot.turns.assistant import Said

PARAMETER = "about"
"""Of the start page's address: the slug of an article."""


class Finds(Protocol):
    """Whatever finds passages for a question."""

    async def find(self, question: str, limit: int = 5) -> Found:
        """The passages that fit best, and whether they are about the question at all."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """An article that is asked about, and every word of it as the index knows it."""

    slug: str
    title: str
    words: frozenset[str]

    def may_answer(self, question: str) -> bool:
        """Whether nothing of what the question asks for is missing from the article."""
        asked = (word for word in question_words(question) if word.is_content)
        return all(word.term in self.words or word.folded in CHATTY_WORDS for word in asked)


async def subject_of(
    database: Database, conversation_id: UUID, history: Sequence[MessageView]
) -> Subject | None:
    """What a conversation's first question is about; None once it has been answered, and mostly."""
    answered = (Role.ASSISTANT, Role.STAFF)
    if any(one.role in answered and one.state == MessageState.COMPLETE for one in history):
        return None
    async with database.reading() as session:
        page = (
            await session.exec(select(Conversation.page).where(Conversation.id == conversation_id))
        ).first()
        slug = named_in(page or "")
        if not slug:
            return None
        passages = (
            select(Article.title, Passage.terms)
            .join(Passage)
            .where(col(Article.slug) == slug, col(Article.state) == ArticleState.PUBLISHED)
        )
        rows = (await session.exec(passages)).all()
    if not rows:
        return None
    words = frozenset(word for _, terms in rows for word in Indexed.read(terms).words())
    return Subject(slug, rows[0][0], words)


def named_in(page: str) -> str:
    """The slug in the address of the page a conversation began on; "" if there is none."""
    try:
        asked = parse_qs(urlsplit(page).query, max_num_fields=20).get(PARAMETER, [""])[0]
    except ValueError:
        return ""
    return asked if storable(asked) == asked else ""


async def find(retrieval: Finds, question: str, subject: Subject | None) -> Found:
    """Look a question up, with the title of the article it is about if that leads into the article."""
    if subject is None or not subject.may_answer(question):
        return await retrieval.find(question)
    along = await retrieval.find(f"{subject.title}\n{question}")
    if along.hits and along.hits[0].slug == subject.slug:
        return along
    return await retrieval.find(question)


def introduced(window: tuple[Said, ...], subject: Subject | None) -> tuple[Said, ...]:
    """The window as the assistant sees it, which says what the first question is about."""
    if subject is None or not window or window[0].role != "user":
        return window
    first = Said("user", f'(From the help article "{subject.title}")\n{window[0].text}')
    return (first, *window[1:])
