"""What an import would change is said before it does, and nothing else is done."""

from pathlib import Path

import pytest
from sqlmodel import col, select

from supportbot.database import Database
from supportbot.ids import now
from supportbot.knowledge.announcing import Announcement, Line, Mark
from supportbot.knowledge.articles import by_slug
from supportbot.knowledge.files import ImportedArticle
from supportbot.knowledge.folders import read_folder
from supportbot.knowledge.importing import PlanChanged, announce, bundle_of, carry_out, import_folder
from supportbot.knowledge.publishing import Words, add_version, cut, publish
from supportbot.knowledge.writing_imports import known_articles
from supportbot.models import Article, ArticleState, ArticleVersion, Origin
from tests.shared_data import shared

pytestmark = pytest.mark.anyio


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "help"
    for name in ("a", "b", "c"):
        put(folder, name, f"# {name.upper()}\n\nText.")
    return folder


def put(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.md").write_text(text)


def articles(folder: Path) -> list[ImportedArticle]:
    return [one for one in read_folder(folder) if isinstance(one, ImportedArticle)]


async def would(
    database: Database, folder: Path, *, whole: bool = True, collection: str = "help"
) -> Announcement:
    return await announce(database, bundle_of(collection, articles(folder), whole=whole, keep_sample=False))


async def edit(database: Database, slug: str, body: str, *, published: bool = True) -> None:
    """What somebody does in the editor."""
    async with database.transaction() as session:
        article = (await session.exec(select(Article).where(Article.slug == slug))).one()
        words = Words(article.title, body)
        version = await add_version(session, article.id, words, now(), origin=Origin.WRITTEN)
        if published:
            await publish(session, article.id, words, version, cut(words.title, body), now())


async def versions(database: Database, slug: str) -> list[tuple[int, str, str]]:
    query = (
        select(ArticleVersion).join(Article).where(Article.slug == slug).order_by(col(ArticleVersion.version))
    )
    async with database.reading() as session:
        return [(one.version, one.origin.value, one.body) for one in await session.exec(query)]


async def test_everything_is_new_to_an_empty_database(database: Database, folder: Path) -> None:
    said = await would(database, folder)

    assert [line.title for line in said.added] == ["A", "B", "C"]
    assert await known_articles(database) == []


async def test_an_import_does_what_it_has_announced(database: Database, folder: Path) -> None:
    await import_folder(database, folder)
    put(folder, "a", "# A\n\nOther.")
    (folder / "b.md").unlink()
    put(folder, "d", "# D\n\nText.")
    said = await would(database, folder)
    done = await carry_out(
        database, bundle_of("help", articles(folder), whole=True, keep_sample=False), agreed=said
    )

    assert (
        said
        == done
        == Announcement(
            added=(Line("d.md", "D"),),
            updated=(Line("a.md", "A"),),
            retired=(Line("b.md", "B"),),
            unchanged=1,
        )
    )
    assert (await would(database, folder)).changes_nothing


async def test_what_was_edited_here_is_said_and_its_words_are_kept(database: Database, folder: Path) -> None:
    await import_folder(database, folder)
    await edit(database, "a", "Edited here.")
    await edit(database, "b", "A draft.", published=False)
    await edit(database, "c", "Edited here too.")
    put(folder, "a", "# A\n\nFrom the file.")
    put(folder, "b", "# B\n\nFrom the file.")
    (folder / "c.md").unlink()

    said = await would(database, folder)
    assert said.updated == (Line("a.md", "A", Mark.EDITED), Line("b.md", "B", Mark.EDITED))
    assert said.retired == (Line("c.md", "C", Mark.EDITED),)
    assert (said.edited, said.takes_away) == (3, True)

    await import_folder(database, folder)
    assert await versions(database, "a") == [
        (1, "imported", "# A\n\nText."),
        (2, "written", "Edited here."),
        (3, "imported", "# A\n\nFrom the file."),
    ]
    found = await by_slug(database, "a")
    assert found is not None
    assert (found.body, found.version) == ("# A\n\nFrom the file.", 3)


async def test_an_edit_outlives_the_import_of_a_file_that_is_as_before(
    database: Database, folder: Path
) -> None:
    await import_folder(database, folder)
    await edit(database, "a", "Edited here.")

    assert (await would(database, folder)).changes_nothing
    await import_folder(database, folder)
    found = await by_slug(database, "a")
    assert found is not None
    assert found.body == "Edited here."


async def test_what_somebody_has_retired_is_published_again_and_that_is_said(
    database: Database, folder: Path
) -> None:
    await import_folder(database, folder)
    async with database.transaction() as session:
        (await session.exec(select(Article).where(Article.slug == "a"))).one().state = ArticleState.RETIRED

    assert (await would(database, folder)).added == (Line("a.md", "A", Mark.AGAIN),)


async def test_single_files_add_and_update_and_retire_nothing(database: Database, folder: Path) -> None:
    put(folder, "a", "# A\n\nSee [b](b.md).")
    await import_folder(database, folder)
    (folder / "b.md").unlink()
    (folder / "c.md").unlink()
    put(folder, "a", "# A\n\nStill see [b](b.md).")
    said = await would(database, folder, whole=False)
    await carry_out(
        database, bundle_of("help", articles(folder), whole=False, keep_sample=False), agreed=said
    )

    assert said == Announcement(updated=(Line("a.md", "A"),))
    found = await by_slug(database, "a")
    assert found is not None
    assert found.body == "# A\n\nStill see [b](/help/b)."


async def test_nothing_is_done_that_nobody_has_agreed_to(database: Database, folder: Path) -> None:
    await import_folder(database, folder)
    put(folder, "a", "# A\n\nFrom the file.")
    agreed = await would(database, folder)
    await edit(database, "a", "Edited meanwhile.")

    with pytest.raises(PlanChanged) as changed:
        await carry_out(
            database, bundle_of("help", articles(folder), whole=True, keep_sample=False), agreed=agreed
        )

    assert changed.value.now.updated == (Line("a.md", "A", Mark.EDITED),)
    assert len(await versions(database, "a")) == 2


async def test_an_announcement_survives_being_kept(database: Database, folder: Path) -> None:
    said = await would(database, folder)

    assert Announcement.unpacked(said.packed()) == said


@pytest.mark.parametrize(("name", "count"), [("help_center_37signals", 26), ("help_center_healthchecks", 35)])
async def test_real_help_centres_come_in_whole(database: Database, name: str, count: int) -> None:
    if not shared(name).is_dir():
        pytest.skip(f"{name} is not on this machine")
    report = await import_folder(database, shared(name))

    assert (report.added, report.retired) == (count, 0)
    assert {reason for _, reason in report.skipped} == {
        "It is about the folder, not an article for customers."
    }
    assert (await import_folder(database, shared(name))).unchanged == count
