"""Replies kept for use: their gaps, filled in. Pure."""

import re
from collections.abc import Mapping

_GAP = re.compile(r"\{\s*(\w{1,30})\s*\}")

GAPS = ("customer", "first_name", "agent", "company")
"""What a kept reply may leave open."""


def gaps(*, customer: str, agent: str, company: str) -> dict[str, str]:
    """What belongs into the gaps of a reply by this agent to this customer, as far as it is known."""
    known = {"customer": customer, "first_name": customer.split(" ")[0], "agent": agent, "company": company}
    return {gap: words for gap, words in known.items() if words}


def filled(body: str, words: Mapping[str, str]) -> str:
    """The reply with its gaps filled in. A gap nobody knows stays as it is, to be seen and mended."""
    return _GAP.sub(lambda gap: words.get(gap[1], gap[0]), body)
