"""When a customer's own words send a conversation to people, before any model is asked.

Pure rules over one message. They only catch what must not depend on a model's mood: a plain request
for a person, and a demand for money back or an account change that only people can carry out. Asking
*how* something works is never a reason.
"""

import re

from supportbot.models import Reason

_PERSON = (
    r"human( being)?|person|real (person|human)|live (agent|person|chat|support)|"
    r"(support |customer service |service )?(agent|rep|representative|operator|advisor|adviser)|"
    r"somebody real|someone real|staff( member)?|(a |your )?manager|supervisor"
)
_WANT = r"(can|could|may|let|want|wants|need|would like|'d like|like|please|get|give|rather)"
_TALK = r"(talk|speak|chat|connect|transfer|put|pass|forward|escalate|hand)"

_ASKED_FOR_PERSON = [
    re.compile(
        rf"\b{_TALK}(ed|ing)?\b( \w+){{0,4}} \b(to|with|through to|over to)\b( \w+){{0,3}} \b({_PERSON})\b"
    ),
    re.compile(
        rf"\b{_WANT}\b( \w+){{0,4}} \b({_PERSON})\b(?! (account|name|permission|role|seat|page|report))"
    ),
    re.compile(r"\bnot (talking )?(to )?(a |another )?(bot|robot|machine|ai)\b"),
    re.compile(r"^(a |the )?(human|person|agent|representative|operator|real person)( please)?$"),
    re.compile(r"\b(mit|zu) (einem|einer|nem) (menschen?|mitarbeiter(in)?|person)\b"),
    re.compile(r"\b(parler|parle) (à|a|avec) (un|une) (humain|personne|agent|conseiller|conseillère)\b"),
    re.compile(r"\bhablar con (un|una) (humano|persona|agente|asesor)\b"),
    re.compile(r"\bfalar com (um|uma) (humano|pessoa|atendente)\b"),
]

_MONEY_BACK = [
    re.compile(
        r"\b(i|we) (want|demand|expect|need|'d like|would like) (my|our|all my|all our|the) money back\b"
    ),
    re.compile(r"\bgive (me|us) (my|our|all my|the) money back\b"),
    re.compile(r"\b(i|we) (want|demand|expect|need) (a|my|our|the|an immediate|a full) (full )?refund\b"),
    re.compile(r"^(please )?refund (me|us|my (money|payment|order|subscription))\b"),
]

_A_QUESTION = re.compile(
    r"^(how|what|where|when|why|which|who|is|are|do|does|did|will|would it|should)\b|"
    r"\bhow (do|can|could|would|should|to|long|much|many)\b|\bwhat (is|are|happens)\b"
)

LONGEST_READ = 2_000
"""Characters looked at: a message has no more, and a rule must never be slow on one that has."""


def read(text: str) -> Reason | None:
    """The reason this message goes to people, or None.

    "How do I get a refund?" is a question and gives None; "I want my money back" gives
    `refund_or_account_change`.
    """
    words = _plain(text)
    for sentence in _sentences(words):
        if any(rule.search(sentence) for rule in _ASKED_FOR_PERSON) and not _asks_how(sentence):
            return Reason.ASKED_FOR_PERSON
    for sentence in _sentences(words):
        if any(rule.search(sentence) for rule in _MONEY_BACK) and not _asks_how(sentence):
            return Reason.REFUND_OR_ACCOUNT_CHANGE
    return None


def _asks_how(sentence: str) -> bool:
    return bool(_A_QUESTION.search(sentence))


def _plain(text: str) -> str:
    return " ".join(text[:LONGEST_READ].casefold().replace("’", "'").split())


def _sentences(words: str) -> list[str]:
    return [part.strip(" ,;:-") for part in re.split(r"[.!?\n]+", words) if part.strip(" ,;:-")]
