import os
import pty
import subprocess
import sys

import pytest
from click.testing import CliRunner

from supportbot import settings as settings_module
from supportbot.commands.articles import articles
from supportbot.migrations import ROOT
from tests.files import archive, pdf


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


def test_a_dry_run_says_what_would_change_and_changes_nothing(run, folder):
    result = run("import", folder, "--dry-run")
    assert result.exit_code == 0, result.output
    assert "To be added:\n  refund.md  Refunds" in result.output
    assert "There are no articles yet." in run("list").output

    run("import", folder)
    assert "Nothing would change." in run("import", folder, "--dry-run").output


def test_a_script_must_say_that_it_means_to_retire(run, folder):
    (folder / "plans.md").write_text("# Plans\n\nText")
    run("import", folder)
    (folder / "plans.md").unlink()

    refused = run("import", folder)
    assert refused.exit_code == 1
    assert "To be retired:\n  plans.md  Plans" in refused.output
    assert "Nothing was changed" in refused.output
    assert "/help/plans" in run("list").output

    done = run("import", folder, "--yes")
    assert "0 added, 0 updated, 1 unchanged, 1 retired." in done.output
    assert "/help/plans" not in run("list").output


def test_archives_and_single_files_come_in_too_and_what_failed_is_named(run, folder, tmp_path):
    (tmp_path / "help.zip").write_bytes(
        archive(
            {
                "help/a.md": "# A\n\n![one](1.png) and ![two](2.png)",
                "help/b.html": "<h1>B</h1><p>Text</p>",
                "help/c.pdf": pdf(["A page of words that are read and kept."]),
                "help/faq.csv": "question,answer\nD?,Yes.\n",
                "help/1.png": b"png",
                "help/broken.pdf": b"%PDF-1.4 broken",
            }
        )
    )
    result = run("import", tmp_path / "help.zip")
    assert result.exit_code == 0, result.output
    assert "4 added" in result.output
    assert "Without its 2 pictures: a.md" in result.output
    assert "Skipped 1.png: It is a picture. Articles are kept without pictures." in result.output
    assert "Skipped broken.pdf: It is broken, or no PDF." in result.output

    result = run("import", folder / "refund.md", "--collection", "help")
    assert "1 added, 0 updated, 0 unchanged, 0 retired." in result.output
    assert len(run("list").output.splitlines()) == 5


def test_what_is_written_here_is_no_collection_of_files(run, folder):
    result = run("import", folder, "--collection", "written-here")
    assert result.exit_code == 1
    assert "is kept for articles that are written here" in result.output


def test_whoever_sits_at_a_terminal_is_asked(run, folder, tmp_path, database_url):
    (folder / "plans.md").write_text("# Plans\n\nText")
    run("import", folder)
    (folder / "plans.md").unlink()
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "supportbot", "articles", "import", str(folder)],
        cwd=tmp_path,
        env=os.environ | {"DATABASE_URL": database_url, "PYTHONPATH": str(ROOT)},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.close(theirs)
    os.write(ours, b"n\n")
    printed, _ = process.communicate(timeout=60)
    os.close(ours)

    assert "To be retired:" in printed
    assert "Import this?" in printed
    assert len(run("list").output.splitlines()) == 2
