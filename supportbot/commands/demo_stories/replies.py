"""Replies a desk keeps at hand, as the settings hold them from the first day of a demonstration."""

CANNED: tuple[tuple[str, str], ...] = (
    (
        "Hello, looking into it",
        "Hello {first_name}, this is {agent} from {company}. I am reading what you wrote and will be back "
        "with an answer in a few minutes.",
    ),
    (
        "Refund is on its way",
        "Hello {first_name}, the refund is on its way. Cards take three to five business days, transfers by "
        "bank one to two. If it has not arrived by then, write here and I will look for it.\n\n{agent}",
    ),
    (
        "Asking for a screenshot",
        "Could you tell me, {first_name}, which browser you use, and at what time it happened? The exact "
        "words of the error message help most.",
    ),
    (
        "Closing, all done",
        "I am glad that this is settled, {first_name}. I will close the conversation; should anything come "
        "up, write here and it opens again.\n\nBest wishes, {agent}",
    ),
)
"""Titles and texts. The gaps are filled in when a reply is put into the composer."""
