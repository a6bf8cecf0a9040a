"""What holds for the policy over any text and any situation."""

import random
import string

from hypothesis import given, settings
from hypothesis import strategies as st

from supportbot.escalations.policy import Situation, decide, read, says_it_did_not_help
from supportbot.escalations.wording.reading import LONGEST_READ
from tests.escalations.spoken import MEANT, heard, spoken

RECOGNISED = [
    (topic, one.text)
    for topic, meant in MEANT.items()
    if meant is not None
    for one in spoken(topic)
    if heard(topic, one.text) == meant
]
ANYTHING = st.text(alphabet=st.characters(codec=None), max_size=300)
NO_HURRY = settings(deadline=None)
"""The first text costs as much as the rules take to be prepared."""
QUOTES = {"'": "’", '"': "„"}
SPACES = " \t\u00a0\u2009\u3000"


@NO_HURRY
@given(ANYTHING, st.integers(-1, 20))
def test_any_text_can_be_read_and_is_read_alike_again(text: str, answers: int) -> None:
    assert read(text, answers=answers) == read(text, answers=answers)
    assert says_it_did_not_help(text) == says_it_did_not_help(text)


@NO_HURRY
@given(
    st.builds(
        Situation,
        words=ANYTHING | st.sampled_from([text for _, text in RECOGNISED]),
        answers=st.integers(-1, 20),
        failed_answers=st.integers(-1, 5),
        thumbs_down=st.integers(-1, 5),
        faults_in_a_row=st.integers(-1, 5),
        failed_tools=st.integers(-1, 3),
    )
)
def test_any_situation_is_decided_and_decided_alike_again(situation: Situation) -> None:
    assert decide(situation) == decide(situation)


@settings(NO_HURRY, max_examples=200)
@given(st.sampled_from(RECOGNISED), st.randoms(use_true_random=False))
def test_how_something_is_typed_changes_nothing(said: tuple[str, str], chance: random.Random) -> None:
    topic, text = said
    typed = "".join(
        "".join(chance.choice(SPACES) for _ in range(chance.randint(1, 3))) if one == " " else one
        for one in text
    )
    for straight, curly in QUOTES.items():
        typed = typed.replace(straight, chance.choice((straight, curly)))
    typed = chance.choice((str.upper, str.lower, str.title, str))(typed)
    typed = chance.choice(("", " ", "\n", "...")) + typed + chance.choice(("", " ", "!!!", "\n\n", " ??"))

    assert heard(topic, typed) == MEANT[topic]


@NO_HURRY
@given(st.sampled_from([text for _, text in RECOGNISED]), st.text(string.ascii_letters + " .", max_size=50))
def test_nobody_reads_further_than_a_message_can_be(text: str, more: str) -> None:
    long = ("x" * 9 + " ") * (LONGEST_READ // 10)

    assert read(long + text + more) == read(long)
