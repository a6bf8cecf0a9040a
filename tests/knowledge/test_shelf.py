"""What staff find among their articles, and what they learn of each of them."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import event

from supportbot.conversations.transcript import Browser, start
from supportbot.database import Database
from supportbot.ids import new_id, now
from supportbot.knowledge.editing import publish, retire, save
from supportbot.knowledge.publishing import Words
from supportbot.knowledge.shelf import PAGE, Order, Shelved, Wanted, choices, look, one
from supportbot.models import Evidence, Message, Rating, Role, Staff, Turn
from tests.people import ALICE, alex, sam

pytestmark = pytest.mark.anyio


@pytest.fixture
async def staff(database: Database) -> Staff:
    return await sam(database)


async def written(database: Database, staff: Staff, title: str, **more: str) -> UUID:
    words = Words(title, more.get("body", "Text"), more.get("description", ""), more.get("language", "en"))
    saved = await save(database, new_id(), words, staff, over=0, publish=more.get("state") != "draft")
    if more.get("state") == "retired":
        await retire(database, saved.article_id, staff)
    return saved.article_id


async def titles(database: Database, **wanted: object) -> list[str]:
    shelf = await look(database, Wanted(**{"order": Order.TITLE, **wanted}), now())  # type: ignore[arg-type]
    return [article.title for article in shelf.articles]


async def cite(
    database: Database, article: UUID, *ratings: int, days_ago: int = 1, cited: bool = True
) -> None:
    """One answer that rested on the article's first two passages for each rating; 0 is none."""
    conversation = await start(database, ALICE.token_hash, Browser())
    at = now() - timedelta(days=days_ago)
    async with database.transaction() as session:
        for seq, rating in enumerate(ratings):
            asked, answer = (
                Message(conversation_id=conversation.id, seq=2 * seq + plus, role=role)
                for plus, role in ((1, Role.USER), (2, Role.ASSISTANT))
            )
            turn = Turn(
                conversation_id=conversation.id,
                answers_id=asked.id,
                wrote_id=answer.id,
                assistant="claude",
                runner="test",
                lease_until=at,
                ended_at=at,
            )
            for row in (asked, answer, turn):
                session.add(row)
                await session.flush()
            session.add_all(
                Evidence(
                    turn_id=turn.id,
                    place=place,
                    message_id=answer.id,
                    article_id=article,
                    version=1,
                    score=1.0,
                    cited=cited,
                    created_at=at,
                )
                for place in range(2)
            )
            if rating:
                session.add(Rating(message_id=answer.id, conversation_id=conversation.id, value=rating))


async def test_an_article_says_who_changed_it_and_what_readers_do_not_see_yet(
    database: Database, staff: Staff
) -> None:
    article = await written(database, staff, "Refunds")
    colleague = await alex(database)
    await save(database, article, Words("Money back", "New", language="de"), colleague, over=1)

    found = await one(database, article, now())

    assert found is not None
    assert (found.title, found.language, found.changed_by) == ("Money back", "de", "Alex")
    assert (found.version, found.newest, found.has_changes) == (1, 2, True)
    assert await titles(database, state="changed") == ["Money back"]
    await publish(database, article, colleague, over=2)
    found = await one(database, article, now())
    assert found is not None
    assert not found.has_changes
    assert await titles(database, state="changed") == []
    assert await one(database, new_id(), now()) is None


async def test_an_answer_that_cites_an_article_twice_counts_once_and_old_ones_do_not(
    database: Database, staff: Staff
) -> None:
    article = await written(database, staff, "Refunds")
    await cite(database, article, 1, 1, -1, 0)
    await cite(database, article, -1, days_ago=31)
    await cite(database, article, -1, cited=False)

    found = await one(database, article, now())

    assert found is not None
    assert (found.cited, found.up, found.down) == (4, 2, 1)


async def test_the_list_is_narrowed(database: Database, staff: Staff) -> None:
    await written(database, staff, "A", state="draft")
    await written(database, staff, "B", language="de")
    await written(database, staff, "C", state="retired")

    assert await titles(database) == ["A", "B", "C"]
    assert await titles(database, state="draft") == ["A"]
    assert await titles(database, state="published") == ["B"]
    assert await titles(database, state="retired") == ["C"]
    assert await titles(database, language="de") == ["B"]
    assert await titles(database, collection="written-here") == ["A", "B", "C"]
    assert await titles(database, collection="elsewhere") == []
    assert await titles(database, state="eaten") == []
    narrowing = await choices(database)
    assert (narrowing.languages, narrowing.collections) == (("de", "en"), ("written-here",))


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("refund", ["How to get a refund", "Prices"]),
        ("REFUND prices", ["Prices"]),
        ("übersicht", ["Prices"]),
        ("ÜBER", ["Prices"]),
        ("100%", []),
        ("_", []),
        ("50% off", ["Prices"]),
        ("' OR 1=1 --", []),
        ('"; DROP', []),
        ("\x00", ["How to get a refund", "Prices", "返金"]),
        ("返", ["返金"]),
    ],
)
async def test_words_are_found_in_titles_and_texts(
    database: Database, staff: Staff, search: str, found: list[str]
) -> None:
    await written(database, staff, "How to get a refund")
    await written(database, staff, "Prices", body="No refund here, but 50% off.", description="Übersicht")
    await written(database, staff, "返金", state="draft")

    assert await titles(database, search=search) == found


async def test_what_is_ordered_by_use_begins_with_the_most_used(database: Database, staff: Staff) -> None:
    often, badly, never = [await written(database, staff, title) for title in ("Often", "Badly", "Never")]
    await cite(database, often, 1, 0, 0)
    await cite(database, badly, -1, -1)

    assert await titles(database, order=Order.CITED) == ["Often", "Badly", "Never"]
    assert (await titles(database, order=Order.RATED_DOWN))[0] == "Badly"
    assert await titles(database, order=Order.CHANGED) == ["Never", "Badly", "Often"]
    assert never


async def test_a_long_list_has_pages_and_each_is_one_query(database: Database, staff: Staff) -> None:
    for number in range(PAGE + 2):
        await written(database, staff, f"Article {number:03}", state="draft")
    wanted = Wanted(order=Order.TITLE)

    with counted(database) as queries:
        first = await look(database, wanted, now())
    second = await look(database, replace(wanted, page=2), now())
    beyond = await look(database, replace(wanted, page=99), now())
    nothing = await look(database, replace(wanted, search="zebra", page=3), now())

    assert queries == ["SELECT"]
    assert (len(first.articles), first.total, first.pages) == (PAGE, PAGE + 2, 2)
    assert [article.title for article in second.articles] == ["Article 050", "Article 051"]
    assert (beyond.page, beyond.articles) == (2, second.articles)
    assert (nothing.page, nothing.total, nothing.pages) == (1, 0, 1)
    assert isinstance(first.articles[0], Shelved)


class counted:  # noqa: N801 (reads as a word)
    """The statements a database is sent meanwhile, by their first word."""

    def __init__(self, database: Database) -> None:
        self._engine, self._seen = database.engine.sync_engine, list[str]()

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self._seen

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)

    def _note(self, _connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("BEGIN", "SET")):
            self._seen.append(statement.split()[0])
