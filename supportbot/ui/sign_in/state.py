"""The sign-in page: says what went wrong last time, and what to do while there is no account."""

from math import ceil

import reflex as rx

from supportbot.desk import desk
from supportbot.staff import accounts
from supportbot.ui import routes
from supportbot.ui.session import StaffPage, signed_in


class SignInState(StaffPage, rx.State):
    """One open sign-in page. The form itself posts to `web/sign_in.py`."""

    problem: str = ""
    next_page: str = routes.ESCALATIONS
    no_account: bool = False

    @rx.event
    async def open(self):
        """Look at the address and whether there is any account at all."""
        asked = self.router.url.query_parameters
        wanted = asked.get("next", "")
        self.next_page = (
            wanted if wanted.startswith((routes.ESCALATIONS, routes.OUTBOX)) else routes.ESCALATIONS
        )
        self.problem = _problem(asked.get("error", ""), asked.get("wait", ""))
        self.no_account = not await accounts.any_account(desk().database)
        if await signed_in(self._credentials()):
            return rx.redirect(self.next_page)
        return None


def _problem(error: str, wait: str) -> str:
    if error == "rate":
        seconds = int(wait) if wait.isascii() and wait.isdecimal() and len(wait) < 6 else 60
        minutes = max(1, ceil(seconds / 60))
        return f"Too many tries. Please wait {minutes} minute{'s' if minutes > 1 else ''} and try again."
    if error == "unavailable":
        return (
            "We could not reach our database, so nobody can sign in right now. Please try again in a minute."
        )
    if error:
        return "The e-mail address or the password is not right. Please try again."
    return ""
