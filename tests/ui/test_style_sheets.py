"""All style sheets are on every page: a name one of them lends to a thing of its own means nothing else."""

import re

import pytest

from supportbot.migrations import ROOT

SHARED = ("supportbot.css", "desk.css")
"""What pages are built from; the others come after them and would win."""


@pytest.mark.parametrize("sheet", ["settings.css", "gaps.css"])
def test_a_page_of_its_own_restyles_nothing_of_other_pages(sheet: str) -> None:
    own = {found[1] for one in selectors(sheet) if (found := re.match(r"\.([\w-]+)(?=[\s:\[>+]|$)", one))}
    others = {name for sheet in SHARED for one in selectors(sheet) for name in re.findall(r"\.([\w-]+)", one)}
    # What somebody writes at the desk is named by its kind alone; no rule of theirs says so.
    others |= {"reply", "note"}

    assert own & others == set()


def selectors(sheet: str) -> list[str]:
    """Every selector of a sheet, without what stands in functions such as `:not()`."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "assets" / sheet).read_text(), flags=re.DOTALL)
    heads = [head for head in re.findall(r"([^{};]+)\{", text) if not head.strip().startswith("@")]
    return [one.strip() for head in heads for one in re.sub(r"\([^)]*\)", "", head).split(",")]
