"""The files of the languages: complete, well written, and harmless to read any text with."""

import re
from pathlib import Path
from re import _constants as signs  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import pytest

from supportbot.escalations.wording.notation import pattern
from supportbot.escalations.wording.rules import FOLDER, TOPICS, Rules, every_language, rules_from

LONGEST_LINE = 110
LONGEST_FILE = 200
FEW = 12
"""No repetition of more than one letter has a higher bound than the widest gap."""
REPEATS = (signs.MAX_REPEAT, signs.MIN_REPEAT)
languages = pytest.mark.parametrize("rules", every_language(), ids=lambda rules: rules.language)


def rules_of(rules: Rules) -> list[tuple[str, str]]:
    """Each rule with its topic."""
    return [
        (topic, rule)
        for topic, phrases in rules.about.items()
        for rule in (*phrases.said, *phrases.alone, *phrases.after)
    ]


def test_these_languages_are_understood() -> None:
    assert [rules.language for rules in every_language()] == [
        "english",
        "french",
        "german",
        "portuguese",
        "spanish",
    ]


@languages
def test_every_rule_can_be_read(rules: Rules) -> None:
    for topic, rule in rules_of(rules):
        re.compile(pattern(rule, rules.about[topic].families))


@languages
def test_no_rule_goes_back_and_forth_over_a_text(rules: Rules) -> None:
    """Without bound only single letters repeat; anything longer repeats a dozen times at most."""
    for topic, rule in rules_of(rules):
        for least, most, what in repetitions(parser.parse(pattern(rule, rules.about[topic].families))):
            single = len(what) == 1 and what[0][0] in (signs.IN, signs.LITERAL, signs.NOT_LITERAL)
            assert single or most <= FEW, (topic, rule, least, most)


def repetitions(parsed: Any) -> list[tuple[int, int, Any]]:
    """Every repetition in a parsed pattern, however deep."""
    found: list[tuple[int, int, Any]] = []
    for sign, detail in parsed:
        if sign in REPEATS:
            found.append(detail)
        for inner in detail if isinstance(detail, tuple | list) else ():
            for branch in inner if isinstance(inner, list) else [inner]:
                if isinstance(branch, parser.SubPattern):
                    found += repetitions(branch)
    return found


def test_the_check_for_going_back_and_forth_finds_it() -> None:
    assert [most > FEW for _, most, what in repetitions(parser.parse("(?:a(?:bc)+|d)")) if len(what) > 1] == [
        True
    ]


@languages
def test_every_family_is_used(rules: Rules) -> None:
    families = rules.about["asking"].families
    written = " ".join([*(rule for _, rule in rules_of(rules)), *families.values()])

    assert [name for name in families if f"<{name.rstrip('*')}>" not in written] == []


@languages
def test_no_rule_is_written_twice(rules: Rules) -> None:
    for phrases in rules.about.values():
        assert len(set(phrases.said)) == len(phrases.said)


@pytest.mark.parametrize(
    "path", sorted(FOLDER.rglob("*.txt")), ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_the_files_are_easy_on_the_eye(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()

    assert len(lines) <= LONGEST_FILE
    assert [line for line in lines if len(line) > LONGEST_LINE or line != line.rstrip()] == []


def test_a_heading_nobody_knows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "rules.txt").write_text("".join(f"[{topic}]\nword\n" for topic in (*TOPICS, "weather")))

    with pytest.raises(ValueError, match="there is no topic weather"):
        rules_from(tmp_path)


def test_a_topic_that_is_missing_is_named(tmp_path: Path) -> None:
    (tmp_path / "rules.txt").write_text("".join(f"[{topic}]\nword\n" for topic in TOPICS[1:]))

    with pytest.raises(ValueError, match=f"nothing about {TOPICS[0]}"):
        rules_from(tmp_path)


def test_a_line_may_be_broken(tmp_path: Path) -> None:
    text = "[words]\nperson = human\n    | agent\n" + "".join(f"[{topic}]\nword\n" for topic in TOPICS[1:])
    (tmp_path / "rules.txt").write_text(
        text + "[asking]\n# a remark\ntalk to\n    a (nice\n    |real) <person>\n"
    )

    asking = rules_from(tmp_path).about["asking"]

    assert asking.said == ("talk to a (nice|real) <person>",)
    assert asking.found(" talk to a real agent")
