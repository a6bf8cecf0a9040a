"""All style sheets are on every page: a name one of them lends to a thing of its own means nothing else."""

import re

import pytest

from supportbot.migrations import ROOT

SHARED = ("supportbot.css", "desk.css")
"""What pages are built from; the others come after them and would win."""
OTHERS = ("settings.css", "articles.css", "gaps.css", "import.css")
NAMES = re.compile(r"\.([\w-]+)")
BEGINS_WITH = re.compile(r"\.([\w-]+)(?=[\s:\[>+]|$)")


@pytest.mark.parametrize("sheet", OTHERS)
def test_a_sheet_restyles_nothing_of_other_pages(sheet: str) -> None:
    others = {name for shared in SHARED for one in selectors(shared) for name in NAMES.findall(one)}
    # Under a name of its own, a page may say how the pieces of another one look there.
    others |= {name for other in OTHERS if other != sheet for name in names_of(other)}
    # What somebody writes at the desk is named by its kind alone; no rule of theirs says so.
    others |= {"reply", "note"}

    assert names_of(sheet) & others == set()


def names_of(sheet: str) -> set[str]:
    """What a sheet styles wherever it stands."""
    return {found[1] for one in selectors(sheet) if (found := BEGINS_WITH.match(one))}


def selectors(sheet: str) -> list[str]:
    """Every selector of a sheet, without what stands in functions such as `:not()`."""
    text = re.sub(r"/\*.*?\*/", "", (ROOT / "assets" / sheet).read_text(), flags=re.DOTALL)
    heads = [head for head in re.findall(r"([^{};]+)\{", text) if not head.strip().startswith("@")]
    return [one.strip() for head in heads for one in re.sub(r"\([^)]*\)", "", head).split(",")]
