"""What makes no sense in the settings, said in a sentence for the person who typed it. Pure."""

import re
from collections.abc import Sequence
from datetime import time
from itertools import pairwise
from urllib.parse import urlsplit

from supportbot.channels import MailServer, Security, sender, signing_key

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,62}")
SHORT_COLOUR, LONG_COLOUR = re.compile("#[0-9a-f]{3}"), re.compile("#[0-9a-f]{6}")

Span = tuple[int, time, time]
"""A day of the week, and from when to when; an end of 00:00 is midnight."""


def in_order(spans: Sequence[Span]) -> list[Span]:
    """The spans as a week goes.

    Raises:
        ValueError: if two of one day overlap.
    """
    ordered = sorted(spans, key=lambda span: span[:2])
    for (day, _, closes), (other_day, opens, _) in pairwise(ordered):
        if day == other_day and (closes == time(0) or opens < closes):
            raise ValueError(f"Two of the opening times on {WEEKDAYS[day]} overlap.")
    return ordered


def long_colour(spelled: str) -> str:
    """A colour as #rrggbb, or "" for none.

    Raises:
        ValueError: if it is neither.
    """
    colour = spelled.strip().lower()
    if SHORT_COLOUR.fullmatch(colour):
        colour = "#" + "".join(digit * 2 for digit in colour[1:])
    if colour and not LONG_COLOUR.fullmatch(colour):
        raise ValueError("The colour must be written like #1d4ed8.")
    return colour


def is_a_sender(spelled: str) -> None:
    """Raise a ValueError unless mail can come from this."""
    try:
        sender(spelled)
    except ValueError:
        raise ValueError(
            "The sender of mails must be written like support@example.com or Name <support@example.com>."
        ) from None


def is_a_mail_server(host: str, security: Security, user: str, password: str) -> None:
    """Raise a ValueError unless mail can be given to this server in this way."""
    try:
        MailServer.checked(host, None, security, user, password)
    except ValueError as error:
        raise ValueError(sentence(error)) from None


def is_on_the_web(url: str) -> None:
    """Raise a ValueError unless this is the address of a receiver of webhooks."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable or " " in url:
        raise ValueError("The address for webhooks must be written like https://hooks.example.com/support.")
    if parts.username is not None or parts.password is not None:
        raise ValueError("The address for webhooks cannot hold a user or a password.")


def host_of(spelled: str) -> str:
    """The name of a website as browsers know it: `docs.example.com`, also from a whole address of it.

    Raises:
        ValueError: if no link leads there.
    """
    typed = spelled.strip()
    try:
        parts = urlsplit(typed if "//" in typed else f"https://{typed}")
        name = (parts.hostname or "").encode("idna").decode()
        usable = parts.scheme in ("http", "https") and parts.username is None and parts.port in (None, 443)
    except ValueError:  # also of the encoding
        name, usable = "", False
    if not usable or not HOST.fullmatch(name):
        raise ValueError("A website the assistant may link to is written like docs.example.com.")
    return name


def is_a_signing_secret(secret: str) -> None:
    """Raise a ValueError unless webhooks can be signed with this."""
    try:
        signing_key(secret)
    except ValueError as error:
        raise ValueError(f"The secret of webhooks cannot be used: {error}.") from None


def sentence(error: ValueError) -> str:
    """What a check says in half a sentence, as a whole one."""
    said = str(error)
    return said[:1].upper() + said[1:] + ("" if said.endswith(".") else ".")


MOST_GROUPS = 300
MOST_NAMES = 12
LONGEST_NAME = 60


def groups_of_words(value: str) -> str:
    """Lines of words that mean the same, tidied: names between commas, no empty lines, none twice on a line.

    Raises:
        ValueError: naming the line that makes no sense.
    """
    lines: list[str] = []
    for number, line in enumerate(value.splitlines(), start=1):
        names = list(dict.fromkeys(" ".join(name.split()) for name in line.split(",") if name.strip()))
        if not names:
            continue
        if len({name.casefold() for name in names}) < 2:
            raise ValueError(
                f"Line {number} has one word only. Write at least two, with a comma between them."
            )
        if len(names) > MOST_NAMES:
            raise ValueError(f"Line {number} has more than {MOST_NAMES} words. Make several lines of it.")
        if longest := next((name for name in names if len(name) > LONGEST_NAME), None):
            raise ValueError(f"“{longest[:20]}…” on line {number} has more than {LONGEST_NAME} characters.")
        if unread := next((name for name in names if not any(letter.isalnum() for letter in name)), None):
            raise ValueError(f"“{unread}” on line {number} has no letter or digit, so it cannot be found.")
        lines.append(", ".join(names))
    if len(lines) > MOST_GROUPS:
        raise ValueError(f"There may be at most {MOST_GROUPS} lines.")
    return "\n".join(lines)
