"""What the desk calls reasons, owners and browsers."""

import re

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
