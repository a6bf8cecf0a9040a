"""Questions without a good answer are collected, put together, counted, covered and dismissed."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.escalations import handoff, sorting
from supportbot.escalations.handoff import take_over
from supportbot.ids import now
from supportbot.knowledge import gaps
from supportbot.knowledge.collecting import Cause, Collector
from supportbot.knowledge.gaps import GapRow, GapState
from supportbot.knowledge.publishing import Words, add_version, cut, publish, retire
from supportbot.models import (
    WRITTEN_HERE,
    Article,
    ArticleState,
    Gap,
    GapQuestion,
    Message,
    Origin,
    Reason,
    Trigger,
)
from supportbot.models import Rating as Thumb
from supportbot.quality.answers import about_answers, mark_wrong, unmark_wrong
from supportbot.quality.ratings import rate
from tests.people import ALICE, BOB, CHARLIE, Customer, conversation_of, sam, says
from tests.plans import Statements
from tests.scripted import REFUNDS, FixedRetrieval, SmallDesk, small_desk

pytestmark = pytest.mark.anyio

EXPORT, AGAIN, IMPORT = "How do I export my data?", "can i export data", "How do I import data?"


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    """The articles have nothing about what is asked."""
    return small_desk(database, retrieval=FixedRetrieval(confident=False))


async def ask(
    desk: SmallDesk, customer: Customer, question: str, *answer: str, cites: bool = False
) -> Message:
    """A customer asks in a conversation of their own; the answer."""
    conversation_id = (await conversation_of(desk.database, customer)).id
    await says(desk.database, conversation_id, question, live=desk.live)
    desk.assistant.says(*(answer or ("I found nothing.",)))
    if cites:
        desk.assistant.cites(REFUNDS)
    await desk.take_turn(conversation_id)
    _ = desk.assistant.then
    return (await desk.answers(conversation_id))[-1]


async def collect(desk: SmallDesk) -> int:
    """What a worker does that has never looked before."""
    return await Collector(desk.database).collect(now())


async def rows(desk: SmallDesk, state: GapState = GapState.OPEN, **narrowed: object) -> list[GapRow]:
    return list((await gaps.listed(desk.database, state, **narrowed)).rows)  # type: ignore[arg-type]


async def the_row(desk: SmallDesk, state: GapState = GapState.OPEN) -> GapRow:
    (row,) = await rows(desk, state)
    return row


async def cover(desk: SmallDesk, gap_id: UUID, *, state: ArticleState = ArticleState.PUBLISHED) -> UUID:
    """Write an article for a gap, and publish it."""
    words, at = Words("Exporting data", "Press Export."), now()
    article = Article(
        collection=WRITTEN_HERE,
        path="exporting",
        slug="exporting-data",
        title=words.title,
        body=words.body,
        content_hash="",
        state=ArticleState.DRAFT,
    )
    async with desk.database.transaction() as session:
        session.add(article)
        await session.flush()
        (await session.get_one(Gap, gap_id)).article_id = article.id
        version = await add_version(session, article.id, words, at, origin=Origin.DRAFTED)
        if state != ArticleState.DRAFT:
            await publish(session, article.id, words, version, cut(words.title, words.body), at)
        if state == ArticleState.RETIRED:
            await retire(session, [article.id], at)
    return article.id


# What is a gap


async def test_a_question_that_found_nothing_is_one(desk: SmallDesk) -> None:
    answer = await ask(desk, ALICE, EXPORT)

    assert await collect(desk) == 1

    row = await the_row(desk)
    assert (row.question, row.customers, row.causes) == (EXPORT, 1, {Cause.FOUND_NOTHING: 1})
    assert (row.language, row.state) == ("en", GapState.OPEN)
    assert [(one.text, one.conversation_id) for one in row.examples] == [(EXPORT, answer.conversation_id)]


async def test_an_answer_that_was_sure_of_its_articles_is_none(database: Database) -> None:
    desk = small_desk(database)
    await ask(desk, ALICE, EXPORT)

    assert await collect(desk) == 0
    assert await rows(desk) == []


async def test_nor_one_that_cites_an_article_all_the_same(database: Database) -> None:
    desk = small_desk(database, retrieval=FixedRetrieval(REFUNDS, confident=False))
    await ask(desk, ALICE, EXPORT, cites=True)

    assert await collect(desk) == 0


async def test_a_hand_off_for_missing_knowledge_is_one_and_its_question_was_said_before(
    database: Database,
) -> None:
    desk = small_desk(database)
    answer = await ask(desk, ALICE, EXPORT)
    where = (desk.database, desk.live, answer.conversation_id)
    await handoff.escalate(*where, reason=Reason.MISSING_KNOWLEDGE, trigger=Trigger.MODEL)
    await says(database, answer.conversation_id, "Are you still there, and is invoicing closed?")

    assert await collect(desk) == 1

    row = await the_row(desk)
    assert (row.question, row.causes) == (EXPORT, {Cause.ESCALATED: 1})


@pytest.mark.parametrize("reason", [Reason.ASKED_FOR_PERSON, Reason.ABUSE, Reason.FAULT])
async def test_a_hand_off_for_another_reason_is_none(database: Database, reason: Reason) -> None:
    desk = small_desk(database)
    answer = await ask(desk, ALICE, EXPORT)
    where = (desk.database, desk.live, answer.conversation_id)
    await handoff.escalate(*where, reason=reason, trigger=Trigger.CUSTOMER)

    assert await collect(desk) == 0


async def test_a_thumb_down_is_one_until_it_is_taken_back(database: Database) -> None:
    desk = small_desk(database)
    answer = await ask(desk, ALICE, EXPORT)
    collector = Collector(database)
    await rate(database, desk.live, answer, 1)
    await collector.collect(now())
    assert await rows(desk) == []

    await rate(database, desk.live, answer, -1)
    await collector.collect(now())
    assert (await the_row(desk)).causes == {Cause.RATED_DOWN: 1}

    await rate(database, desk.live, answer, 0)
    await collector.collect(now())
    assert await rows(desk) == []
    assert await desk.rows(Gap) == []


async def test_an_answer_marked_as_wrong_is_one_until_that_is_undone(database: Database) -> None:
    desk = small_desk(database)
    answer, staff = await ask(desk, ALICE, EXPORT), await sam(database)
    collector = Collector(database)
    await mark_wrong(database, desk.live, answer, staff, "That was last year.")
    await collector.collect(now())
    assert (await the_row(desk)).causes == {Cause.MARKED_WRONG: 1}

    await unmark_wrong(database, desk.live, answer, staff)
    await collector.collect(now())
    assert await rows(desk) == []


async def test_what_happened_in_other_ways_remains_when_one_is_taken_back(desk: SmallDesk) -> None:
    answer = await ask(desk, ALICE, EXPORT)
    await rate(desk.database, desk.live, answer, -1)
    await collect(desk)
    assert set((await the_row(desk)).causes) == {Cause.FOUND_NOTHING, Cause.RATED_DOWN}

    await rate(desk.database, desk.live, answer, 1)
    await collect(desk)

    assert (await the_row(desk)).causes == {Cause.FOUND_NOTHING: 1}


@pytest.mark.parametrize("words", ["Hello!", "Thank you very much", "You useless idiot", "👍"])
async def test_greetings_thanks_and_abuse_are_none(desk: SmallDesk, words: str) -> None:
    await ask(desk, ALICE, words)

    assert await collect(desk) == 0


async def test_junk_is_none_also_when_it_becomes_junk_later(desk: SmallDesk) -> None:
    staff = await sam(desk.database)
    answer = await ask(desk, ALICE, EXPORT)
    await collect(desk)
    assert len(await rows(desk)) == 1

    await take_over(desk.database, desk.live, answer.conversation_id, staff)
    await sorting.junk(desk.database, desk.live, answer.conversation_id, staff)
    await collect(desk)

    assert await rows(desk) == []


# Groups


async def test_alike_questions_are_one_gap_and_others_are_not(desk: SmallDesk) -> None:
    for customer, question in ((ALICE, EXPORT), (BOB, AGAIN), (CHARLIE, IMPORT)):
        await ask(desk, customer, question)

    await collect(desk)

    found = await rows(desk)
    assert [(row.question, row.customers) for row in found] == [(EXPORT, 2), (IMPORT, 1)]
    assert {one.text for one in found[0].examples} == {EXPORT, AGAIN}


async def test_who_asks_twice_in_one_conversation_counts_once(desk: SmallDesk) -> None:
    first = await ask(desk, ALICE, EXPORT)
    await says(desk.database, first.conversation_id, AGAIN, live=desk.live)
    desk.assistant.says("Still nothing.")
    await desk.take_turn(first.conversation_id)

    await collect(desk)

    row = await the_row(desk)
    assert (row.customers, row.causes, len(row.examples)) == (1, {Cause.FOUND_NOTHING: 2}, 1)


async def test_languages_are_kept_apart(desk: SmallDesk) -> None:
    await ask(desk, ALICE, "How can I cancel my Acme Premium?")
    await ask(desk, BOB, "Wie kann ich mein Acme Premium kündigen, cancel?")

    await collect(desk)

    assert {row.language for row in await rows(desk)} == {"de", "en"}
    assert await gaps.languages(desk.database) == ["de", "en"]
    assert [row.language for row in await rows(desk, language="de")] == ["de"]


async def test_collecting_again_changes_nothing(desk: SmallDesk) -> None:
    await ask(desk, ALICE, EXPORT)
    collector = Collector(desk.database)
    await collector.collect(now())
    before = await desk.rows(Gap)

    assert await collector.collect(now()) == 0
    assert await collect(desk) == 0

    assert await desk.rows(Gap) == before
    assert len(await desk.rows(GapQuestion)) == 1


async def test_workers_that_collect_at_once_make_one_gap(desk: SmallDesk) -> None:
    for customer, question in ((ALICE, EXPORT), (BOB, AGAIN)):
        await ask(desk, customer, question)

    await asyncio.gather(*(collect(desk) for _ in range(5)))

    assert (await the_row(desk)).customers == 2
    assert len(await desk.rows(GapQuestion)) == 2


async def test_what_was_recorded_a_little_late_is_found(desk: SmallDesk) -> None:
    await ask(desk, ALICE, EXPORT)
    collector = Collector(desk.database)
    await collector.collect(now() + timedelta(minutes=4))

    await ask(desk, BOB, AGAIN)

    assert await collector.collect(now() + timedelta(minutes=4)) == 1
    assert (await the_row(desk)).customers == 2


async def test_a_cause_that_comes_later_is_added(desk: SmallDesk) -> None:
    answer = await ask(desk, ALICE, EXPORT)
    collector = Collector(desk.database)
    await collector.collect(now())
    await rate(desk.database, desk.live, answer, -1)
    await collector.collect(now())

    assert set((await the_row(desk)).causes) == {Cause.FOUND_NOTHING, Cause.RATED_DOWN}
    assert len(await rows(desk, cause=Cause.RATED_DOWN)) == 1
    assert await rows(desk, cause=Cause.ESCALATED) == []


async def test_the_list_has_what_most_ask_for_first_and_comes_in_pages(desk: SmallDesk) -> None:
    for customer, question in ((ALICE, IMPORT), (ALICE, "Webhooks?"), (ALICE, EXPORT), (BOB, AGAIN)):
        await ask(desk, customer, question)
    await collect(desk)

    page = await gaps.listed(desk.database, limit=2)

    assert [row.question for row in page.rows] == [EXPORT, "Webhooks?"]
    assert page.more
    assert page.counts == {GapState.OPEN: 3, GapState.COVERED: 0, GapState.DISMISSED: 0}


async def test_a_conversation_knows_its_gaps(desk: SmallDesk) -> None:
    answer = await ask(desk, ALICE, EXPORT)
    await collect(desk)

    assert await gaps.gaps_of(desk.database, answer.conversation_id) == [(await the_row(desk)).id]


# Where a gap stands


async def test_it_is_covered_once_its_article_is_published(desk: SmallDesk) -> None:
    await ask(desk, ALICE, EXPORT)
    await collect(desk)

    article_id = await cover(desk, (await the_row(desk)).id)

    assert await rows(desk) == []
    row = await the_row(desk, GapState.COVERED)
    assert (row.state, row.article_id, row.article_title) == (GapState.COVERED, article_id, "Exporting data")


@pytest.mark.parametrize("state", [ArticleState.DRAFT, ArticleState.RETIRED])
async def test_an_article_that_nobody_can_read_covers_nothing(desk: SmallDesk, state: ArticleState) -> None:
    await ask(desk, ALICE, EXPORT)
    await collect(desk)

    await cover(desk, (await the_row(desk)).id, state=state)

    row = await the_row(desk)
    assert (row.state, row.article_state, row.since) == (GapState.OPEN, state, 0)


async def test_what_is_asked_again_after_that_opens_it_again_and_says_so(desk: SmallDesk) -> None:
    await ask(desk, ALICE, EXPORT)
    await collect(desk)
    await cover(desk, (await the_row(desk)).id)

    await ask(desk, BOB, AGAIN)
    await collect(desk)

    row = await the_row(desk)
    assert (row.state, row.customers, row.since) == (GapState.OPEN, 2, 1)
    assert await rows(desk, GapState.COVERED) == []


async def test_an_old_question_that_is_rated_down_later_does_not(desk: SmallDesk) -> None:
    answer = await ask(desk, ALICE, EXPORT)
    await collect(desk)
    await cover(desk, (await the_row(desk)).id)

    await rate(desk.database, desk.live, answer, -1)
    await collect(desk)

    assert (await the_row(desk, GapState.COVERED)).since == 0


async def test_it_can_be_dismissed_and_brought_back_and_stays_dismissed_when_asked_again(
    desk: SmallDesk,
) -> None:
    staff = await sam(desk.database)
    await ask(desk, ALICE, EXPORT)
    await collect(desk)
    gap_id = (await the_row(desk)).id

    await gaps.dismiss(desk.database, gap_id, staff)
    await ask(desk, BOB, AGAIN)
    await collect(desk)
    assert await rows(desk) == []
    assert (await the_row(desk, GapState.DISMISSED)).customers == 2

    await gaps.bring_back(desk.database, gap_id, staff)
    assert (await the_row(desk)).id == gap_id


async def test_a_gap_that_lost_its_article_is_open(desk: SmallDesk) -> None:
    await ask(desk, ALICE, EXPORT)
    await collect(desk)
    article_id = await cover(desk, (await the_row(desk)).id)

    async with desk.database.transaction() as session:
        await session.delete(await session.get_one(Article, article_id))

    assert (await the_row(desk)).article_id is None


async def test_a_thumb_that_changes_says_when(database: Database) -> None:
    desk = small_desk(database)
    answer = await ask(desk, ALICE, EXPORT)
    await rate(database, desk.live, answer, 1)
    first = (await desk.only(Thumb)).changed_at

    await rate(database, desk.live, answer, 1)
    assert (await desk.only(Thumb)).changed_at == first
    await rate(database, desk.live, answer, -1)

    assert (await desk.only(Thumb)).changed_at > first


# What it costs


async def test_neither_collecting_nor_the_list_reads_a_growing_table_whole(desk: SmallDesk) -> None:
    answer = await ask(desk, ALICE, EXPORT)
    await rate(desk.database, desk.live, answer, -1)
    collector = Collector(desk.database)
    await collector.collect(now())
    await mark_wrong(desk.database, desk.live, answer, await sam(desk.database), "")
    statements = Statements(desk.database, small=True)

    with statements.listening():
        await collector.collect(now())
        await rows(desk)
        await rows(desk, cause=Cause.RATED_DOWN, language="en")
        await gaps.languages(desk.database)
        await gaps.gaps_of(desk.database, answer.conversation_id)
        await about_answers(desk.database, answer.conversation_id)

    assert await statements.whole_tables(sorts_few=True) == []
