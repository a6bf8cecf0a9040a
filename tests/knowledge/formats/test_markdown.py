"""What a Markdown file says about itself is read by nothing that a hostile one can end or keep busy."""

import pytest

from supportbot.knowledge.files import Skipped
from supportbot.knowledge.formats import read_file

NOT_VALID = "The front matter is not valid YAML."
MERGES = "a: &a {x: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{before}'] * 9)}]}}\n"
    for before, name in zip("abcdef", "bcdefg", strict=True)
)


@pytest.mark.parametrize(
    ("about", "reason"),
    [
        ("x: " + "[" * 15_000, NOT_VALID),
        ("x: " + "{a: " * 4_500, NOT_VALID),
        ("x: " + "[" * 100_000, "The front matter is longer than 20,000 characters."),
        (MERGES, "The front matter is not valid YAML (line 3)."),
        ("title: 1" + ":1" * 9_000, "It is broken."),
    ],
    ids=["deep lists", "deep maps", "very deep", "merges of merges", "a number to the base of 60"],
)
def test_hostile_front_matter_is_a_reason_to_skip_the_file(about: str, reason: str) -> None:
    assert read_file("a.md", f"---\n{about}\n---\n\nText".encode()) == [Skipped("a.md", reason)]
