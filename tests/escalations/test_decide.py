"""Over what a conversation goes to people: each threshold, and which reason counts first."""

from dataclasses import replace

import pytest

from supportbot.escalations.policy import (
    FAILED_ANSWERS,
    FAILED_TOOLS,
    FAULTS_IN_A_ROW,
    MOST_ANSWERS,
    Decision,
    Situation,
    decide,
    says_it_did_not_help,
)
from supportbot.models import Reason, Trigger

TRIGGERS: dict[str, tuple[Situation, Reason, Trigger]] = {
    "somebody else is in": (
        Situation("Somebody hacked my account"),
        Reason.SECURITY_CONCERN,
        Trigger.POLICY,
    ),
    "a lawyer is named": (
        Situation("You will hear from my lawyer"),
        Reason.LEGAL_THREAT,
        Trigger.POLICY,
    ),
    "a person is asked for": (
        Situation("Let me talk to a human"),
        Reason.ASKED_FOR_PERSON,
        Trigger.CUSTOMER,
    ),
    "money back is demanded": (
        Situation("I want my money back"),
        Reason.REFUND_OR_ACCOUNT_CHANGE,
        Trigger.POLICY,
    ),
    "the account is to be closed": (
        Situation("Close my account and delete everything"),
        Reason.REFUND_OR_ACCOUNT_CHANGE,
        Trigger.POLICY,
    ),
    "abuse": (Situation(abuse=True), Reason.ABUSE, Trigger.POLICY),
    "nobody helps": (
        Situation("This is useless, nobody helps me", answers=1),
        Reason.FRUSTRATED,
        Trigger.POLICY,
    ),
    "left alone before the first answer": (
        Situation("I have written to you five times and nobody ever replies"),
        Reason.FRUSTRATED,
        Trigger.POLICY,
    ),
    "it does not help for the second time": (
        Situation("That did not help either", answers=2, failed_answers=1),
        Reason.FRUSTRATED,
        Trigger.POLICY,
    ),
    "a fault, and the articles know nothing": (Situation(fault=True), Reason.FAULT, Trigger.FAULT),
    "faults in a row, though the articles answered": (
        Situation(fault=True, articles_answered=True, faults_in_a_row=FAULTS_IN_A_ROW),
        Reason.FAULT,
        Trigger.FAULT,
    ),
    "asking again in an outage": (
        Situation(fault=True, outage=True, faults_in_a_row=FAULTS_IN_A_ROW),
        Reason.FAULT,
        Trigger.FAULT,
    ),
    "a failed tool": (Situation(failed_tools=FAILED_TOOLS), Reason.FAULT, Trigger.FAULT),
    "failed answers": (
        Situation(answers=3, failed_answers=FAILED_ANSWERS),
        Reason.CANNOT_RESOLVE,
        Trigger.POLICY,
    ),
    "thumbs down": (Situation(answers=3, thumbs_down=FAILED_ANSWERS), Reason.CANNOT_RESOLVE, Trigger.POLICY),
    "one failed, one thumbed down": (
        Situation(answers=3, failed_answers=1, thumbs_down=1),
        Reason.CANNOT_RESOLVE,
        Trigger.POLICY,
    ),
    "budget": (Situation(budget=True), Reason.BUDGET, Trigger.POLICY),
    "turn limit": (Situation(answers=MOST_ANSWERS), Reason.TURN_LIMIT, Trigger.POLICY),
}
"""Each in the order in which they count, where two hold at once."""


@pytest.mark.parametrize("why", TRIGGERS)
def test_each_trigger_has_its_reason(why: str) -> None:
    situation, reason, trigger = TRIGGERS[why]

    assert decide(situation) == Decision(reason, trigger)


