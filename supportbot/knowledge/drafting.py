"""An article begun from what customers asked and what people replied: a draft, for somebody to finish.

Nobody but the desk reads it before somebody publishes it. What a colleague wrote to one customer becomes a
text for all of them: without greeting and signature, and without what belongs to that customer.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.ids import new_id
from supportbot.knowledge.alike import terms_of
from supportbot.knowledge.cleaning import clean
from supportbot.knowledge.privacy import without_personal_data
from supportbot.knowledge.publishing import Words, add_version
from supportbot.knowledge.slugs import free_slug, slug_from
from supportbot.models import WRITTEN_HERE, Article, ArticleState, Origin

TITLE_CHARACTERS = 120
BODY_CHARACTERS = 20_000
UNTITLED = "Untitled"
TO_WRITE = "Write the answer here."

_GREETINGS = (
    *("hi", "hello", "hey", "dear", "good morning", "good afternoon", "good evening", "good day"),
    *("hallo", "guten tag", "guten morgen", "guten abend", "liebe[rs]?", "sehr geehrte[rs]?"),
    *(
        "bonjour",
        "bonsoir",
        "salut",
        "cher",
        "chère",
        "olá",
        "bom dia",
        "boa tarde",
        "boa noite",
        "prezad[oa]s?",
    ),
    *("hola", "buenos d[ií]as", "buenas tardes", "buenas noches", "estimad[oa]s?"),
)
_THANKS = (
    *("thank you", "thanks", "many thanks", "vielen dank", "danke", "merci", "muchas gracias", "gracias"),
    *("obrigad[oa]", "muito obrigad[oa]"),
)
_REGARDS = (
    *(
        "(?:(?:best|kind|warm|many) )?(?:regards|wishes)",
        "cheers",
        "sincerely",
        "yours(?: sincerely| truly)?",
    ),
    *(
        "all the best",
        "best",
        "lg",
        "vg",
        "mfg",
        "cordialement",
        "bien à vous",
        "atenciosamente",
        "cumprimentos",
    ),
    *(
        "(?:mit )?(?:viele|liebe|beste|freundliche|herzliche)n? gr[uü](?:ß|ss)en?",
        "(?:un )?saludos?(?: cordial(?:es)?)?",
    ),
)
_END = r"[ \t]*(?:[,.!:;]+\s*|\n+|\Z)"
_GREETING = re.compile(rf"(?i)\A\s*(?:{'|'.join(_GREETINGS)})(?:[ \t]+[^\s,.!?:;]+\.?){{0,3}}{_END}")
_COURTESY = re.compile(rf"(?i)\A\s*(?:{'|'.join(_THANKS)})\b[^.!?\n]{{0,80}}(?:[.!]+\s*|\n+|\Z)")
_SIGNING_OFF = re.compile(
    rf"(?im)^[ \t]*(?:{'|'.join(_REGARDS)})[ \t]*[,.!]?[ \t]*(?:\n[^\n]{{0,60}}){{0,3}}\n*\Z"
)
_COMPANY = re.compile(
    r"(?i)(?:(?:just )?(?:a|one) (?:moment|second|minute)|(?:please )?wait|let me (?:check|look|see|find out)"
    r"|i(?: wi|')ll (?:check|look)|you(?:'re| are) (?:very )?welcome|no problem|my pleasure|glad to help"
    r"|(?:einen )?(?:moment|augenblick)|gerne?(?: geschehen)?|bitte|ich (?:schaue|sehe) nach"
    r"|un (?:moment|instant)|de rien|je vous en prie|un momento|de nada|por nada|um momento)"
    r"[^.!?\n]{0,30}[.!…]*"
)
_SENTENCE = re.compile(r"(?<=[.!?。？！])\s+")
_HEADING = re.compile(
    r"\A\s{0,3}#{1,3}\s+(?P<title>[^\n]+)\n*|\A\s*title\s*:\s*(?P<named>[^\n]+)\n*", re.IGNORECASE
)


def title_from(question: str, names: Collection[str | None] = ()) -> str:
    """The title an article gets from a customer's question: what it asks, in one line."""
    words = " ".join(_without_courtesies(question).split())
    asking = [sentence for sentence in _SENTENCE.split(words) if terms_of(sentence)]
    chosen = next((one for one in asking if one.endswith(("?", "？"))), asking[0] if asking else words)
    title = without_personal_data(chosen, names).strip()
    if len(title) > TITLE_CHARACTERS:
        title = f"{title[: TITLE_CHARACTERS - 1].rsplit(' ', 1)[0].rstrip(' ,;:')}…"
    return title[:1].upper() + title[1:] or UNTITLED


def body_from(replies: Sequence[str], names: Collection[str | None] = ()) -> str:
    """The text an article gets from what colleagues replied; words that only keep somebody company go."""
    told = [_SIGNING_OFF.sub("", _without_courtesies(reply)).strip() for reply in replies]
    kept = [one[:1].upper() + one[1:] for one in told if one and not _COMPANY.fullmatch(one)]
    text = "\n\n".join(dict.fromkeys(kept))
    return clean(without_personal_data(text, names))[:BODY_CHARACTERS] or TO_WRITE


def words_from(
    question: str, replies: Sequence[str], language: str, names: Collection[str | None] = ()
) -> Words:
    """An article without a model: the question above what was replied to it."""
    return Words(title_from(question, names), body_from(replies, names), language=language or "en")


def words_in(written: str, question: str, language: str, names: Collection[str | None] = ()) -> Words:
    """An article as a model wrote it: a heading, then the text. Without a heading, the question is one."""
    text = without_personal_data(clean(written), names)
    found = _HEADING.match(text)
    title = (found["title"] or found["named"]).strip(" #*\"'") if found else ""
    body = text[found.end() :] if found else text
    if not title or len(title) > 2 * TITLE_CHARACTERS:
        title = title_from(question, names)
    return Words(
        title[: 2 * TITLE_CHARACTERS], body.strip()[:BODY_CHARACTERS] or TO_WRITE, language=language or "en"
    )


async def new_draft(
    session: AsyncSession, words: Words, *, staff_id: UUID, at: datetime, path: str = ""
) -> UUID:
    """Add an article that nobody reads yet, with its first version; its id.

    `path` names what it was drafted from, if that may have only one draft.
    """
    article_id = new_id()
    session.add(
        Article(
            id=article_id,
            collection=WRITTEN_HERE,
            path=path or str(article_id),
            slug=await free_slug(session, slug_from(words.title), article_id),
            content_hash="",
            state=ArticleState.DRAFT,
            created_at=at,
            updated_at=at,
            **asdict(words),
        )
    )
    await session.flush()
    await add_version(session, article_id, words, at, origin=Origin.DRAFTED, staff_id=staff_id)
    return article_id


def _without_courtesies(text: str) -> str:
    """What somebody wrote without how they began: a greeting, a word of thanks."""
    return _COURTESY.sub("", _GREETING.sub("", text.strip(), count=1), count=1)
