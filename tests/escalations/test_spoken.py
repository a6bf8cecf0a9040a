"""The sentences the rules are measured with are all there."""

from collections import Counter

import pytest

from tests.escalations.spoken import FOLDER, LANGUAGES, spoken

TOPICS = {
    "asking_for_a_person": 10,
    "legal_threat": 10,
    "security_concern": 10,
    "furious_but_innocent": 10,
    "calm_and_innocent": 10,
    "fed_up": 5,
    "demands": 5,
}
"""How many of each topic there are in each language."""


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_as_many_sentences_in_every_language(topic: str) -> None:
    sentences = spoken(topic)

    assert Counter(one.language for one in sentences) == dict.fromkeys(LANGUAGES, TOPICS[topic])
    assert len({one.text for one in sentences}) == len(sentences)


def test_every_file_is_a_topic() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(TOPICS)
