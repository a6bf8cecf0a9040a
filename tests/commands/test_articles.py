import pytest
from click.testing import CliRunner

from supportbot import settings as settings_module
from supportbot.commands.articles import articles


@pytest.fixture
def run(database_url, monkeypatch, tmp_path):
    """Run a command on an empty database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings_module.settings.cache_clear()
    yield lambda *arguments: CliRunner().invoke(articles, [str(argument) for argument in arguments])
    settings_module.settings.cache_clear()


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "help"
    folder.mkdir()
    (folder / "refund.md").write_text("# Refunds\n\nText")
    (folder / "README.md").write_text("# About")
    return folder


def test_a_folder_is_imported_and_what_was_skipped_is_told(run, folder):
    result = run("import", folder)
    assert result.exit_code == 0, result.output
    assert "1 added, 0 updated, 0 unchanged, 0 retired." in result.output
    assert "Skipped README.md: It is about the folder, not an article for customers." in result.output


def test_published_articles_are_listed(run, folder):
    assert "There are no articles yet." in run("list").output
    run("import", folder, "--collection", "docs")
    assert run("list").output == "docs  /help/refund  Refunds\n"


def test_a_folder_that_does_not_exist_is_refused_with_a_sentence(run, tmp_path):
    result = run("import", tmp_path / "missing")
    assert result.exit_code == 1
    assert "There is no folder" in result.output


def test_a_folder_without_articles_is_refused_and_says_what_it_holds(run, folder):
    (folder / "refund.md").unlink()
    result = run("import", folder)
    assert result.exit_code == 1
    assert "holds no article" in result.output
    assert "Skipped README.md" in result.output
