"""Answers of any length to stream: prose, one long table, one long block of code. A token is a word here."""

from itertools import count, cycle, islice

OPENING = "Certainly"
"""The first word of every answer, and in no page otherwise: whoever sees it has seen the first token."""
PACE = 0.02
"""Seconds between two tokens."""

_SENTENCES = (
    "Refunds go back to the card you paid with, usually within five working days. "
    "You can start one yourself under **Billing**, as long as the invoice is younger than thirty days. "
    "After that a colleague has to look at it, because the period is already closed in our books. "
    "Nothing is lost in the meantime: your projects stay, and so do the people you invited. "
    "If the amount looks wrong, compare it with the invoice in your mailbox first. "
)
_CELLS = "| Starter | 12 seats | 5 GB | by mail |\n| Team | 40 seats | 80 GB | by phone |\n"
_CODE = (
    'def remind(invoice):\n    """Send one reminder."""\n    if invoice.paid or invoice.age < 14:\n'
    "        return None\n    return mail(invoice.customer, template='reminder')\n\n"
)


def prose(tokens: int) -> str:
    """Paragraphs of five sentences."""
    words = cycle(_SENTENCES.split())
    parts = [OPENING + ". "]
    for number in count(1):
        if number >= tokens:
            break
        word = next(words)
        ends_paragraph = word == "first." and number < tokens - 1
        parts.append(word + ("\n\n" if ends_paragraph else " "))
    return "".join(parts).rstrip()


def table(tokens: int) -> str:
    """One table after a short opening."""
    head = f"{OPENING}:\n\n| Plan | Seats | Storage | Support |\n| --- | --- | --- | --- |\n"
    return head + _cut(_CELLS, tokens - len(head.split()))


def code(tokens: int) -> str:
    """One fenced block after a short opening."""
    head = f"{OPENING}:\n\n```python\n"
    return head + _cut(_CODE, tokens - len(head.split()) - 1).rstrip("\n") + "\n```"


def _cut(pattern: str, tokens: int) -> str:
    """So many words of the pattern, repeated, ending with a whole line."""
    lines = cycle(pattern.splitlines(keepends=True))
    text, words = "", 0
    for line in islice(lines, tokens):
        if words >= tokens:
            break
        text, words = text + line, words + len(line.split())
    return text
