import asyncio
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import text

from supportbot.knowledge.importing import import_folder
from supportbot.knowledge.retrieval import (
    ENOUGH_CANDIDATES,
    Hit,
    Retrieval,
    fts5_query,
    look_up,
    tsquery,
)
from supportbot.knowledge.vocabulary import Vocabulary

pytestmark = pytest.mark.anyio

ACME = Path(__file__).parents[2] / "supportbot" / "knowledge" / "acme"


def hit(**changes):
    values = {
        "id": 1,
        "article_id": uuid4(),
        "slug": "refund",
        "title": "Refunds",
        "heading": "How long > Cards",
        "anchor": "cards",
        "body": "",
        "score": 1.0,
    }
    return Hit(**(values | changes))


@pytest.fixture
async def help_center(database, tmp_path):
    articles = {
        "refund": "# Refunds\n\nWithin 30 days.\n\n## How long it takes\n\nA refund takes ten days.",
        "login": "# Sign in\n\nUse your password or [this page](https://zebra.example/zebra).",
        "japanese": "# 返金\n\n返金は三十日以内です。",
        "chinese": "# 退款\n\n您可以在三十天内申请退款。",
        "greek": "# Επιστροφή χρημάτων\n\nΕντός 30 ημερών.",
        "syntax": "# Quotes and stars\n\nWrite NEAR, AND, OR or NOT as they are. A 2fa code, 12e4 or v2.",
    }
    for name, content in articles.items():
        (tmp_path / f"{name}.md").write_text(content)
    await import_folder(database, tmp_path)
    return Retrieval(database)


async def slugs(retrieval, question):
    return [found.slug for found in (await retrieval.find(question)).hits]


async def test_a_question_finds_its_section(help_center):
    found = await help_center.find("How long does a refund take?")
    assert found.confident
    best = found.hits[0]
    assert (best.slug, best.title, best.heading, best.anchor) == (
        *("refund", "Refunds", "How long it takes", "how-long-it-takes"),
    )
    assert best.body == "A refund takes ten days."
    assert best.url == "/help/refund#how-long-it-takes"
    assert best.label == "Refunds > How long it takes"


async def test_a_question_nobody_wrote_about_is_not_confident(help_center):
    assert not (await help_center.find("Do you sell garden furniture?")).confident
    assert (await help_center.find("furniture")).hits == ()


async def test_addresses_of_links_are_not_searched(help_center):
    assert await slugs(help_center, "zebra") == []


async def test_other_scripts_are_found(help_center):
    assert await slugs(help_center, "返金できますか") == ["japanese"]
    assert await slugs(help_center, "επιστροφη χρηματων") == ["greek"]


@pytest.mark.parametrize(
    ("question", "slug"),
    [
        ("reefunnd", "refund"),
        ("passwordreset", "login"),
        ("passwo", "login"),
        ("passwrods", "login"),
        ("金", "japanese"),
        ("三十日", "japanese"),
        ("如何退款", "chinese"),
        ("款", "chinese"),
        ("χρηματα", "greek"),
    ],
)
async def test_typos_part_words_japanese_and_chinese_are_found(help_center, question, slug):
    assert (await slugs(help_center, question))[0] == slug


@pytest.mark.parametrize("word", ["2fa", "12e4", "v2", "30"])
async def test_words_with_digits_are_found(help_center, word):
    assert await slugs(help_center, word)


@pytest.mark.parametrize(
    "question",
    [
        *(
            '"',
            "'",
            "''''",
            '"refund',
            "refund*",
            "refund NEAR password",
            "terms:refund",
            "(refund",
            "refund)",
        ),
        *("refund AND", "NOT refund", "^refund", "refund & | !", "a' OR '1'='1", "'; DROP TABLE passage; --"),
        *(
            "\\",
            "\\'",
            "%",
            "_",
            "{}",
            "\x00",
            "\ud800",
            "\u202e",
            "refund\x00",
            "x" * 100_000,
            "-refund +refund",
        ),
        *(
            "",
            " ",
            "?",
            "😀",
            "a\u0301" * 1_000,
            ":refund",
            "{refund}",
            "[refund]",
            "NEAR(refund password, 2)",
        ),
    ],
)
async def test_search_syntax_in_a_question_is_inert(help_center, question):
    found = await slugs(help_center, question)
    assert ("refund" in found) == ("refund" in question)