@pytest.mark.parametrize(
    "situation",
    [
        pytest.param(Situation(), id="nothing"),
        pytest.param(Situation("How do I get a refund?"), id="a question"),
        pytest.param(
            Situation(answers=3, failed_answers=FAILED_ANSWERS - 1), id="one failed answer may be bad luck"
        ),
        pytest.param(
            Situation(fault=True, articles_answered=True, faults_in_a_row=1), id="the articles answered"
        ),
        pytest.param(
            Situation(fault=True, partial=True, faults_in_a_row=1),
            id="a part of the answer can be tried again",
        ),
        pytest.param(
            Situation(fault=True, outage=True, faults_in_a_row=1), id="not the first to meet an outage"
        ),
        pytest.param(Situation(answers=MOST_ANSWERS - 1), id="a long conversation"),
        pytest.param(Situation("That did not help", answers=1), id="one complaint"),
        pytest.param(Situation("This is useless", answers=0), id="fed up before the first answer"),
        pytest.param(
            Situation("Nobody ever answers your phone. How do I export a board?"),
            id="left alone, and yet a question that can be answered",
        ),
        pytest.param(
            Situation("WHY THE HELL can't I find the damn export button", answers=5), id="anger alone"
        ),
        pytest.param(
            Situation("This is a waste of time. How do I merge two boards?", answers=1),
            id="fed up, and yet a question that can be answered",
        ),
        pytest.param(
            Situation("I want my money back", covered_by_action=True), id="an action does what is demanded"
        ),
    ],
)
def test_what_the_assistant_can_still_do_stays_with_it(situation: Situation) -> None:
    assert decide(situation) is None


@pytest.mark.parametrize("why", TRIGGERS)
@pytest.mark.parametrize("settled", ["waits", "answered_meanwhile"])
def test_who_waits_or_was_answered_is_not_queued_again(why: str, settled: str) -> None:
    situation, _, _ = TRIGGERS[why]

    assert decide(replace(situation, **{settled: True})) is None


WORDS = [
    ("Somebody hacked my account", Reason.SECURITY_CONCERN),
    ("You will hear from my lawyer", Reason.LEGAL_THREAT),
    ("Let me talk to a human", Reason.ASKED_FOR_PERSON),
    ("I want my money back", Reason.REFUND_OR_ACCOUNT_CHANGE),
    ("This is useless, nobody helps me", Reason.FRUSTRATED),
]
"""In the order in which they count."""


@pytest.mark.parametrize(
    ("first", "second"), [(a, b) for at, a in enumerate(WORDS) for b in WORDS[at + 1 :]], ids=str
)
def test_of_two_things_said_the_graver_counts(first: tuple[str, Reason], second: tuple[str, Reason]) -> None:
    for words in (f"{first[0]}. {second[0]}.", f"{second[0]}. {first[0]}."):
        decided = decide(Situation(words, answers=1))

        assert decided is not None
        assert decided.reason == first[1]


EVERYTHING = Situation(
    answers=MOST_ANSWERS,
    failed_answers=FAILED_ANSWERS,
    fault=True,
    faults_in_a_row=FAULTS_IN_A_ROW,
    failed_tools=FAILED_TOOLS,
    abuse=True,
    budget=True,
)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        *WORDS[:4],
        ("This is useless, nobody helps me", Reason.ABUSE),
        ("", Reason.ABUSE),
    ],
)
def test_what_they_say_counts_before_all_we_conclude(words: str, reason: Reason) -> None:
    decided = decide(replace(EVERYTHING, words=words))

    assert decided is not None
    assert decided.reason == reason


@pytest.mark.parametrize(
    ("without", "reason"),
    [
        ({"abuse": False}, Reason.FAULT),
        ({"abuse": False, "fault": False, "faults_in_a_row": 0, "failed_tools": 0}, Reason.CANNOT_RESOLVE),
        (
            {"abuse": False, "fault": False, "faults_in_a_row": 0, "failed_tools": 0, "failed_answers": 0},
            Reason.BUDGET,
        ),
    ],
)
def test_of_what_we_conclude_the_most_telling_counts(without: dict[str, object], reason: Reason) -> None:
    decided = decide(replace(EVERYTHING, **without))  # type: ignore[arg-type]

    assert decided is not None
    assert decided.reason == reason


def test_after_a_hand_back_only_something_new_is_a_reason() -> None:
    before = Situation("Let me talk to a human", answers=9, failed_answers=3, thumbs_down=1)
    assert decide(before) is not None

    # The caller counts from the boundary, so all of it is gone.
    assert decide(Situation("And how do I rename a board?")) is None


@pytest.mark.parametrize(
    "text",
    [
        "That didn't help",
        "this is not what I asked",
        "your answers are useless",
        "Das hilft mir nicht weiter",
        "Ça ne m'aide pas",
        "Eso no me ayuda",
        "Isso não me ajuda",
    ],
)
def test_a_complaint_about_an_answer_is_one(text: str) -> None:
    assert says_it_did_not_help(text)


@pytest.mark.parametrize(
    "text", ["", "Thanks, that helped", "How does it work?", "My export does not work", "Danke, das war es"]
)
def test_other_words_complain_about_no_answer(text: str) -> None:
    assert not says_it_did_not_help(text)
