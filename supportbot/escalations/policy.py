"""When a customer's own words send a conversation to people, before any model is asked.

Pure rules over one message, sentence by sentence. They only catch what must not depend on a model's
mood: a plain request for a person, and a demand for money back, which only people can carry out. Asking
*how* something works is never a reason, except how to reach a person.
"""

import re
from dataclasses import dataclass

from supportbot.models import Reason, Trigger

LET_DOWN_IN_A_ROW = 2
"""Turns in a row that failed, or that the articles answered because the model could not when it was asked."""
UNHELPFUL = 2
"""Answers since people last had the conversation that failed or got a thumb down."""
ANSWERS = 30
"""Answers since people last had the conversation; who asks on after so many is better off with a person."""

LONGEST_READ = 2_000
"""Characters looked at: a message has no more, and a rule must never be slow on one that has."""

# "a", "one of your", "an actual support": what may stand before the person.
_A = (
    r"( (an?|any|some|one|of|the|your|another|actual|real|live|proper|human|support|customer|service|sales|"
    r"technical|senior))"
)
_PERSON = (
    r" (human( being)?|person|agent|rep|representative|operator|advis[eo]r|employee|staff( member)?|manager|"
    r"supervisor|specialist)s?\b"
)
_ANYBODY = r" (someone|somebody|anyone|anybody|support|customer (service|support|care)|your team)\b"
_TO_A_PERSON = rf" (to|with){_A}*({_PERSON}|{_ANYBODY})"
_UNWANTED = r"(?<!n't want to )(?<!not want to )(?<!n't need to )(?<!not need to )(?<!no need to )"
# "a person in my team" is somebody else.
_NOT_OURS = r"(?! (in|on|from|of|at) (my|our|another)\b)"
# What may follow "I need an agent"; an agent *seat* is part of the product.
_ENOUGH_SAID = (
    r"(?= *($|[,;:()-]|please|pls|now|asap|here|instead|right|immediately|today|and not|not a|help|on the|"
    r"to (talk|speak|chat|help|look|assist|answer|call|contact)|(who|that) (can|will)|i can))"
)

_ASKED_FOR_PERSON = [
    rf"{_UNWANTED}\b(talk|speak|chat)(ing)?( directly| now)?{_TO_A_PERSON}{_NOT_OURS}",
    rf"\b(connect|transfer|put|pass|forward|hand|get) (me|us)( \w+){{0,2}}{_TO_A_PERSON}",
    rf"(?<!n't )(?<!not )\b(want|need|like|prefer){_A}+{_PERSON}{_ENOUGH_SAID}",
    rf"\b((get|give|find|send) (me|us)|(i|we) (get|have|see)){_A}+{_PERSON}{_ENOUGH_SAID}",
    rf"\bis there{_A}*({_PERSON}|{_ANYBODY}) ((that )?(i|we) can|to) (talk|speak|chat|ask)",
    r"(n't|\bnot) (want|like)( to (talk|speak|chat) (to|with))? (an?|this|your) (bot|robot|machine|ai)\b",
    r"\bescalate (this|it|my)\b",
    # All there is of the sentence: "agent", "a real person please", "customer service".
    rf"^( (please|hi|hello|hey),?)?{_A}*({_PERSON}| customer (service|support)| live (chat|support))"
    r"(,? (please|pls|now))*$",
    # German, French, Spanish, Portuguese
    r"^(?=.*\b(sprech|rede|chatte|verbind|telefonier)).*\b(mit|zu) "
    r"(jemand|(eine[mr]|'?nem)( \w+)? (mensch|mitarbeiter|berater|person))",
    r"^( ein(en?)?)?( echter?| richtiger?)? (mitarbeiter(in)?|mensch(en)?) bitte$",
    r"\bparle[rz]? (à|a|avec) "
    r"(quelqu'un|une?( \w+)? (humaine?|personne|agent|conseill(er|ère)|opérateur|responsable))",
    r"\bhablar con (alguien|una?( \w+)? (humano|persona|agente|asesora?|operadora?|representante))",
    r"\b(falar|conversar) com (alguém|uma?( \w+)? (humano|pessoa|atendente|agente|representante))",
]

_MONEY = r" ((all )?(my|our|the) money back|(an?|my|our|the)( full| immediate)? refund\b(?! (policy|form)))"

