"""The last resort: an error nobody caught becomes a sentence, and its text stays in the log."""

import logging

import reflex as rx

from supportbot.logs import is_outage, log_trouble

log = logging.getLogger(__name__)

SENTENCE = "Something went wrong on our side. What you wrote is kept; please try again."
AWAY = "We cannot store anything at the moment. What you wrote is kept; please try again in a minute."


class NoticeState(rx.State):
    """A sentence for the whole page."""

    sentence: str = ""
    count: int = 0

    @rx.event
    def clear(self):
        """Take it away."""
        self.sentence = ""

    @rx.event
    def show_fault(self):
        """Say that something went wrong. Anybody may call this; it only ever says this one sentence."""
        self.sentence = SENTENCE
        self.count += 1

    @rx.event
    def show_outage(self):
        """Say that nothing can be stored. Anybody may call this; it only ever says this one sentence."""
        self.sentence = AWAY
        self.count += 1


def last_resort(exception: Exception):
    """Log what happened, without the event's payload, and tell the person in words."""
    if is_outage(exception):
        log_trouble(log, "a handler was given up", exception)
        return NoticeState.show_outage
    log.error("a handler failed", exc_info=exception)
    return NoticeState.show_fault
