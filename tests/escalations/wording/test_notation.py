"""The notation of rules."""

import pytest

from supportbot.escalations.wording.notation import pattern
from supportbot.escalations.wording.phrases import Phrases

FAMILIES = {"person": "human~ | real person", "a*": "a | the | your", "anybody": "<person> | someone"}


def said(rule: str, sentence: str) -> bool:
    return Phrases(said=(rule,), families=FAMILIES).found(sentence)


@pytest.mark.parametrize(
    ("rule", "yes", "no"),
    [
        ("lawyers?", [" my lawyers say"], [" my lawyering"]),
        ("lawyer~", [" my lawyering"], [" outlawyer"]),
        ("some_?one", [" someone", " some one"], [" some of one"]),
        ("(my|our own) lawyer", [" my lawyer", " our own lawyer"], [" our lawyer"]),
        ("(my|our)? lawyer calls", [" lawyer calls", " my lawyer calls"], [" lawyer you calls"]),
        ("(so|very){0,2} sorry me", [" so very sorry me", " sorry me"], [" sorry so me"]),
        ("rep(re|er)sentative", [" representative", " repersentative"], [" rep sentative"]),
        ("<anybody> there", [" someone there", " real person there", " humans there"], [" person there"]),
        ("to <a> <person>", [" to a human", " to your the human", " to human"], [" to my human"]),
        ("talk . now", [" talk now", " talk loud now"], [" talk very loud now", " talk , now"]),
        ("talk .. now", [" talk a b c d now"], [" talk a b c d e now", " talk a , now"]),
        ("talk ... now", [" talk a b c d e f g h i now"], [" talk a b c d e f g h i j now"]),
        ("talk * now", [" talk , a , now"], [" talk" + " a" * 13 + " now"]),
        ("^ human $", [" human", " please , human , now"], [" a human", " human being"]),
        ("an agent &($|now)", [" an agent", " an agent , please", " an agent now"], [" an agent seat"]),
        ("a manager !(role|of mine)", [" a manager", " a manager please"], [" a manager role"]),
        ("möchte nicht", [" mochte nicht", " moechte nicht"], [" machte nicht"]),
        ("était là", [" etait la"], [" ete la"]),
        ("a ,", [" a , b"], [" a b"]),
    ],
)
def test_a_rule_means_what_its_notation_says(rule: str, yes: list[str], no: list[str]) -> None:
    assert [one for one in yes if not said(rule, one)] == []
    assert [one for one in no if said(rule, one)] == []


@pytest.mark.parametrize(
    "rule",
    ["<stranger>", "two  spaces", "a ", "a(b c)d", "a|b c", "wi$th", "no^pe", "<person", "(a|b)s? (", "a&b"],
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    with pytest.raises(ValueError, match=r"not a word of a rule|no family"):
        pattern(rule, FAMILIES)


def test_words_before_it_can_turn_a_rule_into_something_else() -> None:
    wants = Phrases(said=("talk to <a> <person>",), after=("(dont|not) (want|need) to",), families=FAMILIES)

    assert wants.found(" let me talk to a human")
    assert not wants.found(" i dont want to talk to a human")
    assert wants.found(" i dont want to talk to a human , talk to the human yourself")


def test_a_rule_may_ask_for_the_whole_sentence() -> None:
    alone = Phrases(alone=("(please)? human (now|please){0,2}",))

    assert alone.found(" human")
    assert alone.found(" please human now please")
    assert not alone.found(" a human")


def test_no_rules_find_nothing() -> None:
    assert not Phrases().found(" anything")
