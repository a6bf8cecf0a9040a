"""What the desk calls reasons, owners and browsers."""

import re

from supportbot import rendering
from supportbot.escalations import acknowledging, handoff
from supportbot.models import Reason
from supportbot.turns import record
from supportbot.ui.bubbles import Bubble

REASONS: dict[str, str] = {
    "asked_for_person": "Asked for a person",
    "frustrated": "Frustrated",
    "legal_threat": "Legal threat",
    "security_concern": "Security concern",
    "refund_or_account_change": "Refund or account change",
    "missing_knowledge": "Not in the articles",
    "cannot_resolve": "Assistant could not help",
    "policy": "By policy",
    "abuse": "Abuse",
    "fault": "Assistant failed",
    "turn_limit": "Too many turns",
    "budget": "Budget reached",
    "taken_over": "Taken over",
}

ACKNOWLEDGED: dict[Reason, str] = {
    Reason.ASKED_FOR_PERSON: "The customer asked for a person.",
    Reason.FRUSTRATED: "The customer is upset, so it came to the team.",
    Reason.LEGAL_THREAT: "The customer speaks of legal steps, so it came to the team.",
    Reason.SECURITY_CONCERN: "The customer reports a risk for an account or data, so it came to the team.",
    Reason.REFUND_OR_ACCOUNT_CHANGE: "This needs a person, so it came to the team.",
    Reason.MISSING_KNOWLEDGE: "The articles do not answer this, so it came to the team.",
    Reason.CANNOT_RESOLVE: "The answers did not help, so it came to the team.",
    Reason.POLICY: "It came to the team by policy.",
    Reason.ABUSE: "It came to the team because of what was written.",
    Reason.FAULT: "The assistant could not answer, so it came to the team.",
    Reason.TURN_LIMIT: "It took many messages, so it came to the team.",
    Reason.BUDGET: "The assistant has used up its budget, so it came to the team.",
    Reason.TAKEN_OVER: "The conversation came to the team.",
}
"""What the history says when a conversation went to people; the promise to the customer is left out."""
CAME_BACK = "The customer came back after it was resolved."

FOR_THE_DESK: dict[str, str] = {
    **{acknowledging.ACKNOWLEDGEMENTS[reason]: read for reason, read in ACKNOWLEDGED.items()},
    acknowledging.welcome_back(): CAME_BACK,
    handoff.KEEPS_PLACE: "The customer asks the assistant while waiting.",
    handoff.NO_LONGER_WAITS: "The customer no longer waits for a person.",
    record.STOPPED: "The customer stopped this answer.",
}
"""What the history tells the customer about themselves, as their agent reads it."""

_FOR_THE_DESK = {rendering.plain(said): read for said, read in FOR_THE_DESK.items()}
_BROWSERS = (
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)

_SIGNS = tuple(
    (re.compile(sign), instead)
    for sign, instead in (
        (r"\[([^\]]*)\]\([^)]*\)", r"\1"),  # a link keeps its words
        (r"```\w*|`|~~|\*{2,}", ""),
        (r"\*(\S[^*]*)\*", r"\1"),
        (r"(?<!\S)#{1,6}(?!\S)", ""),
        (r"\|(?:\s*:?-{3,}:?\s*\|)+|\|", " "),  # a table's frame
    )
)


def reason(code: str) -> str:
    """A reason code in words."""
    return REASONS.get(code, code.replace("_", " ").capitalize())


def browser(user_agent: str) -> str:
    """A browser's long name in two words, such as "Firefox on Windows"; the start of it if unknown."""
    name = next((name for mark, name in _BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), "")
    if name and system:
        return f"{name} on {system}"
    return name or re.sub(r"\s+", " ", user_agent)[:60]


def words(markdown: str) -> str:
    """A line of Markdown without its signs: good enough for a glance, never shown as the answer itself."""
    for sign, instead in _SIGNS:
        markdown = sign.sub(instead, markdown)
    return " ".join(markdown.split())


def for_the_desk(bubble: Bubble) -> Bubble:
    """A message whose events and remarks speak to the agent; what people wrote is left alone."""
    if bubble.kind == "event":
        bubble.html = _FOR_THE_DESK.get(bubble.html) or _out_of_hours(bubble.html)
    bubble.notice = FOR_THE_DESK.get(bubble.notice, bubble.notice)
    return bubble


def _out_of_hours(event: str) -> str:
    """The same events when nobody was at the desk: they name a day, so none is like another."""
    reason = acknowledging.reason_of(event)
    if reason is not None:
        return ACKNOWLEDGED[reason]
    return CAME_BACK if event.startswith(f"{acknowledging.WELCOME_BACK} ") else event
