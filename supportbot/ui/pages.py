"""Small things every live page needs of Reflex, wrapped once because they are private or easily misused."""

import reflex as rx
from reflex_base.registry import RegistrationContext

from supportbot.errors import SupportError


async def connected(client_token: str) -> bool:
    """Whether a page still has its socket.

    Reflex cancels what hangs on a page's `on_load` when the page leaves, but a few followers in a
    thousand escape; each asks here before it goes on. (The public mapping copies itself on every look.)
    """
    app = RegistrationContext.get().app
    namespace = app.event_namespace if app else None
    return namespace is not None and await namespace._token_manager.is_token_connected(client_token)


class Refusable(rx.State, mixin=True):
    """A page that can say, in a sentence, why something was not done."""

    notice: str = ""
    notice_at: int = 0

    @rx.event
    def dismiss(self):
        """Take the notice away."""
        self.notice = ""

    def _refuse(self, refusal: SupportError) -> None:
        self.notice = refusal.sentence
        # Said twice, a sentence must be announced twice: the number makes it new.
        self.notice_at += 1
