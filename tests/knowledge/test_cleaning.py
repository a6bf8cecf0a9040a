import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.knowledge.cleaning import change_prose, clean
from tests.endings import comes_to_an_end


def test_template_tags_are_removed_and_links_to_them_become_words():
    text = "Write to [our team]({{ site.email }}). {% include note.html %}The limit is {{ limit }}."
    assert clean(text) == "Write to our team. The limit is ."


def test_html_loses_its_tags_and_keeps_its_words():
    assert clean('<div class="tip">\nSave <b>often</b>.\n</div>').split() == ["Save", "often", "."]
    assert clean("one<br>two <span class='x'>three</span>").split() == ["one", "two", "three"]


def test_what_nobody_reads_goes_with_its_contents():
    script, choice = "<script>\nalert(1)\n</script>", "<select><option>1</option></select>"
    text = f"Before\n\n{script}\n\n<!-- secret -->\n\nVersion: {choice}"
    assert clean(text) == "Before\n\nVersion:"


def test_a_comment_that_never_ends_is_left_alone():
    assert "text" in clean("a <!-- text")


def test_code_is_never_touched():
    fenced = "```yaml\nkey: ${{ secrets.KEY }} <div> ![x](y)\n```"
    assert clean(fenced) == fenced
    assert clean("Use `<b>{{ x }}</b>` here") == "Use `<b>{{ x }}</b>` here"
    assert clean("Text\n\n    indented {{ code }}") == "Text\n\n    indented {{ code }}"


def test_a_placeholder_in_angle_brackets_is_no_tag():
    assert clean("Send <your-key> to <uuid>") == "Send <your-key> to <uuid>"


def test_images_leave_their_words_in_a_sentence_and_nothing_on_a_line_of_their_own():
    assert clean("Press ![the gear](gear.png) now") == "Press the gear now"
    assert clean("Above\n\n![Screenshot](a.png)\n\nBelow") == "Above\n\nBelow"


def test_link_references_are_filled_in():
    text = "See [the guide][g], [g] or [g][].\n\n[g]: https://example.com/guide 'Title'"
    link = "https://example.com/guide"
    assert clean(text) == f"See [the guide]({link}), [g]({link}) or [g]({link})."


def test_brackets_that_refer_to_nothing_stay():
    assert clean("an [option] and a[0] and [x][y]") == "an [option] and a[0] and [x][y]"


def test_attribute_lists_go_but_a_heading_keeps_its_anchor():
    text = "# Keys {#api-keys}\n\nText {: .note }\n\n{: .tip}\nMore"
    assert clean(text) == "# Keys {#api-keys}\n\nText\n\nMore"


def test_definition_lists_become_bold_terms_and_plain_text():
    text = "timeout\n:   A number.\n\n    The expected period.\n\ngrace\n:   Another."
    assert clean(text) == "**timeout**\n\nA number.\n\nThe expected period.\n\n**grace**\n\nAnother."


def test_admonitions_become_a_bold_word_and_plain_text():
    text = '!!! warning "Take care"\n    This deletes all.\n\nNext'
    assert clean(text) == "**Take care**\n\nThis deletes all.\n\nNext"


def test_characters_that_hide_or_cannot_be_stored_are_removed():
    assert clean("a\x00b\u202ec\ud800d\r\ne\u200d") == "abcd\ne\u200d"


def test_prose_is_changed_and_code_is_not():
    text = "one `one` one\n\n```\none\n```\n\n- one"
    assert change_prose(text, lambda prose: prose.replace("one", "two")) == (
        "two `one` two\n\n```\none\n```\n\n- two"
    )


@given(st.text(alphabet="a `\n~#->:[]()!<{}%|*\t1."))
def test_prose_left_as_it_is_gives_the_same_text(text):
    assert change_prose(text, lambda prose: prose) == text


@pytest.mark.parametrize(
    "piece",
    [
        "<!--",
        "<a ",
        "[",
        "![",
        "{{",
        "`",
        "``a",
        "[a]: b\n",
        "<script>",
        "> ",
        "!!! a\n",
        ":   a\n",
        "** ",
        "a\n:   ",
    ],
)
def test_hostile_text_is_quick(piece):
    text = (piece * 50_000)[:50_000]
    with comes_to_an_end():
        clean(text)
