"""An import from a page: it survives pages and workers, and nothing of it happens that nobody decided."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from supportbot import access
from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.ids import new_id, now
from supportbot.knowledge import import_runs, import_work
from supportbot.knowledge.announcing import Announcement, Line, Mark
from supportbot.knowledge.articles import by_slug, listing
from supportbot.knowledge.import_runs import Upload
from supportbot.models import Article, ArticleVersion, ImportFile, ImportRun, ImportState, ImportUpload, Staff
from tests.files import archive, pdf
from tests.people import alex, sam

pytestmark = pytest.mark.anyio

HELP = Upload(
    "help.zip",
    archive(
        {
            "help/a.md": "# A\n\nSee [b](b.html). ![x](x.png)",
            "help/b.html": "<h1>B</h1><p>Text</p>",
            "help/c.pdf": pdf(["A page of words that are read and kept."], title="C"),
            "help/faq.csv": "question,answer\nD?,Yes.\nE?,\n",
            "help/broken.pdf": b"%PDF-1.4 broken",
            "../evil.md": "# Evil",
        }
    ),
)

A = Upload("a.md", b"# A")


@pytest.fixture
async def admin(database: Database) -> Staff:
    return await sam(database)


async def begin(database: Database, admin: Staff, *uploads: Upload, collection: str = "") -> UUID:
    return await import_runs.begin(database, admin, collection, uploads)


async def work(database: Database) -> None:
    await import_work.work(database, asyncio.Event())


async def run_of(database: Database, run_id: UUID) -> ImportRun:
    async with database.reading() as session:
        run = await session.get(ImportRun, run_id)
    assert run is not None
    return run


def plan_of(run: ImportRun) -> Announcement:
    assert run.plan is not None
    return Announcement.unpacked(run.plan)


async def kept(database: Database) -> int:
    """Files that are kept for imports."""
    async with database.reading() as session:
        uploads = (await session.exec(select(ImportUpload))).all()
        return len(uploads) + len((await session.exec(select(ImportFile))).all())


def markdown(name: str, text: str) -> Upload:
    return Upload(f"{name}.md", text.encode())


async def test_an_archive_is_read_announced_decided_and_imported(database: Database, admin: Staff) -> None:
    run_id = await begin(database, admin, HELP)
    await work(database)
    run = await run_of(database, run_id)

    assert (run.state, run.collection, run.whole) == (ImportState.PLANNED, "help", True)
    assert [line.title for line in plan_of(run).added] == ["A", "B", "C", "D?"]
    assert run.left_out == [
        ["../evil.md", "Its name leads out of the archive."],
        ["broken.pdf", "It is broken, or no PDF."],
        ["faq.csv, row 3", "It has no answer."],
    ]
    assert run.pictures == {"a.md": 1}
    assert await listing(database) == []

    await import_runs.carry_out(database, run_id, admin)
    await work(database)
    run = await run_of(database, run_id)
    assert run.state == ImportState.DONE
    assert len(plan_of(run).added) == 4
    found = await by_slug(database, "a")
    assert found is not None
    assert found.body == "# A\n\nSee [b](/help/b). x"
    async with database.reading() as session:
        assert set(await session.exec(select(ArticleVersion.staff_id))) == {admin.id}
    assert await kept(database) == 0


async def test_single_files_are_no_whole_collection_unless_somebody_says_so(
    database: Database, admin: Staff
) -> None:
    await _imported(database, admin, markdown("a", "# A"), markdown("b", "# B"))
    run_id = await begin(database, admin, markdown("a", "# A\n\nMore."))
    await work(database)
    assert plan_of(await run_of(database, run_id)) == Announcement(updated=(Line("a.md", "A"),))

    await import_runs.change(database, run_id, whole=True)
    await work(database)
    run = await run_of(database, run_id)
    assert (run.state, run.whole) == (ImportState.PLANNED, True)
    assert plan_of(run).retired == (Line("b.md", "B"),)


async def test_what_was_edited_before_somebody_decides_is_announced_anew(
    database: Database, admin: Staff
) -> None:
    await _imported(database, admin, markdown("a", "# A"))
    run_id = await begin(database, admin, markdown("a", "# A\n\nMore."))
    await work(database)
    await _edit(database)

    await import_runs.carry_out(database, run_id, admin)
    await work(database)

    run = await run_of(database, run_id)
    assert run.state == ImportState.PLANNED
    assert run.said.startswith("The articles have changed since")
    assert plan_of(run).updated == (Line("a.md", "A", Mark.EDITED),)

    await import_runs.carry_out(database, run_id, admin)
    await work(database)
    assert (await run_of(database, run_id)).state == ImportState.DONE


async def test_discarding_forgets_what_was_uploaded_and_changes_nothing(
    database: Database, admin: Staff
) -> None:
    for decided in (False, True):
        run_id = await begin(database, admin, A)
        if decided:
            await work(database)
        await import_runs.discard(database, run_id)
        await work(database)

        assert (await run_of(database, run_id)).state == ImportState.DISCARDED
    assert await kept(database) == 0
    assert await listing(database) == []


async def test_two_who_decide_decide_once(database: Database, admin: Staff) -> None:
    run_id = await begin(database, admin, A)
    with pytest.raises(Refused):
        await import_runs.carry_out(database, run_id, admin)  # nobody has seen what it would do
    await work(database)
    await import_runs.carry_out(database, run_id, admin)

    for verb in (
        import_runs.carry_out(database, run_id, admin),
        import_runs.discard(database, run_id),
        import_runs.change(database, run_id, whole=False),
    ):
        with pytest.raises(Refused, match="already"):
            await verb


async def test_another_worker_goes_on_where_one_has_died(database: Database, admin: Staff) -> None:
    files = [markdown(f"a{at}", f"# A{at}") for at in range(6)]
    run_id = await begin(database, admin, *files)
    run = await run_of(database, run_id)
    pages = import_work._Pages(database, run, 0, len(files))
    await pages.add([])
    for at in range(2):
        await pages.add([{"path": f"a{at}.md", "reason": "Read by the one that died."}])
    await pages.write()

    await work(database)

    run = await run_of(database, run_id)
    assert (run.state, run.done, run.total) == (ImportState.PLANNED, 6, 6)
    assert [line.path for line in plan_of(run).added] == ["a2.md", "a3.md", "a4.md", "a5.md"]
    assert [path for path, _ in run.left_out] == ["a0.md", "a1.md"]


async def test_one_that_is_about_to_stop_leaves_the_rest_to_the_next(
    database: Database, admin: Staff
) -> None:
    run_id = await begin(database, admin, markdown("a", "# A"), markdown("b", "# B"))
    run = await run_of(database, run_id)
    stopping = asyncio.Event()
    stopping.set()
    await import_work._go_on(database, run, stopping)
    assert (await run_of(database, run_id)).state == ImportState.READING

    await work(database)
    assert len(plan_of(await run_of(database, run_id)).added) == 2


async def test_what_ends_every_worker_is_given_up_with_a_sentence(database: Database, admin: Staff) -> None:
    run_id = await begin(database, admin, markdown("a", "# A"))
    async with database.transaction() as session:
        run = await session.get(ImportRun, run_id)
        assert run is not None
        run.tries = import_work.MOST_TRIES

    await work(database)

    run = await run_of(database, run_id)
    assert run.state == ImportState.FAILED
    assert "however often it was tried" in run.said
    assert await kept(database) == 0


async def test_files_without_an_article_fail_and_say_why(database: Database, admin: Staff) -> None:
    run_id = await begin(database, admin, Upload("a.zip", b"PK no archive"), Upload("b.docx", b"x"))
    await work(database)

    run = await run_of(database, run_id)
    assert (run.state, run.said) == (ImportState.FAILED, "There is no article in these files.")
    assert run.left_out == [
        ["a.zip", "The zip archive is broken, or no zip archive."],
        ["b.docx", "It is not Markdown, HTML, PDF or CSV."],
    ]


async def test_two_files_of_one_name_are_not_mixed_up(database: Database, admin: Staff) -> None:
    run_id = await begin(database, admin, markdown("a", "# A"), markdown("a", "# Other"))
    await work(database)

    assert (await run_of(database, run_id)).left_out == [["a.md", "Another file has the same name."]]


async def test_collections_are_offered_but_not_those_that_come_from_no_file(
    database: Database, admin: Staff
) -> None:
    await _imported(database, admin, markdown("a", "# A"))
    with pytest.raises(Refused, match="written here"):
        await begin(database, admin, markdown("b", "# B"), collection=" written-here ")
    with pytest.raises(Refused, match="nothing in"):
        await begin(database, admin, Upload("a.md", b""))

    assert await import_runs.collections(database) == [("articles", 1)]


async def test_what_nobody_decides_is_forgotten(database: Database, admin: Staff) -> None:
    run_id = await begin(database, admin, A)
    await work(database)
    async with database.transaction() as session:
        run = await session.get(ImportRun, run_id)
        assert run is not None
        run.created_at = now() - import_runs.UNDECIDED_FOR - timedelta(hours=1)

    await work(database)

    assert (await run_of(database, run_id)).state == ImportState.DISCARDED
    assert await kept(database) == 0


async def test_only_so_many_wait(database: Database, admin: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_runs, "MOST_OPEN", 1)
    await begin(database, admin, A)
    with pytest.raises(Refused, match="Too many"):
        await begin(database, admin, A)


async def test_an_import_is_for_admins(database: Database, admin: Staff) -> None:
    run_id = await begin(database, admin, A)
    assert (await access.import_for_admin(database, admin, str(run_id))).id == run_id

    agent = await alex(database)
    for who, what in (
        (agent, run_id),
        (admin, new_id()),
        (admin, {"id": 1}),
        (admin, "nonsense"),
        (admin, None),
    ):
        with pytest.raises(NotFound):
            await access.import_for_admin(database, who, what)


async def _imported(database: Database, admin: Staff, *uploads: Upload) -> None:
    run_id = await begin(database, admin, *uploads)
    await work(database)
    await import_runs.carry_out(database, run_id, admin)
    await work(database)
    assert (await run_of(database, run_id)).state == ImportState.DONE


async def _edit(database: Database) -> None:
    async with database.transaction() as session:
        article = (await session.exec(select(Article))).one()
        session.add(
            ArticleVersion(article_id=article.id, version=2, title="A", body="Edited.", origin="written")
        )
