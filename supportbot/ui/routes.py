"""The addresses of our pages, in one place."""

from uuid import UUID

import reflex as rx
from reflex.utils.exec import is_prod_mode
from reflex_base.config import get_config

HOME = "/"
CONVERSATION = "/c/[chat]"
RETURN_LINK = "/r/[link]"
SIGN_IN = "/sign-in"
STAFF = "/staff"
ESCALATIONS = "/escalations"
ESCALATION = "/escalations/[case]"
OUTBOX = "/outbox"
SETTINGS = "/settings"
HOURS = "/settings/hours"
REPLIES = "/settings/replies"
LOOK = "/settings/look"
LIMITS = "/settings/limits"
SENDING = "/settings/sending"
PEOPLE = "/settings/people"
VERSIONS = "/settings/versions"
GAPS = "/articles/gaps"
WELCOME = "/welcome/[link]"
ACCOUNT = "/account"


def conversation(identity: UUID | str) -> str:
    """A customer's conversation."""
    return f"/c/{identity}"


def escalation(identity: UUID | str) -> str:
    """A conversation at the desk."""
    return f"/escalations/{identity}"


def article(identity: UUID | str) -> str:
    """An article in the editor."""
    return f"/articles/{identity}"


def last_segment(path: str) -> str:
    """The id at the end of one of the paths above."""
    return path.rstrip("/").rpartition("/")[2]


def backend(path: str) -> rx.Var[str]:
    """Where a plain form must post to.

    In production pages and backend share an origin. In development the backend has a port of its own,
    on whatever host the page was opened with.
    """
    if is_prod_mode():
        return rx.Var.create(path)
    port = get_config().backend_port or 8000
    host = "typeof window === 'undefined' ? 'localhost' : window.location.hostname"
    return rx.Var(f"'http://' + ({host}) + ':{port}{path}'").to(str)
