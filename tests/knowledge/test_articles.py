import pytest

from supportbot.knowledge.articles import by_slug, count, in_folder, listed, listing
from supportbot.knowledge.importing import import_folder

pytestmark = pytest.mark.anyio


async def test_published_articles_are_counted_listed_and_found(database, tmp_path):
    for name in ("b", "a"):
        (tmp_path / f"{name}.md").write_text(f"---\ndescription: About {name}\n---\n# {name.upper()}\n\nText")
    await import_folder(database, tmp_path, collection="docs")
    assert await count(database) == 2
    assert [(a.path, a.title, a.description) for a in await listing(database)] == [
        ("a.md", "A", "About a"),
        ("b.md", "B", "About b"),
    ]
    assert (await by_slug(database, "a")).title == "A"
    assert await by_slug(database, "c") is None


async def test_retired_articles_are_not_there(database, tmp_path):
    (tmp_path / "a.md").write_text("# A\n\nText")
    (tmp_path / "b.md").write_text("# B\n\nText")
    await import_folder(database, tmp_path)
    (tmp_path / "a.md").unlink()
    await import_folder(database, tmp_path)
    assert await count(database) == 1
    assert await by_slug(database, "a") is None
    assert [article.slug for article in await listing(database)] == ["b"]


async def test_a_folder_holds_what_lies_in_it_at_any_depth(database, tmp_path):
    for name in ("a_b/one.md", "a_b/deep/two.md", "axb/three.md", "a_b.md", "four.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n\nText")
    await import_folder(database, tmp_path, collection="docs")
    found = await in_folder(database, "docs", "a_b")
    assert [article.path for article in found] == ["a_b/deep/two.md", "a_b/one.md"]
    assert await in_folder(database, "other", "a_b") == []


async def test_only_published_ones_are_listed_by_their_slugs(database, tmp_path):
    (tmp_path / "a.md").write_text("# A\n\nText")
    (tmp_path / "b.md").write_text("# B\n\nText")
    await import_folder(database, tmp_path)
    (tmp_path / "b.md").unlink()
    await import_folder(database, tmp_path)
    assert list(await listed(database, ["b", "a", "c"])) == ["a"]
    assert await listed(database, []) == {}
