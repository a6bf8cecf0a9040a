import asyncio
from pathlib import Path

import pytest
from sqlmodel import select

from supportbot.knowledge import importing
from supportbot.knowledge.articles import by_slug, count, listing
from supportbot.knowledge.importing import NothingToImport, ensure_sample, import_folder, read_folder
from supportbot.knowledge.retrieval import Retrieval
from supportbot.models import Article, Passage

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "help"
    put(
        folder,
        "refunds/how-to.md",
        "# How to get a refund\n\nSee [plans](../plans.md).\n\n## Time\n\nTwo days.",
    )
    put(folder, "plans.md", "# Plans\n\nTeam and Business.")
    return folder


@pytest.fixture
def sample(tmp_path, monkeypatch):
    folder = tmp_path / "sample"
    put(folder, "plans.md", "# Sample plans\n\nZebra.")
    monkeypatch.setattr(importing, "SAMPLE_FOLDER", folder)
    return folder


def put(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def passages_of(database, slug):
    async with database.reading() as session:
        query = select(Passage).join(Article).where(Article.slug == slug).order_by(Passage.position)
        return (await session.exec(query)).all()


async def test_answers_that_rest_on_an_article_do_not_wait_for_its_import(database, folder):
    await import_folder(database, folder)
    put(folder, "plans.md", "# Plans\n\nTeam only.")
    written = []

    async def answered(_session, _done):
        # What PostgreSQL does to the article when evidence that names it is written.
        check = select(Article.id).with_for_update(read=True, key_share=True, nowait=True)
        async with database.reading() as answering:
            written.extend(await answering.exec(check))

    bundle = importing.bundle_of("help", read_folder(folder), whole=True, keep_sample=True)
    await importing.carry_out(database, bundle, also=answered)

    assert len(written) == 2


async def test_a_folder_becomes_articles_with_their_passages(database, folder):
    report = await import_folder(database, folder)
    assert (report.added, report.updated, report.unchanged, report.retired) == (2, 0, 0, 0)
    article = await by_slug(database, "how-to")
    assert (article.collection, article.path, article.title) == (
        "help",
        "refunds/how-to.md",
        "How to get a refund",
    )
    assert [(p.position, p.heading, p.anchor, p.body) for p in await passages_of(database, "how-to")] == [
        (0, "", "how-to-get-a-refund", "See [plans](/help/plans)."),
        (1, "Time", "time", "Two days."),
    ]


async def test_importing_twice_changes_nothing(database, folder):
    await import_folder(database, folder)
    before = await passages_of(database, "how-to")
    report = await import_folder(database, folder)
    assert (report.added, report.updated, report.unchanged) == (0, 0, 2)
    assert [p.id for p in await passages_of(database, "how-to")] == [p.id for p in before]


async def test_a_changed_file_updates_its_article_and_keeps_its_address(database, folder):
    await import_folder(database, folder)
    put(folder, "plans.md", "# Prices\n\nOnly Business.")
    report = await import_folder(database, folder)
    assert (report.updated, report.unchanged) == (1, 1)
    assert (await by_slug(database, "plans")).title == "Prices"
    assert [p.body for p in await passages_of(database, "plans")] == ["Only Business."]


async def test_a_vanished_file_retires_its_article_and_a_returned_one_is_published_again(database, folder):
    await import_folder(database, folder)
    text = (folder / "plans.md").read_text()
    (folder / "plans.md").unlink()
    assert (await import_folder(database, folder)).retired == 1
    assert await by_slug(database, "plans") is None
    assert (await passages_of(database, "how-to"))[0].body == "See plans."

    put(folder, "plans.md", text)
    report = await import_folder(database, folder)
    assert (report.added, report.updated) == (1, 1)
    assert (await by_slug(database, "plans")).title == "Plans"
    assert await count(database) == 2


async def test_two_collections_live_side_by_side_with_different_slugs(database, folder, tmp_path):
    put(tmp_path / "other", "eu/plans.md", "# Plans in Europe\n\nText")
    await import_folder(database, folder)
    await import_folder(database, tmp_path / "other")
    assert {(a.collection, a.slug) for a in await listing(database)} == {
        ("help", "how-to"),
        ("help", "plans"),
        ("other", "eu-plans"),
    }


async def test_the_same_slug_many_times_gets_numbers(database, tmp_path):
    for name in ("a/x.md", "b/x.md", "c/x.md"):
        put(tmp_path / "help", name, "---\nslug: same\n---\nText")
    await import_folder(database, tmp_path / "help")
    assert {a.slug for a in await listing(database)} == {"same", "b-same", "c-same"}


async def test_skipped_files_are_reported(database, folder):
    put(folder, "README.md", "# About")
    (folder / "bad.md").write_bytes(b"\xff\xfe")
    report = await import_folder(database, folder, collection="docs")
    assert [path for path, _ in report.skipped] == ["README.md", "bad.md"]
    assert {article.collection for article in await listing(database)} == {"docs"}


async def test_a_missing_or_empty_folder_changes_nothing(database, folder, tmp_path):
    await import_folder(database, folder)
    (tmp_path / "empty").mkdir()
    put(tmp_path / "empty", "README.md", "# About")
    for wrong in (tmp_path / "missing", tmp_path / "empty", folder / "plans.md"):
        with pytest.raises(NothingToImport):
            await import_folder(database, wrong, collection="help")
    assert await count(database) == 2


async def test_the_sample_is_loaded_once_and_only_into_an_empty_database(database, sample):
    assert await ensure_sample(database) == 1
    assert await ensure_sample(database) == 0


async def test_the_sample_stays_away_once_there_were_articles(database, sample, folder):
    await import_folder(database, folder)
    assert await ensure_sample(database) == 0


async def test_processes_that_start_together_load_the_sample_once(database, sample):
    loaded = await asyncio.gather(*(ensure_sample(database) for _ in range(4)))
    assert sum(loaded) == 1
    assert await count(database) == 1


async def test_the_first_import_retires_the_sample_and_takes_its_addresses(database, sample, folder):
    await ensure_sample(database)
    report = await import_folder(database, folder)
    assert report.sample_retired == 1
    assert (await by_slug(database, "plans")).title == "Plans"
    assert (await import_folder(database, folder)).sample_retired == 0


async def test_the_sample_can_be_kept(database, sample, folder):
    await ensure_sample(database)
    report = await import_folder(database, folder, keep_sample=True)
    assert report.sample_retired == 0
    assert {a.slug for a in await listing(database)} == {"plans", "how-to", "plans-2"}


async def test_the_sample_can_come_back(database, sample, folder):
    await ensure_sample(database)
    await import_folder(database, folder)
    report = await import_folder(database, sample, collection=importing.SAMPLE)
    assert report.added == 1
    assert {(a.collection, a.slug) for a in await listing(database)} == {
        ("acme-sample", "plans-2"),
        ("help", "plans"),
        ("help", "how-to"),
    }


async def test_imports_at_the_same_time_end_in_one_of_their_results(database, folder, tmp_path):
    put(tmp_path / "other", "plans.md", "# Other\n\nText")
    await asyncio.gather(*(import_folder(database, f) for f in (folder, tmp_path / "other") * 2))
    found = await listing(database)
    assert len(found) == 3
    assert len({article.slug for article in found}) == 3


async def test_retired_articles_are_never_found(database, folder):
    await import_folder(database, folder)
    retrieval = Retrieval(database)
    assert (await retrieval.find("Business plans")).hits
    (folder / "plans.md").unlink()
    await import_folder(database, folder)
    assert all(hit.slug != "plans" for hit in (await retrieval.find("Business plans")).hits)


async def test_readers_never_see_an_article_without_its_passages(database, tmp_path):
    folder = tmp_path / "help"
    for at in range(40):
        put(folder, f"a{at}.md", f"# A{at}\n\nFirst.")

    async def change():
        for turn in range(3):
            for at in range(40):
                put(folder, f"a{at}.md", f"# A{at}\n\nText {turn}.")
            await import_folder(database, folder)

    changing = asyncio.create_task(change())
    while not changing.done():
        async with database.reading() as session:
            query = select(Article.slug).outerjoin(Passage).where(Passage.id.is_(None))
            assert (await session.exec(query)).all() == []
        await asyncio.sleep(0)
    await changing


async def test_hostile_articles_can_be_imported(database, tmp_path):
    folder = tmp_path / "help"
    put(folder, "word.md", "# W\n\n" + "x" * 1_000_000)
    put(folder, "quotes.md", "# Q\n\n" + ">" * 3_000 + " deep")
    put(folder, "table.md", "# T\n\n" + "|a" * 400 + "|\n" + "|-" * 400 + "|\n" + ("|b" * 400 + "|\n") * 20)
    put(folder, "many.md", "# M\n\n" + " ".join(f"w{at}" for at in range(100_000)))
    put(
        folder,
        "title.md",
        "---\ntitle: '" + "long " * 200 + "'\n---\n# " + "h" * 5_000 + "\n\n## " + "z" * 9_000 + "\n\nText",
    )
    report = await import_folder(database, folder)
    assert report.added == 5
    assert (await Retrieval(database).find("w99999")).hits
