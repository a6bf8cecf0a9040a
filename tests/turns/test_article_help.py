"""Drafts of articles: by the model or from the reply alone, once each, and of nobody in particular."""

import asyncio
from uuid import UUID, uuid4

import pytest

from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.escalations.handoff import reply, take_over
from supportbot.escalations.notes import note
from supportbot.ids import now
from supportbot.integrations.articles_only import ArticlesOnly
from supportbot.knowledge import articles, gaps
from supportbot.knowledge.collecting import Collector
from supportbot.knowledge.draft_material import NO_REPLY
from supportbot.knowledge.gaps import GapState
from supportbot.knowledge.publishing import Words, cut, publish, retire
from supportbot.knowledge.retrieval import Retrieval
from supportbot.models import (
    WRITTEN_HERE,
    Article,
    ArticleState,
    ArticleVersion,
    Gap,
    ModelCall,
    Origin,
    Passage,
    Staff,
    Visitor,
)
from supportbot.quality.answers import mark_wrong
from supportbot.turns.article_help import INSTRUCTIONS, TASK, ArticleHelp
from supportbot.turns.assistant import AssistantUnavailable
from supportbot.web.help.shown import grouped
from tests.people import ALICE, BOB, Customer, conversation_of, sam, says
from tests.scripted import REFUNDS, FixedRetrieval, ScriptedWriter, SmallDesk, small_desk

pytestmark = pytest.mark.anyio

QUESTION = "Hello, how do I move my oak furniture?"
REPLY = (
    "Hello Alice,\nRent the furniture lift under Services. I wrote to alice@example.com.\n\nBest regards\nSam"
)
TOLD = "Rent the furniture lift under Services. I wrote to (e-mail address)."
WRITTEN = "# Move heavy furniture\n\nRent the furniture lift under Services, Alice Miller."


@pytest.fixture
def desk(database: Database) -> SmallDesk:
    return small_desk(database, retrieval=FixedRetrieval(REFUNDS, confident=False))


@pytest.fixture
async def staff(database: Database) -> Staff:
    return await sam(database)


def helps(desk: SmallDesk) -> ArticleHelp:
    return ArticleHelp(desk.kit, company=lambda: "Acme")


def with_writer(database: Database, *texts: str | AssistantUnavailable) -> tuple[SmallDesk, ScriptedWriter]:
    writer = ScriptedWriter(*texts)
    found = FixedRetrieval(REFUNDS, confident=False)
    return small_desk(database, retrieval=found, writer=writer), writer


async def asked(desk: SmallDesk, customer: Customer = ALICE, question: str = QUESTION) -> UUID:
    """A conversation in which somebody got no answer; the gap is collected."""
    conversation_id = (await conversation_of(desk.database, customer)).id
    await says(desk.database, conversation_id, question, live=desk.live)
    desk.assistant.says("I found nothing.")
    await desk.take_turn(conversation_id)
    _ = desk.assistant.then
    await Collector(desk.database).collect(now())
    return conversation_id


async def replied(desk: SmallDesk, conversation_id: UUID, staff: Staff, text: str = REPLY) -> None:
    where = (desk.database, desk.live, conversation_id, staff)
    async with desk.database.transaction() as session:
        for visitor in (await desk.rows(Visitor))[:1]:
            (await session.get_one(Visitor, visitor.id)).name = "Alice Miller"
    await take_over(*where)
    await note(*where, "Canary for colleagues.", "n")
    await reply(*where, text, "r")


async def gap(desk: SmallDesk) -> Gap:
    found: Gap = await desk.only(Gap)
    return found


async def publish_it(desk: SmallDesk, article_id: UUID) -> None:
    article = await desk.only(Article, id=article_id)
    words = Words(article.title, article.body, article.description, article.language)
    async with desk.database.transaction() as session:
        await publish(session, article_id, words, article.version, cut(words.title, words.body), now())


# Without a model


async def test_from_a_conversation_the_reply_is_the_text_under_the_question(
    desk: SmallDesk, staff: Staff
) -> None:
    conversation_id = await asked(desk)
    await replied(desk, conversation_id, staff)

    article_id = await helps(desk).from_conversation(conversation_id, staff)

    article = await desk.only(Article)
    assert (article.id, article.title, article.body) == (article_id, "How do I move my oak furniture?", TOLD)
    assert (article.state, article.collection, article.language) == (ArticleState.DRAFT, WRITTEN_HERE, "en")
    assert article.slug == "how-do-i-move-my-oak-furniture"
    version = await desk.only(ArticleVersion)
    assert (version.version, version.origin, version.staff_id) == (1, Origin.DRAFTED, staff.id)
    assert version.body == TOLD
    assert await desk.rows(Passage) == [], "nobody finds it before it is published"


