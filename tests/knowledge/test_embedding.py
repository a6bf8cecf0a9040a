from hypothesis import given
from hypothesis import strategies as st

from supportbot.knowledge.embedding import WINDOW, windows


def test_a_short_passage_is_one_window_below_its_title_and_headings():
    assert windows("Refunds", "Asking > By mail", "Write **to us**.") == [
        "Refunds. Asking. By mail. Write to us ."
    ]


def test_a_long_one_is_several_of_about_the_same_size():
    found = windows("T", "", " ".join(f"w{at}" for at in range(2 * WINDOW)))
    assert [len(window.split()) for window in found] == [WINDOW + 1, WINDOW + 1]


def test_addresses_pictures_and_tags_are_not_read():
    text = "See [plans](https://x.example/zebra) ![zebra](z.png) <b>now</b> https://zebra.example &amp; so on"
    assert "zebra" not in windows("T", "", text)[0]
    assert "plans" in windows("T", "", text)[0]


def test_text_without_spaces_is_cut_too():
    assert len(windows("T", "", "返" * 4_000)) > 1


@given(st.text(max_size=400), st.text(max_size=40))
def test_every_passage_has_a_window(body, heading):
    assert windows("Title", heading, body)
