"""The rules have not been written for these questions: hardly one of them is misread."""

from collections import Counter

import pytest

from supportbot.escalations import policy
from supportbot.models import Reason
from tests.escalations.strangers import ANYTHING, BANK, FRAUD, HELP_CENTRES, MONEY, ORDINARY, questions
from tests.shared_data import shared


def needs(name: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(not shared(name).exists(), reason=f"{name} is not on this machine")


@pytest.fixture(scope="module")
def read() -> list[tuple[str, str, Reason | None]]:
    """Each question with its intent and what the policy makes of it."""
    return [(intent, text, policy.read(text)) for intent, text in questions(BANK)]


@needs(BANK)
def test_ordinary_questions_stay_with_the_assistant(read: list[tuple[str, str, Reason | None]]) -> None:
    intents = {intent for intent, _, _ in read}
    assert intents >= ORDINARY
    assert len(read) > 10_000

    assert [one for one in read if one[0] in ORDINARY and one[2] is not None] == []


@needs(BANK)
def test_what_goes_to_people_belongs_there(read: list[tuple[str, str, Reason | None]]) -> None:
    reasons = Counter(reason for _, _, reason in read if reason is not None)
    frightened = [one for one in read if one[2] == Reason.SECURITY_CONCERN and one[0] not in FRAUD]
    demanding = [one for one in read if one[2] == Reason.REFUND_OR_ACCOUNT_CHANGE and one[0] not in MONEY]

    assert reasons[Reason.ASKED_FOR_PERSON] <= 5
    assert reasons[Reason.LEGAL_THREAT] == 0
    assert reasons[Reason.FRUSTRATED] == 0
    assert len(frightened) <= 5, frightened
    assert len(demanding) <= 10, demanding


@needs(BANK)
def test_whose_card_is_used_by_somebody_else_gets_a_person(
    read: list[tuple[str, str, Reason | None]],
) -> None:
    afraid = [reason for intent, _, reason in read if intent == "compromised_card"]

    # The others ask what they should do if, and the articles say so.
    assert afraid.count(Reason.SECURITY_CONCERN) > len(afraid) / 2


@needs(ANYTHING)
def test_questions_about_anything_are_no_reason() -> None:
    wrong = [text for _, text in questions(ANYTHING) if policy.read(text) is not None]

    # One of them needs "to speak to customer service regarding my flight".
    assert len(wrong) <= 1, wrong


@needs(HELP_CENTRES)
def test_questions_to_help_centres_are_no_reason() -> None:
    asked = questions(HELP_CENTRES)

    wrong = [text for _, text in asked if policy.read(text) is not None]

    assert len(wrong) <= 0.01 * len(asked), wrong
