"""Articles are written, published, retired and restored, and nobody overwrites what they have not seen."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlmodel import select

from supportbot.database import Database
from supportbot.errors import NotFound
from supportbot.ids import new_id, now
from supportbot.knowledge import articles
from supportbot.knowledge.editing import Saved, SavedMeanwhile, publish, restore, retire, save
from supportbot.knowledge.history import article_of, compare_versions, history, newest
from supportbot.knowledge.importing import import_folder
from supportbot.knowledge.publishing import Words, cut
from supportbot.knowledge.publishing import publish as publish_words
from supportbot.knowledge.retrieval import Retrieval
from supportbot.knowledge.typed import LARGEST_BODY, WrongText, words_of
from supportbot.models import Article, ArticleState, Origin, Passage, Staff
from tests.people import alex, sam

pytestmark = pytest.mark.anyio

FIRST = Words("Ferry tickets", "Ferry tickets are sold at the harbour office.")
SECOND = Words("Ferry tickets", "Ferry tickets are sold on board.\n\n## Dogs\n\nDogs travel free.")
CAPTAIN = Words("Ferry tickets", "Ferry tickets are sold by the captain.")
QUESTION = "Where are ferry tickets sold?"


async def begun(database: Database, staff: Staff, words: Words = FIRST, *, published: bool = False) -> Saved:
    return await save(database, new_id(), words, staff, over=0, publish=published)


async def passages(database: Database, article_id: UUID) -> list[str]:
    async with database.reading() as session:
        rows = await session.exec(select(Passage).where(Passage.article_id == article_id))
        return [passage.body for passage in rows]


async def answers(retrieval: Retrieval) -> list[str]:
    return [hit.body for hit in (await retrieval.find(QUESTION)).hits]


async def test_a_draft_is_kept_and_read_by_nobody(database: Database) -> None:
    draft = await begun(database, await sam(database))

    article = await article_of(database, draft.article_id)
    assert (article.state, article.version, article.body) == (ArticleState.DRAFT, 1, FIRST.body)
    assert (draft.version, draft.published, draft.slug) == (1, 0, "ferry-tickets")
    assert await articles.by_slug(database, draft.slug) is None
    assert await passages(database, draft.article_id) == []
    assert await answers(Retrieval(database)) == []


async def test_a_draft_is_what_was_saved_last(database: Database) -> None:
    draft = await begun(database, await sam(database))
    await save(database, draft.article_id, SECOND, await alex(database), over=1)

    article = await article_of(database, draft.article_id)
    assert (article.state, article.version, article.body) == (ArticleState.DRAFT, 2, SECOND.body)


async def test_published_words_answer_the_next_question_of_every_worker(database: Database) -> None:
    workers = [Retrieval(database), Retrieval(database)]
    staff = await sam(database)
    draft = await begun(database, staff)
    assert [await answers(worker) for worker in workers] == [[], []]

    await publish(database, draft.article_id, staff, over=1)
    assert [await answers(worker) for worker in workers] == [[FIRST.body]] * 2

    edited = await save(database, draft.article_id, SECOND, staff, over=1)
    assert (edited.version, edited.published) == (2, 1)
    assert [await answers(worker) for worker in workers] == [[FIRST.body]] * 2
    shown = await articles.by_slug(database, draft.slug)
    assert shown is not None
    assert shown.body == FIRST.body

    await publish(database, draft.article_id, staff, over=2)
    assert ["on board" in (await answers(worker))[0] for worker in workers] == [True, True]
    shown = await articles.by_slug(database, draft.slug)
    assert shown is not None
    assert shown.body == SECOND.body

    await retire(database, draft.article_id, staff)
    assert [await answers(worker) for worker in workers] == [[], []]
    assert await articles.by_slug(database, draft.slug) is None


async def test_two_publications_at_once_are_both_known_to_every_worker(database: Database) -> None:
    worker, staff = Retrieval(database), await sam(database)
    slow = await begun(database, staff, published=True)
    quick = await begun(database, staff, Words("Sunday roast", "Roast is served on Sundays."), published=True)
    await save(database, quick.article_id, Words("Sunday roast", "Roast is served at noon."), staff, over=1)

    async with database.transaction() as session:
        await publish_words(session, slow.article_id, CAPTAIN, 2, cut(CAPTAIN.title, CAPTAIN.body), now())
        other = asyncio.create_task(publish(database, quick.article_id, staff, over=2))
        await asyncio.wait({other}, timeout=0.3)
        await answers(worker)
    await other

    assert await answers(worker) == [CAPTAIN.body]


async def test_what_is_published_after_a_clock_was_set_back_is_known_at_once(database: Database) -> None:
    worker, staff = Retrieval(database), await sam(database)
    article = await begun(database, staff, published=True)
    await begun(database, staff, SECOND)
    assert await answers(worker) == [FIRST.body]

    async with database.transaction() as session:
        yesterday, cuts = now() - timedelta(days=1), cut(CAPTAIN.title, CAPTAIN.body)
        await publish_words(session, article.article_id, CAPTAIN, 2, cuts, yesterday)
    found = (await worker.find("Who is the captain?")).hits

    assert [hit.body for hit in found] == [CAPTAIN.body]


async def test_a_retired_article_comes_back_at_its_address(database: Database) -> None:
    staff = await sam(database)
    first = await begun(database, staff, published=True)
    await retire(database, first.article_id, staff)
    await retire(database, first.article_id, staff)
    edited = await save(database, first.article_id, SECOND, staff, over=1)
    assert edited.published == 0
    assert await passages(database, first.article_id) == []

    back = await publish(database, first.article_id, staff, over=2)

    assert (back.published, back.slug) == (2, first.slug)
    assert await passages(database, first.article_id) == [
        "Ferry tickets are sold on board.",
        "Dogs travel free.",
    ]


async def test_the_same_again_is_no_new_version(database: Database) -> None:
    staff = await sam(database)
    draft = await begun(database, staff)

    again = await save(database, draft.article_id, FIRST, staff, over=0)
    published = await save(database, draft.article_id, FIRST, staff, over=1, publish=True)
    repeated = await save(database, draft.article_id, FIRST, staff, over=1, publish=True)

    assert again == draft
    assert published == repeated
    assert [one.version for one in await history(database, draft.article_id)] == [1]


async def test_whoever_saves_over_unseen_words_is_told_whose_they_are(database: Database) -> None:
    quicker, slower = await alex(database), await sam(database)
    draft = await begun(database, slower)
    await save(database, draft.article_id, SECOND, quicker, over=1)

    with pytest.raises(SavedMeanwhile) as refusal:
        await save(database, draft.article_id, Words("Ferry tickets", "Mine"), slower, over=1)
    assert refusal.value.sentence.startswith("Alex has saved this article meanwhile")
    assert refusal.value.version == 2
    with pytest.raises(SavedMeanwhile):
        await publish(database, draft.article_id, slower, over=1)
    with pytest.raises(SavedMeanwhile):
        await restore(database, draft.article_id, 1, slower, over=1)

    mine = await save(database, draft.article_id, Words("Ferry tickets", "Mine"), slower, over=2)
    assert mine.version == 3


async def test_of_two_who_save_at_once_one_is_told(database: Database) -> None:
    staff = await sam(database)
    draft = await begun(database, staff, published=True)
    told = await asyncio.gather(
        *(
            save(
                database,
                draft.article_id,
                Words("Ferry tickets", f"Text {n}"),
                staff,
                over=1,
                publish=n % 2 == 0,
            )
            for n in range(4)
        ),
        return_exceptions=True,
    )

    saved = [one for one in told if isinstance(one, Saved)]
    assert len(saved) == 1
    assert all(isinstance(one, SavedMeanwhile) for one in told if one not in saved)
    assert (await newest(database, draft.article_id))[0] == 2


async def test_retiring_and_publishing_at_once_leave_no_half_article(database: Database) -> None:
    staff = await sam(database)
    draft = await begun(database, staff, SECOND)
    await asyncio.gather(
        publish(database, draft.article_id, staff, over=1),
        retire(database, draft.article_id, staff),
        publish(database, draft.article_id, staff, over=1),
    )

    article = await article_of(database, draft.article_id)
    count = len(await passages(database, draft.article_id))
    assert count == (2 if article.state == ArticleState.PUBLISHED else 0)


async def test_two_who_begin_articles_of_one_title_get_two_addresses(database: Database) -> None:
    staff = await sam(database)
    begun_at_once = await asyncio.gather(*(save(database, new_id(), FIRST, staff, over=0) for _ in range(3)))

    assert sorted(one.slug for one in begun_at_once) == [
        "ferry-tickets",
        "ferry-tickets-2",
        "ferry-tickets-3",
    ]


async def test_an_earlier_version_comes_back_as_a_new_one(database: Database) -> None:
    staff = await alex(database)
    draft = await begun(database, await sam(database), published=True)
    await save(database, draft.article_id, SECOND, staff, over=1, publish=True)

    restored = await restore(database, draft.article_id, 1, staff, over=2)
    again = await restore(database, draft.article_id, 1, staff, over=3)

    assert (restored.version, restored.published) == (3, 2)
    assert again == restored
    assert await newest(database, draft.article_id) == (3, FIRST)
    told = [
        (one.version, one.by, one.origin, one.restored_from)
        for one in await history(database, draft.article_id)
    ]
    assert told == [
        (3, "Alex", Origin.RESTORED, 1),
        (2, "Alex", Origin.WRITTEN, None),
        (1, "Sam", Origin.WRITTEN, None),
    ]


async def test_an_imported_article_is_edited_at_its_own_address(database: Database, tmp_path: Path) -> None:
    (tmp_path / "refund.md").write_text("# Refunds\n\nWithin 30 days.")
    await import_folder(database, tmp_path, collection="help")
    async with database.reading() as session:
        article = (await session.exec(select(Article))).one()

    edited = await save(
        database,
        article.id,
        Words("Money back", "Within 60 days."),
        await sam(database),
        over=1,
        slug="money-back",
        publish=True,
    )

    assert (edited.slug, edited.version, edited.published) == ("refund", 2, 2)
    kept = await article_of(database, article.id)
    assert (kept.content_hash, kept.collection) == (article.content_hash, "help")
    first = (await history(database, article.id))[-1]
    assert (first.by, first.origin) == ("", Origin.IMPORTED)


async def test_a_draft_may_get_another_address_which_nobody_else_has(database: Database) -> None:
    staff = await sam(database)
    draft = await begun(database, staff)
    other = await begun(database, staff, Words("Trains", "Text"))

    moved = await save(database, draft.article_id, FIRST, staff, over=1, slug="Boats & ferries")
    with pytest.raises(WrongText, match="Another article has this address") as refusal:
        await save(database, draft.article_id, FIRST, staff, over=1, slug=other.slug)

    assert moved.slug == "boats-ferries"
    assert refusal.value.field == "slug"


async def test_what_says_nothing_is_not_published(database: Database) -> None:
    staff = await sam(database)
    draft = await begun(database, staff, Words("An idea", ""))

    with pytest.raises(WrongText, match="no text yet"):
        await publish(database, draft.article_id, staff, over=1)


async def test_what_there_is_not_is_not_found(database: Database) -> None:
    staff = await sam(database)
    draft = await begun(database, staff)

    for wrong in (save(database, new_id(), FIRST, staff, over=3), retire(database, new_id(), staff)):
        with pytest.raises(NotFound):
            await wrong
    for version in (0, -1, 2, 2**40, True, "1"):
        with pytest.raises(NotFound):
            await restore(database, draft.article_id, version, staff, over=1)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        await compare_versions(database, draft.article_id, 1, 2)


async def test_two_versions_are_compared(database: Database) -> None:
    staff = await sam(database)
    draft = await begun(database, staff)
    await save(database, draft.article_id, Words("Ferries", SECOND.body), staff, over=1)

    compared = await compare_versions(database, draft.article_id, 1, 2)

    assert compared.fields == (("title", "Ferry tickets", "Ferries"),)
    assert [line.kind for line in compared.lines] == ["old", "new", "new", "new", "new", "new"]


@pytest.mark.parametrize(
    ("typed", "field", "says"),
    [
        (("  ", "Text"), "title", "needs a title"),
        (("x" * 301, "Text"), "title", "301 characters"),
        (("Title", "Text", "d" * 501), "description", "501 characters"),
        (("Title", "Text", "", "German"), "language", "choose the language"),
        (("Title", "Text", "", "de; DROP"), "language", "choose the language"),
        (("Title", "ä" * (LARGEST_BODY // 2 + 1)), "body", "201 KB"),
    ],
)
def test_what_is_too_much_or_too_little_is_refused_in_words(
    typed: tuple[str, ...], field: str, says: str
) -> None:
    with pytest.raises(WrongText, match=says) as refusal:
        words_of(*typed)

    assert refusal.value.field == field


def test_what_is_typed_is_cleaned() -> None:
    words = words_of(
        " A\ttitle\x00 ", "One\r\n<script>alert(1)</script>\r\n![x](http://evil/x.png)\u202etwo", " d "
    )

    assert words == Words("A title", "One\n\nxtwo", "d", "en")
    assert words_of(words.title, words.body, words.description) == words