_MONEY_BACK = [
    rf"(?<!sure )(?<!if )(?<!whether )\b(i|we)( want| demand| expect| need|'d like| would like){_MONEY}",
    r"\b(i|we)( want| demand| expect|'d like| would like) to be refunded",
    rf"\b(give|send|pay) (me|us){_MONEY}",
    r"^( please| (can|could) you( please)?)? refund (me|us|my|our|this)\b",
    r"\bich (will|möchte|verlange) (mein|unser) geld zurück",
    r"\bje (veux|voudrais|exige) (être remboursée?|un remboursement|mon remboursement|mon argent)",
    r"\b(quiero|exijo) (un reembolso|mi reembolso|mi dinero|que me (devuelvan|reembolsen))",
    r"\b(quero|exijo) ((o )?meu dinheiro|(um |meu )?reembolso)",
]

_A_QUESTION = re.compile(
    r"^ (how|what|where|when|why|which|who|is (?!there)|are|do|does|did|will|would it|should)\b|"
    r"\bhow (do|can|could|would|should|to|long|much|many)\b|\bwhat (is|are|happens)\b"
)
_HOW_TO_REACH = re.compile(r"^ how (do|can|could|may) (i|we) (talk|speak|chat|get)\b")

_person = [re.compile(rule) for rule in _ASKED_FOR_PERSON]
_money = [re.compile(rule) for rule in _MONEY_BACK]


def read(text: str) -> Reason | None:
    """The reason this message goes to people, or None.

    "How do I get a refund?" is a question and gives None; "I want my money back" gives
    `refund_or_account_change`.
    """
    sentences = _sentences(text[:LONGEST_READ])
    if any(_asks_for_person(sentence) for sentence in sentences):
        return Reason.ASKED_FOR_PERSON
    if any(_demands_money(sentence) for sentence in sentences):
        return Reason.REFUND_OR_ACCOUNT_CHANGE
    return None


def _asks_for_person(sentence: str) -> bool:
    if _A_QUESTION.search(sentence) and not _HOW_TO_REACH.search(sentence):
        return False
    return any(rule.search(sentence) for rule in _person)


def _demands_money(sentence: str) -> bool:
    return not _A_QUESTION.search(sentence) and any(rule.search(sentence) for rule in _money)


def _sentences(text: str) -> list[str]:
    """In small letters, with one space before every word, the first one too: so the rules expect it."""
    parts = re.split(r"[.!?\n]+", text.casefold().replace("’", "'"))
    return [f" {words}" for part in parts if (words := " ".join(part.split()).strip(" ,;:-¿¡\"'()"))]


@dataclass(frozen=True, slots=True)
class Situation:
    """What the server knows of a conversation at the moment it decides.

    Args:
        said: The customer's newest words, if it is they who have just acted.
        asked_by_model: The reason the assistant called for people, if it did.
        assistant_answers: Since people last had the conversation, like the two that follow.
        failed_answers: Those that broke off or never came.
        thumbs_down: Those the customer marked.
        fault: The answer has just failed, or the articles stand in for it.
        unanswered: The customer is left without any answer by it.
        outage: The model was not even asked, because it is known to be away.
        let_down: How many turns in a row went wrong, this one included.
        tool_failed: The assistant wanted something done that could not be done.
    """

    said: str = ""
    asked_by_model: Reason | None = None
    assistant_answers: int = 0
    failed_answers: int = 0
    thumbs_down: int = 0
    fault: bool = False
    unanswered: bool = False
    outage: bool = False
    let_down: int = 0
    tool_failed: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The conversation goes to people: why, and who decided it."""

    reason: Reason
    trigger: Trigger


def decide(situation: Situation) -> Decision | None:
    """Whether a conversation the assistant owns goes to people now."""
    if situation.asked_by_model is not None:
        return Decision(situation.asked_by_model, Trigger.MODEL)
    if (said := read(situation.said) if situation.said else None) is not None:
        trigger = Trigger.CUSTOMER if said == Reason.ASKED_FOR_PERSON else Trigger.POLICY
        return Decision(said, trigger)
    again = situation.let_down >= LET_DOWN_IN_A_ROW
    if situation.fault and (again or (situation.unanswered and not situation.outage)):
        return Decision(Reason.FAULT, Trigger.FAULT)
    if again or situation.tool_failed or situation.failed_answers + situation.thumbs_down >= UNHELPFUL:
        return Decision(Reason.CANNOT_RESOLVE, Trigger.POLICY)
    if situation.assistant_answers >= ANSWERS:
        return Decision(Reason.TURN_LIMIT, Trigger.POLICY)
    return None
