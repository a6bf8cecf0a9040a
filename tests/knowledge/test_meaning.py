"""Finding by meaning: the vectors follow the articles, whatever happens to either."""

import asyncio

import pytest
from sqlmodel import col, func, select, update

from supportbot.database import Database
from supportbot.knowledge import vectors
from supportbot.knowledge.importing import import_folder
from supportbot.knowledge.retrieval import Retrieval
from supportbot.knowledge.vector_filling import Filler, fill_vectors, progress
from supportbot.models import Passage, PassageVector
from tests.knowledge.meanings import Broken, Topics

pytestmark = pytest.mark.anyio

ARTICLES = {
    "refund": "# Refunds\n\nAsk for a refund within 30 days.",
    "login": "# Sign in\n\nUse your password.",
    "invoice": "# Invoices\n\nEach invoice shows the VAT.",
}


@pytest.fixture(autouse=True)
def look_at_once(monkeypatch):
    monkeypatch.setattr(vectors, "LOOK_EVERY", 0)


@pytest.fixture
async def folder(database, tmp_path):
    for name, content in ARTICLES.items():
        (tmp_path / f"{name}.md").write_text(content)
    await import_folder(database, tmp_path)
    return tmp_path


async def best(retrieval, question):
    hits = (await retrieval.find(question)).hits
    return hits[0].slug if hits else None


async def stored(database: Database) -> int:
    async with database.reading() as session:
        return (await session.exec(select(func.count()).select_from(PassageVector))).one()


async def test_a_question_without_a_word_of_the_article_finds_it(database, folder):
    await fill_vectors(database, Topics())
    assert await best(Retrieval(database, Topics()), "Wann kommt mein Geld?") == "refund"
    assert await best(Retrieval(database), "Wann kommt mein Geld?") is None


async def test_until_vectors_are_there_words_find(database, folder):
    retrieval = Retrieval(database, Topics())
    assert await best(retrieval, "refund") == "refund"
    assert await best(retrieval, "Wann kommt mein Geld?") is None


async def test_an_article_that_was_just_published_is_found_among_those_with_vectors(database, folder):
    await fill_vectors(database, Topics())
    retrieval = Retrieval(database, Topics())
    assert await best(retrieval, "When is your office closed?") != "hours"
    (folder / "hours.md").write_text("# Office hours\n\nOur office is closed in August.")
    await import_folder(database, folder)
    assert await best(retrieval, "When is your office closed?") == "hours"


async def test_an_edited_article_is_found_by_what_it_says_now(database, folder):
    embedder = Topics()
    await fill_vectors(database, embedder)
    retrieval = Retrieval(database, embedder)
    assert await best(retrieval, "geld") == "refund"
    (folder / "refund.md").write_text("# Holiday\n\nWe are on vacation.")
    (folder / "login.md").write_text("# Money back\n\nYou are reimbursed.")
    await import_folder(database, folder)
    assert await fill_vectors(database, embedder) == 2
    assert await best(retrieval, "geld") == "login"


async def test_a_retired_article_is_no_longer_found_by_its_meaning(database, folder):
    await fill_vectors(database, Topics())
    retrieval = Retrieval(database, Topics())
    assert await best(retrieval, "geld") == "refund"
    (folder / "refund.md").unlink()
    await import_folder(database, folder)
    found = await retrieval.find("geld")
    assert "refund" not in [hit.slug for hit in found.hits]
    assert await stored(database) == 2


async def test_every_worker_hears_of_vectors_another_has_made(database, folder):
    here = Retrieval(database, Topics())
    assert await best(here, "geld") is None
    await fill_vectors(database, Topics())
    assert await best(here, "geld") == "refund"


async def test_a_model_that_fails_leaves_the_words(database, folder, caplog):
    await fill_vectors(database, Topics())
    assert await best(Retrieval(database, Broken()), "refund") == "refund"
    assert "by words alone" in caplog.text


async def test_what_two_workers_make_at_once_is_stored_once(database, folder):
    await asyncio.gather(*(fill_vectors(database, Topics()) for _ in range(3)))
    assert await stored(database) == 3


