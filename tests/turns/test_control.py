"""The control word: never any part of it shown, however the stream splits it."""

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from supportbot.conversations.events import TextArrived
from supportbot.database import Database
from supportbot.models import Handoff, MessageState
from supportbot.turns.control import MARKER, ControlWord
from tests.endings import comes_to_an_end
from tests.people import ALICE, conversation_of, says
from tests.properties import ON_A_DATABASE
from tests.scripted import ScriptedAssistant, small_desk, told

LIKE_IT = [
    "[",
    "[E",
    "[ESCAPE]",
    "[escalat]",
    "[ESCALATED]",
    "[ESCALATE",
    "[[",
    "[ ESCALATE ]",
    "ESCALATE]",
    "[1]",
]
ORDINARY = [
    "Hello",
    " there",
    "\n\n- item",
    "ß",
    "ﬁn",
    "İstanbul",
    "straße ",
    "😀",
    " ",
    "|a|b|",
    "[link](/help)",
]


def shown(pieces: list[str]) -> tuple[str, bool]:
    """What a page shows of an answer that arrives in these pieces, and whether it escalates."""
    control = ControlWord()
    text = "".join(control.feed(piece) for piece in pieces)
    return text + control.finish(), control.escalates


def every_split(text: str) -> list[list[str]]:
    """The text in all the ways of cutting it (2 to the power of its length)."""
    return [
        [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]
        for number in range(1 << (len(text) - 1))
        for cuts in [[at for at in range(1, len(text)) if number >> (at - 1) & 1]]
    ]


@st.composite
def cut(draw: st.DrawFn, texts: st.SearchStrategy[str]) -> list[str]:
    """A text in random pieces."""
    text = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]


def words(*kinds: str) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(kinds), max_size=6).map("".join)


@pytest.mark.parametrize("word", [MARKER, "[escalate]", "[EsCaLaTe]"])
def test_in_every_possible_split_it_escalates_and_nothing_shows(word: str) -> None:
    for pieces in every_split(word):
        assert shown(pieces) == ("", True), pieces


def test_in_every_possible_split_the_words_after_it_show() -> None:
    for pieces in every_split(MARKER + " I am"):
        assert shown(pieces) == ("I am", True), pieces


@given(cut(words(*ORDINARY).flatmap(lambda a: words(*ORDINARY).map(lambda b: f"{a}{MARKER}{b}"))))
@example(["ß" * 20 + MARKER])
@example(["Straße[ESC", "ALATE] hi"])
@example([MARKER * 3])
def test_wherever_it_stands_it_escalates_and_no_part_of_it_shows(pieces: list[str]) -> None:
    text, escalates = shown(pieces)

    assert escalates
    assert "ESCALATE" not in text.upper()
    # What is around it is all there; only blank space may have gone with it.
    assert "".join(text.split()) == "".join("".join(pieces).replace(MARKER, "").split())


@given(cut(words(*ORDINARY, *LIKE_IT).filter(lambda text: MARKER not in text.upper())))
@example(["[ESCAL", "ATION] is what we call it"])
@example(["[", "E", "S", "C", "A", "L", "A", "T", "E"])
def test_text_that_merely_begins_like_it_is_shown_in_full(pieces: list[str]) -> None:
    assert shown(pieces) == ("".join(pieces).lstrip(), False)


@given(cut(words(*ORDINARY, *LIKE_IT, MARKER)))
def test_how_the_stream_is_cut_makes_no_difference(pieces: list[str]) -> None:
    whole, escalates = shown(["".join(pieces)])
    text, also_escalates = shown(pieces)

    assert "".join(text.split()) == "".join(whole.split())
    assert escalates == also_escalates


@pytest.mark.parametrize(
    "text", ["  \n [ESCALATE] Hello", "[ESCALATE]\n\nHello", "Hello [ESCALATE]", "**[ESCALATE]**"]
)
def test_it_may_have_company(text: str) -> None:
    assert shown(list(text))[1]


def test_what_stood_around_a_word_does_not_become_another() -> None:
    for pieces in (["[ESC[ESCALATE]ALATE]"], list("[ESC[ESCALATE]ALATE]")):
        assert shown(pieces) == ("[ESC ALATE]", True)


def test_a_long_answer_is_read_quickly() -> None:
    with comes_to_an_end():
        shown(["[ESCALAT" * 20_000])
        shown(["[" * 1000] * 100)
        shown(["[ESCALATE]"] * 5_000)


@pytest.mark.anyio
@ON_A_DATABASE
@given(cut(words(*ORDINARY).map(lambda text: f"{MARKER} {text}")))
async def test_a_turn_escalates_in_any_split_and_shows_none_of_it(
    database: Database, pieces: list[str]
) -> None:
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, "I give up.")
    desk = small_desk(database, assistant=ScriptedAssistant().says(*pieces))

    events = await desk.take_turn(conversation.id)

    assert told(events)[-1] == "escalates cannot_resolve"
    (answer,) = await desk.answers(conversation.id)
    said = "".join(event.text for event in events if isinstance(event, TextArrived))
    assert answer.content == said
    assert "ESCAL" not in said.upper()
    assert answer.state in (MessageState.COMPLETE, MessageState.SUPERSEDED)
    assert len(await desk.rows(Handoff, conversation_id=conversation.id)) == 1
