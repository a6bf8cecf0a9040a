"""Writing articles: save a version, publish it, retire the article, go back to an earlier version.

Saving never changes what readers see; publishing does, at once and for every worker. The editor says which
version it began with, and nobody overwrites what somebody else has saved meanwhile without having seen it.
"""

import asyncio
import logging
from dataclasses import asdict, dataclass
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.ids import now
from supportbot.knowledge import publishing
from supportbot.knowledge.passages import title_of
from supportbot.knowledge.publishing import CutPassage, Words, add_version
from supportbot.knowledge.slugs import free_slug, slug_from
from supportbot.knowledge.typed import WrongText, ready_for_readers
from supportbot.models import WRITTEN_HERE, Article, ArticleState, ArticleVersion, Origin, Staff

log = logging.getLogger(__name__)

TRIES = 3
"""How often an address is looked for anew because somebody took it at the same moment."""
LARGEST = 2**31
"""No number of a version is as large: the column holds none."""
_TAKEN_AWAY = "-retired-"
"""Stands in the address of a retired article whose own one another article has now."""


@dataclass(frozen=True, slots=True)
class Saved:
    """An article after somebody saved it. `published` is the version readers see, 0 if there is none."""

    article_id: UUID
    slug: str
    version: int
    published: int


class SavedMeanwhile(Refused):
    """Somebody has saved since the version that was edited. `version` is theirs: save over it, or not."""

    def __init__(self, sentence: str, version: int) -> None:
        super().__init__(sentence)
        self.version = version


async def save(
    database: Database,
    article_id: UUID,
    words: Words,
    staff: Staff,
    *,
    over: int,
    slug: str = "",
    publish: bool = False,
    origin: Origin = Origin.WRITTEN,
) -> Saved:
    """Save what was written as the article's next version; the first one begins the article, as a draft.

    Saying the same again adds no version, so whoever got no answer may simply repeat it.

    Args:
        database: Where articles are.
        article_id: Which; an id nobody has used begins one.
        words: What was written; see `typed.words_of`.
        staff: Who writes.
        over: The newest version they had before them; 0 to begin an article.
        slug: The address to have, while nobody has been able to read the article; from the title if empty.
        publish: Let readers see it.
        origin: How the version came about.

    Raises:
        SavedMeanwhile: somebody has saved since `over`; the sentence says who and when.
        WrongText: readers cannot be shown this, or the address is another article's.
        NotFound: if there is no such article, and `over` says that there was one.
    """
    passages = await _cut(words) if publish else ()
    for attempt in range(1, TRIES + 1):
        try:
            async with database.transaction() as session:
                return await _save(session, article_id, words, staff, over, slug, passages, publish, origin)
        except IntegrityError:
            # Somebody took the address, or began this very article, by less than this transaction took.
            if attempt == TRIES:
                raise
    raise AssertionError("unreachable")


async def publish(database: Database, article_id: UUID, staff: Staff, *, over: int) -> Saved:
    """Let readers see the newest version, which is `over`: nobody publishes what they have not seen.

    Raises:
        SavedMeanwhile: there is a newer one.
        WrongText: it says nothing.
        NotFound: if there is no such article.
    """
    words = await version_of(database, article_id, over)
    return await save(database, article_id, words, staff, over=over, publish=True)


async def retire(database: Database, article_id: UUID, staff: Staff) -> None:
    """Take the article away from readers. It can be edited, and published again at the same address.

    Raises:
        NotFound: if there is no such article.
    """
    async with database.transaction() as session:
        await publishing.one_at_a_time(session)
        article = await _locked(session, article_id)
        if article is None:
            raise NotFound("There is no such article.")
        if article.state == ArticleState.RETIRED:
            return
        await publishing.retire(session, [article_id], now())
    log.info("The article %s was retired by %s", article_id, staff.id)


async def restore(database: Database, article_id: UUID, version: int, staff: Staff, *, over: int) -> Saved:
    """Save what an earlier version said as the newest; readers see it once it is published.

    Raises:
        SavedMeanwhile: somebody has saved since `over`.
        NotFound: if there is no such article or version.
    """
    words = await version_of(database, article_id, version)
    async with database.transaction() as session:
        article = await _locked(session, article_id)
        newest = await _newest(session, article_id)
        if article is None or newest is None:
            raise NotFound("There is no such article.")
        if newest.version != over:
            raise await _meanwhile(session, newest)
        if _words(newest) == words:
            return _saved(article, newest.version)
        number = await add_version(
            session,
            article_id,
            words,
            now(),
            origin=Origin.RESTORED,
            staff_id=staff.id,
            restored_from=version,
        )
        await _keep_draft_in_step(session, article, words, number)
        return _saved(article, number)


async def version_of(database: Database, article_id: UUID, version: int) -> Words:
    """What a version of an article says.

    Raises:
        NotFound: if there is no such article or version.
    """
    if type(version) is not int or not 0 < version < LARGEST:
        raise NotFound("There is no such version of this article.")
    query = select(ArticleVersion).where(
        ArticleVersion.article_id == article_id, ArticleVersion.version == version
    )
    async with database.reading() as session:
        found = (await session.exec(query)).one_or_none()
    if found is None:
        raise NotFound("There is no such version of this article.")
    return _words(found)