async def test_a_filling_that_breaks_off_is_taken_up_where_it_stopped(database, tmp_path):
    for at in range(40):
        (tmp_path / f"a{at}.md").write_text(f"# Article {at}\n\nText")
    await import_folder(database, tmp_path)

    class Failing(Topics):
        def passages(self, texts):
            if self.read:
                raise MemoryError
            return super().passages(texts)

    with pytest.raises(MemoryError):
        await fill_vectors(database, Failing())
    begun = await progress(database, Topics())
    assert 0 < begun.done < begun.of == 40
    again = Topics()
    await fill_vectors(database, again)
    assert len(again.read) == 40 - begun.done
    assert await progress(database, Topics()) == type(begun)(40, 40)


async def test_a_worker_that_stops_ends_after_its_batch(database, tmp_path):
    for at in range(40):
        (tmp_path / f"a{at}.md").write_text(f"# Article {at}\n\nText")
    await import_folder(database, tmp_path)
    stopping = asyncio.Event()

    class Stopped(Topics):
        def passages(self, texts):
            stopping.set()
            return super().passages(texts)

    assert 0 < await fill_vectors(database, Stopped(), stopping) < 40


async def test_vectors_of_words_that_changed_meanwhile_are_not_stored(database, folder):
    loop = asyncio.get_running_loop()

    async def edit():
        async with database.transaction() as session:
            await session.exec(update(Passage).values(body="Other words"))

    class Overtaken(Topics):
        def passages(self, texts):
            if not self.read:
                asyncio.run_coroutine_threadsafe(edit(), loop).result()
            return super().passages(texts)

    assert await fill_vectors(database, Overtaken()) == 0
    assert await stored(database) == 0
    assert await fill_vectors(database, Topics()) == 3


async def test_another_model_makes_its_own_vectors_and_the_old_ones_go(database, folder):
    await fill_vectors(database, Topics())

    class Other(Topics):
        name = "other"

    await fill_vectors(database, Other())
    async with database.reading() as session:
        assert set((await session.exec(select(col(PassageVector.model)))).all()) == {"other"}
    assert await best(Retrieval(database, Other()), "geld") == "refund"
    assert await best(Retrieval(database, Topics()), "refund") == "refund"


async def test_the_job_looks_only_after_a_change(database, folder):
    embedder = Topics()
    filler = Filler(database, embedder)
    assert await filler.work(asyncio.Event()) == 3
    assert await filler.work(asyncio.Event()) == 0
    (folder / "login.md").write_text("# Sign in\n\nThe password has ten letters.")
    await import_folder(database, folder)
    assert await filler.work(asyncio.Event()) == 1
    assert len(embedder.read) == 4


async def test_a_long_passage_is_as_close_as_its_closest_part(database, tmp_path):
    filler = "Other words about nothing in particular are written here for long. " * 12
    (tmp_path / "long.md").write_text(f"# Long\n\n{filler}\n\nA refund takes ten days.")
    (tmp_path / "short.md").write_text("# Short\n\nInvoice and refund and receipt.")
    await import_folder(database, tmp_path)
    embedder = Topics()
    await fill_vectors(database, embedder)
    assert len(embedder.read) == 3
    found = await Retrieval(database, embedder).find("geld")
    assert [hit.slug for hit in found.hits] == ["long", "short"]


async def test_a_model_reads_the_other_words_of_the_house(database, folder):
    await fill_vectors(database, Topics())
    retrieval = Retrieval(database, Topics(), synonyms=lambda: "doubloons, money back")
    assert await best(retrieval, "When do my doubloons come?") == "refund"


async def test_the_name_of_the_company_makes_no_passage_close(database, folder):
    (folder / "other.md").write_text("# Password of another kind\n\nIt is something else altogether.")
    await import_folder(database, folder)
    await fill_vectors(database, Topics())
    assert not (
        await Retrieval(database, Topics(), name=lambda: "Password").find("Is Password open?")
    ).confident
    assert (await Retrieval(database, Topics()).find("Is Password open?")).confident
    assert (await Retrieval(database, Topics(), name=lambda: "Password").find("password")).confident
