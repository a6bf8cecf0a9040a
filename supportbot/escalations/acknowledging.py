"""What a customer reads at the moment a conversation goes to people: the server's own words, never a model's.

Two sentences: why, and what happens now. At an hour when nobody is at the desk, the second one promises
nothing for now but says when somebody will be.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from supportbot.models import Reason


@dataclass(frozen=True, slots=True)
class Closed:
    """Nobody is at the desk. `until`: when somebody is again, by the clock of the house, if that is known."""

    until: datetime | None = None


Opens = Callable[[], Closed | None]
"""Says whether the desk is closed at the moment; None while people are there."""

HERE = "Our team has your conversation and will answer here."
CLOSED = "Our team has your conversation. Nobody is at the desk right now"
WELCOME_BACK = "Welcome back."

WHY: dict[Reason, str] = {
    Reason.ASKED_FOR_PERSON: "You asked for a person.",
    Reason.FRUSTRATED: "This has been more trouble than it should be, and we are sorry.",
    Reason.LEGAL_THREAT: "We take this seriously, and a person will read it in full.",
    Reason.SECURITY_CONCERN: "The safety of your account comes first. Until a person has looked at this, "
    "please share no passwords or codes with anybody, not even with us.",
    Reason.REFUND_OR_ACCOUNT_CHANGE: "Only a person can do this for you.",
    Reason.MISSING_KNOWLEDGE: "Our articles do not answer this, so we ask a person who can.",
    Reason.CANNOT_RESOLVE: "Our answers have not solved this so far, and we are sorry.",
    Reason.POLICY: "This is something a person should look at.",
    Reason.ABUSE: "From here on a person reads this conversation.",
    Reason.FAULT: "Our assistant could not answer as it should, and we are sorry.",
    Reason.TURN_LIMIT: "This has taken many messages already, so a person takes it from here.",
    Reason.BUDGET: "Our assistant has answered as much as it can for now.",
    Reason.TAKEN_OVER: "A person takes care of this now.",
}
"""Why, to the customer, for every reason there is."""

ACKNOWLEDGEMENTS: dict[Reason, str] = {reason: f"{why} {HERE}" for reason, why in WHY.items()}
"""What the customer is told while people are at the desk."""


def acknowledgement(reason: Reason, opens: Opens | None = None) -> str:
    """What the customer is told when the conversation goes to people for this reason."""
    return f"{WHY[reason]} {promise(opens)}"


def welcome_back(opens: Opens | None = None) -> str:
    """What the customer is told who writes again to a conversation that people had resolved."""
    return f"{WELCOME_BACK} {promise(opens)}"


def promise(opens: Opens | None = None) -> str:
    """What happens now, in a sentence or two: nothing is promised for hours when nobody is there."""
    closed = opens() if opens else None
    if closed is None:
        return HERE
    if closed.until is None:
        return f"{CLOSED}, but you will be answered here."
    # No colleague of ours can know the customer's clock, so the house's own is named.
    at = closed.until
    zone = str(at.tzinfo) if at.tzinfo else "UTC"
    return f"{CLOSED}; we are back on {at:%A}, {at.day} {at:%B}, at {at:%H:%M} ({zone}) and will answer here."


def reason_of(event: str) -> Reason | None:
    """The reason this line of the history acknowledges, whenever it was said; None if it is another line."""
    return next((reason for reason, why in WHY.items() if event.startswith(f"{why} Our team has ")), None)
