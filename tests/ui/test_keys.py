"""The keys of the desk: each means one thing, is on a page, and is written down."""

from collections import Counter
from pathlib import Path

import pytest

from supportbot.ui import text
from supportbot.ui.components.keys import KEYS, command, key

UI = Path(text.__file__).parent


def test_no_key_is_given_twice() -> None:
    # Enter opens a row and sends a reply: the browser's own business in both places.
    given = Counter(one.letters for one in KEYS if not one.native)

    assert [letters for letters, times in given.items() if times > 1] == []


def test_no_key_is_the_beginning_of_another() -> None:
    first = {one.letters.split()[0] for one in KEYS if " " in one.letters and not one.native}

    assert first & {one.letters for one in KEYS} == set()


def test_every_key_in_the_help_sheet_is_somewhere_in_the_pages() -> None:
    sources = "\n".join(path.read_text() for path in UI.rglob("*.py") if path.name != "keys.py")

    assert [one.letters for one in KEYS if not one.native and f'"{one.letters}"' not in sources] == []


def test_a_key_nobody_wrote_down_fails_at_once() -> None:
    with pytest.raises(KeyError):
        key("ü")


def test_a_key_marks_its_element_for_the_script_and_for_people() -> None:
    props = key("?", **{"data-opens": "keys"})

    assert props["aria_keyshortcuts"] == "?"
    assert props["custom_attrs"]["data-key"] == "?"
    assert props["custom_attrs"]["data-opens"] == "keys"
    assert "(?)" in str(props["title"])


def test_a_sequence_is_not_told_as_a_shortcut_which_it_is_not() -> None:
    assert "aria_keyshortcuts" not in key("g e")


def test_a_command_without_a_key_is_only_in_the_palette() -> None:
    assert command("Sign out") == {"custom_attrs": {"data-command": "Sign out"}}