async def test_a_changed_article_is_known_at_once(database, tmp_path, help_center):
    assert await slugs(help_center, "kangaroo") == []
    (tmp_path / "login.md").write_text("# Kangaroo\n\nText")
    await import_folder(database, tmp_path)
    assert await slugs(help_center, "kangaroo") == ["login"]


async def test_words_of_the_house_are_known_from_the_next_question_on(database, help_center):
    said = ""
    retrieval = Retrieval(database, synonyms=lambda: said)
    assert await slugs(retrieval, "doubloons") == []
    said = "doubloons, refund\nkeyhole, your password"
    assert set(await slugs(retrieval, "doubloons")) == {"refund"}
    assert await slugs(retrieval, "keyhole") == ["login"]


async def test_questions_at_the_same_time_all_get_their_answer(help_center):
    found = await asyncio.gather(*(help_center.find("refund") for _ in range(20)))
    assert {best.hits[0].slug for best in found} == {"refund"}


async def test_an_empty_collection_finds_nothing(database):
    found = await Retrieval(database).find("How do I get a refund?")
    assert (found.hits, found.confident) == ((), False)


EXPLAIN = {
    "sqlite": "EXPLAIN QUERY PLAN SELECT rowid FROM fts_passage WHERE fts_passage MATCH 'w7x7'",
    "postgresql": "EXPLAIN SELECT id FROM passage"
    " WHERE to_tsvector('simple', terms) @@ to_tsquery('simple', 'w7x7')",
}


async def test_a_collection_is_searched_by_its_index(database, tmp_path):
    for at in range(300):
        (tmp_path / f"a{at}.md").write_text(f"# Article {at}\n\n" + " ".join(f"w{at}x{n}" for n in range(80)))
    await import_folder(database, tmp_path)
    async with database.reading() as session:
        connection = await session.connection()
        plan = (await connection.execute(text(EXPLAIN[database.kind]))).all()
    assert "fts_passage" in str(plan)
    assert await slugs(Retrieval(database), "w7x7") == ["a7"]


@pytest.mark.skipif(not any(ACME.rglob("*.md")), reason="the sample help centre is not there")
async def test_the_sample_answers_how_to_get_a_refund(database):
    await import_folder(database, ACME)
    found = await Retrieval(database).find("How do I get a refund?")
    assert found.confident
    assert (found.hits[0].slug, found.hits[0].heading) == ("how-to-get-a-refund", "How to ask for a refund")


@pytest.mark.skipif(not any(ACME.rglob("*.md")), reason="the sample help centre is not there")
async def test_a_changed_plan_is_no_cancelled_one(database):
    await import_folder(database, ACME)
    found = await Retrieval(database).find("How do I change my plan?")
    assert found.confident
    assert (found.hits[0].slug, found.hits[0].heading) == ("change-your-plan", "")


@pytest.mark.skipif(not any(ACME.rglob("*.md")), reason="the sample help centre is not there")
async def test_the_sample_has_nothing_about_other_things(database):
    await import_folder(database, ACME)
    retrieval = Retrieval(database)
    for question in ("Do you sell garden furniture?", "what's the weather in Paris", "who won the world cup"):
        assert not (await retrieval.find(question)).confident, question


def test_addresses_are_quoted():
    assert hit(slug="größe", anchor="a b").url == "/help/gr%C3%B6%C3%9Fe#a%20b"
    assert hit(anchor="").url == "/help/refund"


def test_an_introduction_is_labelled_by_its_article():
    assert hit(heading="").label == "Refunds"


def test_every_word_of_a_query_is_quoted():
    assert fts5_query([("a",), ('b"', "c")]) == '("a") OR ("b""" AND "c")'
    assert tsquery([("a",), ("b'", "c\\")]) == "('a') | ('b''' & 'c\\\\')"


def test_frequent_words_are_looked_up_together():
    class Frequencies(Vocabulary):
        def passages_with(self, term):
            return {"rare": 3, "common": ENOUGH_CANDIDATES, "everywhere": 5_000, "unheard": 0}[term]

    phrases = [("everywhere",), ("rare",), ("common",), ("unheard",)]
    assert look_up(phrases, Frequencies()) == [("rare",), ("common", "everywhere")]
    assert look_up([("everywhere",)], Frequencies()) == [("everywhere",)]
    assert look_up([("unheard",)], Frequencies()) == []
