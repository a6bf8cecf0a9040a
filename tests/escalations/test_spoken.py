"""The sentences the rules are measured with, and how they fare."""

from collections import Counter
from pathlib import Path

import pytest

from tests.escalations.spoken import FOLDER, LANGUAGES, MEANT, MORE, OTHERS, misread, spoken

HOW_MANY = {
    "asking_for_a_person": 10,
    "legal_threat": 10,
    "security_concern": 10,
    "furious_but_innocent": 10,
    "calm_and_innocent": 10,
    "fed_up": 5,
    "demands": 5,
}
"""Sentences of each topic in each language."""
MISSED_AT_MOST = 0.05
MISTAKEN_AT_MOST = 0.02


@pytest.mark.parametrize("topic", HOW_MANY)
def test_a_topic_has_as_many_sentences_in_every_language(topic: str) -> None:
    sentences = spoken(topic)

    assert Counter(one.language for one in sentences) == dict.fromkeys(LANGUAGES, HOW_MANY[topic])
    assert len({one.text for one in sentences}) == len(sentences)


def test_every_file_is_a_topic() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == set(HOW_MANY) == set(MEANT)


@pytest.mark.parametrize(
    ("topic", "folder"),
    [
        pytest.param(path.stem, folder, id=f"{path.stem}, {when}")
        for folder, when in ((FOLDER, "written before the rules"), (MORE, "written with them"))
        for path in sorted(folder.glob("*.txt"))
    ],
)
def test_what_customers_say_is_taken_for_what_they_mean(topic: str, folder: Path) -> None:
    sentences = spoken(topic, folder)
    wrong = misread(topic, folder)

    at_most = MISTAKEN_AT_MOST if MEANT[topic] is None else MISSED_AT_MOST
    assert len(wrong) <= at_most * len(sentences), wrong


@pytest.mark.parametrize("topic", sorted(path.stem for path in OTHERS.glob("*.txt")))
def test_what_others_wrote_and_the_rules_were_tuned_on_is_all_understood(topic: str) -> None:
    assert Counter(one.language for one in spoken(topic, OTHERS)) == dict.fromkeys(LANGUAGES, 12)
    assert misread(topic, OTHERS) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_is_understood_worse_than_the_others(language: str) -> None:
    topics = [topic for topic, reason in MEANT.items() if reason is not None]
    all_of_it = [one for topic in topics for one in spoken(topic) if one.language == language]

    wrong = [one for topic in topics for one in misread(topic) if one.language == language]

    assert len(wrong) <= MISSED_AT_MOST * len(all_of_it), wrong
