"""Refusals a person may read.

Everything the product refuses on purpose is a `SupportError`; its sentence goes to the browser as it
is. Any other exception is a fault of ours: its text goes to the log and never to a page.
"""


class SupportError(Exception):
    """An expected refusal.

    Args:
        sentence: What happened and what to do, in words for the person who reads it.
        retry_after: Seconds after which trying again makes sense, or None.
    """

    def __init__(self, sentence: str, *, retry_after: int | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.retry_after = retry_after


class NotFound(SupportError):
    """The thing does not exist, or is somebody else's: the two are never told apart."""

    def __init__(self, sentence: str = "We could not find this conversation.") -> None:
        super().__init__(sentence)


class NotSignedIn(SupportError):
    """The caller is not a signed-in member of staff."""

    def __init__(self, sentence: str = "Please sign in again.") -> None:
        super().__init__(sentence)


class Refused(SupportError):
    """The request is understood, allowed in principle, and not possible now."""


class RateLimited(SupportError):
    """Too many requests; `retry_after` holds the seconds to wait."""


class ConfigurationError(SupportError):
    """The server cannot start with these settings; the sentence says which and why."""