async def test_it_covers_the_gap_once_it_is_published_and_the_next_question_is_answered(
    database: Database, staff: Staff
) -> None:
    only = ArticlesOnly(pace=0)
    desk = small_desk(database, assistant=only, fallback=only, retrieval=Retrieval(database))
    conversation_id = (await conversation_of(database, ALICE)).id
    await says(database, conversation_id, QUESTION, live=desk.live)
    await desk.take_turn(conversation_id)
    await Collector(database).collect(now())
    await replied(desk, conversation_id, staff)

    article_id = await helps(desk).from_conversation(conversation_id, staff)
    assert (await gap(desk)).article_id == article_id
    assert len((await gaps.listed(database)).rows) == 1
    await publish_it(desk, article_id)

    assert (await gaps.listed(database)).rows == ()
    assert len((await gaps.listed(database, GapState.COVERED)).rows) == 1
    bobs = (await conversation_of(database, BOB)).id
    await says(database, bobs, "how can I move oak furniture", live=desk.live)
    await desk.take_turn(bobs)
    assert "furniture lift" in (await desk.answers(bobs))[-1].content
    await Collector(database).collect(now())
    assert (await gap(desk)).customers == 1


async def test_readers_do_not_see_that_articles_were_drafted_from_conversations(
    desk: SmallDesk, staff: Staff
) -> None:
    for customer in (ALICE, BOB):
        conversation_id = await asked(desk, customer)
        await replied(desk, conversation_id, staff)
        await publish_it(desk, await helps(desk).from_conversation(conversation_id, staff))

    assert [group.name for group in grouped(await articles.listing(desk.database))] == [""]


async def test_from_a_gap_what_colleagues_replied_to_its_questions_is_the_text(
    desk: SmallDesk, staff: Staff
) -> None:
    await replied(desk, await asked(desk), staff)
    await asked(desk, BOB, "oak furniture, how do I move it?")

    await helps(desk).from_gap((await gap(desk)).id, staff)

    assert (await desk.only(Article)).body == TOLD


async def test_what_a_colleague_noted_about_a_wrong_answer_is_a_reply_too(
    desk: SmallDesk, staff: Staff
) -> None:
    (answer,) = await desk.answers(await asked(desk))
    await mark_wrong(desk.database, desk.live, answer, staff, "There is a lift for it.")

    await helps(desk).from_gap((await gap(desk)).id, staff)

    assert (await desk.only(Article)).body == "There is a lift for it."


async def test_a_gap_nobody_has_replied_to_gets_a_place_to_write(desk: SmallDesk, staff: Staff) -> None:
    await asked(desk)

    await helps(desk).from_gap((await gap(desk)).id, staff)

    assert (await desk.only(Article)).body == "Write the answer here."


async def test_a_conversation_nobody_has_replied_to_has_nothing_to_draft_from(
    desk: SmallDesk, staff: Staff
) -> None:
    conversation_id = await asked(desk)
    await note(desk.database, desk.live, conversation_id, staff, "Only a note.", "n")

    with pytest.raises(Refused) as refusal:
        await helps(desk).from_conversation(conversation_id, staff)

    assert refusal.value.sentence == NO_REPLY
    assert await desk.rows(Article) == []


async def test_a_conversation_without_a_gap_can_become_an_article_all_the_same(
    database: Database, staff: Staff
) -> None:
    desk = small_desk(database)
    conversation_id = await asked(desk)
    await replied(desk, conversation_id, staff)

    await helps(desk).from_conversation(conversation_id, staff)

    assert (await desk.only(Article)).body == TOLD


async def test_drafting_again_opens_what_is_there(desk: SmallDesk, staff: Staff) -> None:
    conversation_id = await asked(desk)
    await replied(desk, conversation_id, staff)
    first = await helps(desk).from_conversation(conversation_id, staff)

    assert await helps(desk).from_conversation(conversation_id, staff) == first
    assert await helps(desk).from_gap((await gap(desk)).id, staff) == first


