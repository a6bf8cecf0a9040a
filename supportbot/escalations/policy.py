"""When a conversation goes to people, and why: the thresholds, and the order of the reasons.

Pure: no database, no model. `decide` weighs all that the caller knows about a conversation; `read` only what
the customer has just written. What customers say is recognised by the rules in `wording/`; they catch what
must not depend on a model's mood, and leave to the assistant whatever it can answer. Asking *how* something
works is never a reason, except how to reach a person; anger alone is none either.

Where several reasons hold, the first of these counts:

1. `security_concern`: every minute may cost the customer something; whoever claims it must see that first.
2. `legal_threat`: what is said next may be read in court, so nothing more should be said by a machine.
3. `asked_for_person`: their own wish, which outranks everything we conclude ourselves.
4. `refund_or_account_change`: only people may do it, however well the rest goes.
5. `abuse`: another room has decided that people should look.
6. `frustrated`: from their own words.
7. `fault`: something of ours is broken, whatever the customer thinks of it.
8. `frustrated` or `cannot_resolve`: the answers do not help.
9. `budget`, then `turn_limit`: nothing is wrong but the length of it.
"""

from dataclasses import dataclass

from supportbot.escalations.wording.hearing import Heard
from supportbot.models import Reason, Trigger

FAILED_ANSWERS = 2
"""Answers that failed or were thumbed down, together. One may be bad luck; a third would be stubborn."""
FAULTS_IN_A_ROW = 2
"""Faults of the model, also where the articles answered: they quote, and cannot ask back a second time.

The same number holds where a fault alone would be enough, once the model is known to be away. Whoever is the
first to meet an outage waits in vain and is owed a person; of the hundreds after them most ask once and read
what the articles say, and a desk that got each of these would have no time for those who ask again.
"""
FAILED_TOOLS = 1
"""What a tool should have done, only people can do now; another try might do it twice."""
MOST_ANSWERS = 12
"""Answers without a person. Who still asks after a dozen has not found what they came for."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of a conversation. What lies before the context boundary does not count any more.

    Args:
        words: What the customer has just written; empty if this is not about a message.
        answers: Answers of the assistant since the boundary.
        failed_answers: Those that found nothing, or of which the customer wrote that they did not help.
        thumbs_down: Those that were thumbed down and are not counted as failed.
        fault: The model failed in this turn.
        articles_answered: The articles answered instead, and were sure of it.
        partial: A part of its answer had arrived, stays, and can be tried again.
        outage: It was not even called, because it is known to be away or all may call it no more.
        faults_in_a_row: Turns that ended with a fault, this one included, without a success in between.
            In an outage only those count that left the customer without an answer.
        failed_tools: Tools that failed in this turn.
        covered_by_action: An action the assistant may take does what is demanded.
        waits: A person has been asked for already, or has the conversation.
        answered_meanwhile: Somebody has answered what this is about since it happened.
        abuse: The customer's behaviour is to be looked at by people.
        budget: What this conversation may cost is used up.
    """

    words: str = ""
    answers: int = 0
    failed_answers: int = 0
    thumbs_down: int = 0
    fault: bool = False
    articles_answered: bool = False
    partial: bool = False
    outage: bool = False
    faults_in_a_row: int = 0
    failed_tools: int = 0
    covered_by_action: bool = False
    waits: bool = False
    answered_meanwhile: bool = False
    abuse: bool = False
    budget: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """The conversation goes to people."""

    reason: Reason
    trigger: Trigger


def read(text: str, *, answers: int = 0) -> Reason | None:
    """The reason a customer's words alone are enough for, or None.

    "How do I get a refund?" is a question and gives None; "I want my money back" gives
    `refund_or_account_change`.

    Args:
        text: What they wrote.
        answers: Answers of the assistant they have had so far. Without one, nobody is fed up with it.
    """
    heard = Heard(text)
    if heard.fears_for_security:
        return Reason.SECURITY_CONCERN
    if heard.threatens_with_law:
        return Reason.LEGAL_THREAT
    if heard.asks_for_person:
        return Reason.ASKED_FOR_PERSON
    if heard.demands_what_people_do:
        return Reason.REFUND_OR_ACCOUNT_CHANGE
    if _has_had_enough(heard, answers):
        return Reason.FRUSTRATED
    return None


def says_it_did_not_help(text: str) -> bool:
    """Whether a message complains about the answer before it: that answer has failed."""
    return Heard(text).was_not_helped


def decide(situation: Situation) -> Decision | None:
    """Whether a conversation goes to people, and why; None if the assistant goes on."""
    if situation.waits or situation.answered_meanwhile:
        return None
    return (
        _for_their_words(situation)
        or _for_what_broke(situation)
        or _for_what_did_not_help(situation)
        or _for_its_length(situation)
    )


def _for_their_words(situation: Situation) -> Decision | None:
    reason = read(situation.words, answers=situation.answers)
    if reason == Reason.REFUND_OR_ACCOUNT_CHANGE and situation.covered_by_action:
        reason = None
    if situation.abuse and reason in (None, Reason.FRUSTRATED):
        return Decision(Reason.ABUSE, Trigger.POLICY)
    if reason is None:
        return None
    return Decision(reason, Trigger.CUSTOMER if reason == Reason.ASKED_FOR_PERSON else Trigger.POLICY)


def _for_what_broke(situation: Situation) -> Decision | None:
    nothing_said = situation.fault and not (situation.articles_answered or situation.partial)
    alone = nothing_said and not situation.outage
    if alone or situation.faults_in_a_row >= FAULTS_IN_A_ROW or situation.failed_tools >= FAILED_TOOLS:
        return Decision(Reason.FAULT, Trigger.FAULT)
    return None


def _for_what_did_not_help(situation: Situation) -> Decision | None:
    complains = situation.answers > 0 and says_it_did_not_help(situation.words)
    failed = situation.failed_answers + situation.thumbs_down + complains
    if failed < FAILED_ANSWERS:
        return None
    return Decision(Reason.FRUSTRATED if complains else Reason.CANNOT_RESOLVE, Trigger.POLICY)


def _for_its_length(situation: Situation) -> Decision | None:
    if situation.budget:
        return Decision(Reason.BUDGET, Trigger.POLICY)
    if situation.answers >= MOST_ANSWERS:
        return Decision(Reason.TURN_LIMIT, Trigger.POLICY)
    return None


def _has_had_enough(heard: Heard, answers: int) -> bool:
    """Whoever asks something that can be answered gets an answer, however angry the question.

    Before the first answer only those are fed up who were left alone elsewhere.
    """
    if answers > 0 and heard.is_neglected:
        return True
    fed_up = heard.is_fed_up if answers > 0 else heard.is_neglected
    return fed_up and not heard.asks_something
