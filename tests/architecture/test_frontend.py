"""What Reflex makes of us: pages stay small, and development does not restart for nothing."""

import ast
import json
import subprocess
import sys

import pytest

from supportbot.migrations import ROOT
from tests.servers.app import LOCK_FILES, App

HEAVY = ("radix", "react-markdown", "rehype", "katex", "lucide", "sonner", "emotion/styled")


@pytest.mark.browser
def test_no_heavy_package_gets_into_the_pages(plain_app: App) -> None:
    # Building the app has just written down what its pages use.
    used = json.loads((plain_app.root / LOCK_FILES / "package.json").read_text())["dependencies"]

    assert [package for package in used for heavy in HEAVY if heavy in package] == []
    assert (plain_app.folder / "web").exists()


@pytest.mark.browser
def test_the_lock_files_that_are_kept_are_those_the_pages_are_built_with(plain_app: App) -> None:
    kept, built = (
        {path.name: path.read_text() for path in (root / LOCK_FILES).iterdir()}
        for root in (ROOT, plain_app.root)
    )

    assert kept == built


def test_in_development_only_code_and_assets_restart_the_server() -> None:
    # The database's lock file changes at every start: watched, it restarted the server for ever.
    asked = (
        "from reflex.config import get_config; get_config()\n"
        "from reflex.utils.exec import get_reload_paths\n"
        "print(*(path.name for path in get_reload_paths()))"
    )
    done = subprocess.run(
        [sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout.split() == ["supportbot", "assets"]


def test_script_inside_components_stays_a_handful_of_functions() -> None:
    # What only a browser can do lives in assets/supportbot.js; these few lines keep what React must know of.
    components = ROOT / "supportbot" / "ui" / "components"
    scripts = [
        node.value.value
        for path in components.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and "=>" in node.value.value
    ]

    assert scripts
    assert sum(map(len, scripts)) <= 5_000