async def _cut(words: Words) -> tuple[CutPassage, ...]:
    ready_for_readers(words)
    return await asyncio.to_thread(lambda: publishing.cut(words.title, words.body, title_of(words.body)))


async def _save(
    session: AsyncSession,
    article_id: UUID,
    words: Words,
    staff: Staff,
    over: int,
    slug: str,
    passages: tuple[CutPassage, ...],
    publish: bool,
    origin: Origin,
) -> Saved:
    if publish:
        await publishing.one_at_a_time(session)
    moment = now()
    article = await _locked(session, article_id)
    newest = await _newest(session, article_id)
    if article is None or newest is None:
        if over:
            raise NotFound("There is no such article.")
        article = await _begin(session, article_id, words, slug)
        number = await add_version(session, article_id, words, moment, origin=origin, staff_id=staff.id)
    elif _words(newest) == words:
        number = newest.version
        # Whoever publishes must have seen what they publish: the same words are as good as the number.
    elif newest.version != over:
        raise await _meanwhile(session, newest)
    else:
        number = await add_version(session, article_id, words, moment, origin=origin, staff_id=staff.id)
        await _keep_draft_in_step(session, article, words, number)
    await _readdress(session, article, slug)
    if publish and (article.state != ArticleState.PUBLISHED or article.version != number):
        await _readdress_again(session, article)
        await publishing.publish(session, article_id, words, number, passages, moment)
        article.state, article.version = ArticleState.PUBLISHED, number
        log.info("Version %s of the article %s was published by %s", number, article_id, staff.id)
    return _saved(article, number)


async def _begin(session: AsyncSession, article_id: UUID, words: Words, slug: str) -> Article:
    article = Article(
        id=article_id,
        collection=WRITTEN_HERE,
        path=str(article_id),
        slug=await free_slug(session, slug_from(slug) or slug_from(words.title), article_id),
        content_hash="",
        state=ArticleState.DRAFT,
        **asdict(words),
    )
    session.add(article)
    await session.flush()
    return article


async def _keep_draft_in_step(session: AsyncSession, article: Article, words: Words, version: int) -> None:
    """A draft is what it has so far; of anything else the row stays what readers see, or saw."""
    if article.state == ArticleState.DRAFT:
        changed = {**asdict(words), "version": version}
        await session.exec(update(Article).where(col(Article.id) == article.id).values(**changed))
        article.version = version


async def _readdress(session: AsyncSession, article: Article, slug: str) -> None:
    """Give a draft the address somebody typed. Once readers may know the address it stays."""
    wanted = slug_from(slug)
    if article.state != ArticleState.DRAFT or not wanted or wanted == article.slug:
        return
    if await free_slug(session, wanted, article.id) != wanted:
        raise WrongText("Another article has this address. Please choose another one.", "slug")
    await _move(session, article, wanted)


async def _readdress_again(session: AsyncSession, article: Article) -> None:
    """An article that comes back after another one has got its address needs one that people can read."""
    before, mark, _ = article.slug.rpartition(_TAKEN_AWAY)
    if mark:
        await _move(session, article, await free_slug(session, before, article.id))


async def _move(session: AsyncSession, article: Article, slug: str) -> None:
    await session.exec(update(Article).where(col(Article.id) == article.id).values(slug=slug))
    article.slug = slug


async def _locked(session: AsyncSession, article_id: UUID) -> Article | None:
    """The article's row, which nobody else changes until this transaction ends; answers may rest on it."""
    found = await session.get(Article, article_id, with_for_update={"key_share": True})
    if found is not None:
        # Changed below by statements of our own; the session must not write it once more.
        session.expunge(found)
    return found


async def _newest(session: AsyncSession, article_id: UUID) -> ArticleVersion | None:
    query = (
        select(ArticleVersion)
        .where(ArticleVersion.article_id == article_id)
        .order_by(col(ArticleVersion.version).desc())
        .limit(1)
    )
    return (await session.exec(query)).first()


async def _meanwhile(session: AsyncSession, newest: ArticleVersion) -> SavedMeanwhile:
    by = await session.get(Staff, newest.staff_id) if newest.staff_id else None
    who = by.name if by else "An import" if newest.origin == Origin.IMPORTED else "The command line"
    at = newest.created_at
    return SavedMeanwhile(
        f"{who} has saved this article meanwhile, on {at.day} {at:%B} at {at:%H:%M} UTC. "
        "What you typed is still here: look at what is different, then save again.",
        newest.version,
    )


def _words(version: ArticleVersion) -> Words:
    return Words(version.title, version.body, version.description, version.language)


def _saved(article: Article, version: int) -> Saved:
    published = article.version if article.state == ArticleState.PUBLISHED else 0
    return Saved(article.id, article.slug, version, published)
