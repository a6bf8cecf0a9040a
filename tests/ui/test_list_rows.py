"""Rows of the desk's lists as pages show them."""

from dataclasses import replace

from supportbot.conversations.events import Owner
from supportbot.escalations.rows import Row
from supportbot.ids import new_id, now
from supportbot.ui.escalations.list_rows import Part, parts, shown

ROW = Row(
    id=new_id(),
    customer="Alice",
    subject="Refund",
    last_words="See **here**: [the page](https://acme.example)",
    last_role="assistant",
    reason="asked_for_person",
    owner=Owner.WAITING,
    staff_id=None,
    staff_name="",
    reopened=False,
    since=now(),
    updated_at=now(),
    language="en",
)


def test_a_row_leads_to_its_conversation_and_back_to_its_list() -> None:
    assert shown(ROW, "", "?list=mine").url == f"/escalations/{ROW.id}?list=mine"


def test_the_assistants_markdown_is_read_as_words() -> None:
    assert shown(ROW, "").last_words == "See here: the page"


def test_what_customers_wrote_is_left_alone() -> None:
    assert shown(replace(ROW, last_role="user", last_words="**loud**"), "").last_words == "**loud**"


def test_a_conversation_is_mine_if_it_was_given_to_me() -> None:
    me = new_id()

    assert shown(replace(ROW, staff_id=me), str(me)).mine
    assert not shown(ROW, "").mine


def test_a_language_is_named_if_it_is_another() -> None:
    assert [shown(replace(ROW, language=one), "").language for one in ("", "en", "de")] == ["", "", "DE"]


def test_what_was_searched_for_is_cut_out_of_the_line() -> None:
    row = replace(ROW, snippet="a refund for the refunded", snippet_marks=((2, 8), (17, 23)))

    assert parts(row) == [
        Part("a "),
        Part("refund", hit=True),
        Part(" for the "),
        Part("refund", hit=True),
        Part("ed"),
    ]


def test_markup_in_a_snippet_stays_text() -> None:
    # Parts are drawn as text; nothing here makes HTML of them.
    assert parts(replace(ROW, snippet="<b>x</b>", snippet_marks=((0, 3),))) == [
        Part("<b>", hit=True),
        Part("x</b>"),
    ]
