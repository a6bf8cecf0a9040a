"""The editor's script stays small, and no other page loads it."""

from supportbot.migrations import ROOT

SCRIPT = ROOT / "assets" / "editor.js"


def test_it_stays_within_its_budget() -> None:
    assert len(SCRIPT.read_bytes()) <= 10 * 1024


def test_only_the_editor_loads_it() -> None:
    loading = [path for path in (ROOT / "supportbot").rglob("*.py") if '"/editor.js"' in path.read_text()]

    assert [path.name for path in loading] == ["editor_page.py"]
