"""What the browser has to load stays small: no component library may slip in."""

import json

import pytest

from supportbot.migrations import ROOT
from tests.servers.app import App

HEAVY = ("radix", "react-markdown", "rehype", "katex", "lucide", "sonner", "emotion/styled")


@pytest.mark.browser
def test_no_heavy_package_gets_into_the_pages(plain_app: App) -> None:
    # Building the app has just written down what its pages use.
    used = json.loads((ROOT / "reflex.lock" / "package.json").read_text())["dependencies"]

    assert [package for package in used for heavy in HEAVY if heavy in package] == []
    assert (plain_app.folder / "web").exists()
