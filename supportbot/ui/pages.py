"""Small things every live page needs of Reflex, wrapped once because they are private or easily misused."""

import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken
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


async def forget(client_token: str) -> None:
    """Drop the state of a page whose socket has ended: the next socket begins with one of its own.

    Reflex would keep it for an hour, and opening sockets is free: a single client filled 5 MB a second.
    """
    app = RegistrationContext.get().app
    manager = app.state_manager if app else None
    if not isinstance(manager, StateManagerMemory) or client_token not in manager.states:
        return
    token = BaseStateToken(ident=client_token, cls=rx.State)
    async with manager.modify_state(token):
        pass  # what still runs for the page comes to its end first
    manager._purge_token(token)


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
