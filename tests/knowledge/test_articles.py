import pytest

from supportbot.knowledge.articles import by_slug, count, listing
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