@pytest.mark.parametrize("source", ["gap", "conversation"])
async def test_two_who_draft_at_once_get_the_same_article(desk: SmallDesk, staff: Staff, source: str) -> None:
    conversation_id = await asked(desk)
    await replied(desk, conversation_id, staff)
    gap_id = (await gap(desk)).id

    async def draft() -> UUID:
        if source == "gap":
            return await helps(desk).from_gap(gap_id, staff)
        return await helps(desk).from_conversation(conversation_id, staff)

    assert len(set(await asyncio.gather(*(draft() for _ in range(4))))) == 1
    assert len(await desk.rows(Article)) == 1


async def test_a_retired_article_is_not_gone_on_with(desk: SmallDesk, staff: Staff) -> None:
    await asked(desk)
    gap_id = (await gap(desk)).id
    first = await helps(desk).from_gap(gap_id, staff)
    async with desk.database.transaction() as session:
        await retire(session, [first], now())

    second = await helps(desk).from_gap(gap_id, staff)

    assert second != first
    assert (await gap(desk)).article_id == second


async def test_after_a_draft_was_published_the_conversation_may_become_another_article(
    desk: SmallDesk, staff: Staff
) -> None:
    conversation_id = await asked(desk)
    await replied(desk, conversation_id, staff)
    first = await helps(desk).from_conversation(conversation_id, staff)
    await publish_it(desk, first)

    second = await helps(desk).from_conversation(conversation_id, staff)

    assert second != first
    assert (await gap(desk)).article_id == first
    assert len({one.slug for one in await desk.rows(Article)}) == 2


async def test_what_is_not_there_is_not_found(desk: SmallDesk, staff: Staff) -> None:
    with pytest.raises(NotFound):
        await helps(desk).from_gap(uuid4(), staff)
    with pytest.raises(NotFound):
        await helps(desk).from_conversation(uuid4(), staff)


# With a model


async def test_the_model_writes_it_from_questions_replies_and_articles(
    database: Database, staff: Staff
) -> None:
    desk, writer = with_writer(database, WRITTEN)
    await replied(desk, await asked(desk), staff)

    await helps(desk).from_gap((await gap(desk)).id, staff)

    article = await desk.only(Article)
    assert article.title == "Move heavy furniture"
    assert article.body == "Rent the furniture lift under Services, (name)."
    ((task, instructions, material),) = writer.asked
    assert (task, "Acme" in instructions, "in English" in instructions) == (TASK, True, True)
    for expected in ("how do I move my oak furniture?", "Rent the furniture lift", REFUNDS.body):
        assert expected in material


async def test_nothing_of_the_customers_reaches_the_model_nor_a_note_of_colleagues(
    database: Database, staff: Staff
) -> None:
    desk, writer = with_writer(database, WRITTEN)
    conversation_id = await asked(desk, question=f"{QUESTION} My card is 4111 1111 1111 1111.")
    await says(database, conversation_id, "I am alice.miller@example.com, +49 30 9018200, order #99123.")
    await replied(desk, conversation_id, staff)

    await helps(desk).from_conversation(conversation_id, staff)

    material = writer.asked[0][2]
    for personal in ("alice", "miller", "@example", "9018200", "99123", "4111 1111", "sam", "canary"):
        assert personal not in material.lower()


async def test_the_call_is_recorded_and_paid_by_the_conversation(database: Database, staff: Staff) -> None:
    desk, _ = with_writer(database, WRITTEN)
    conversation_id = await asked(desk)
    await replied(desk, conversation_id, staff)

    await helps(desk).from_conversation(conversation_id, staff)

    (call,) = await desk.rows(ModelCall, purpose=TASK)
    assert (call.conversation_id, call.cost > 0) == (conversation_id, True)


async def test_when_the_model_is_away_or_recites_its_rules_the_reply_is_the_text(
    database: Database, staff: Staff
) -> None:
    for text in (AssistantUnavailable("overloaded"), INSTRUCTIONS):
        desk, _ = with_writer(database, text)
        conversation_id = await asked(desk, question=f"{QUESTION} {type(text).__name__}")
        await replied(desk, conversation_id, staff)

        article_id = await helps(desk).from_conversation(conversation_id, staff)

        assert (await desk.only(Article, id=article_id)).body.startswith("Rent the furniture lift")
