"""The page a link of an invitation or a reset opens. The form itself posts to `web/welcome.py`."""

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import RateLimited
from supportbot.staff import invitations
from supportbot.staff.accounts import LONGEST_NAME
from supportbot.staff.passwords import LONGEST, SHORTEST
from supportbot.ui import routes
from supportbot.web.addresses import address_group

LOOKS_PER_MINUTE = 30

PROBLEMS: dict[str, str] = {
    "name": f"A name needs 1 to {LONGEST_NAME} ordinary characters.",
    "password": f"A password needs {SHORTEST} to {LONGEST} characters. Please type it again.",
    "again": "The password was not the same in both fields. Please type it again.",
    "rate": "Too many tries. Please wait a minute and try again.",
    "unavailable": "We could not reach our database. Please try again in a minute.",
}


class WelcomeState(rx.State):
    """One open page of a link. The link itself is in the address and nowhere else."""

    standing: str = ""
    """`invite`, `reset`, `over`, or nothing yet."""
    email: str = ""
    name: str = ""
    problem: str = ""

    @rx.event
    async def open(self):
        """Look whom the link is for."""
        asked = self.router.url.query_parameters
        self.problem = PROBLEMS.get(asked.get("error", ""), "")
        self.standing = self.email = self.name = ""
        address = address_group(str(self.router.session.client_ip))
        try:
            await desk().rate_limits.generic("welcome-look", address, LOOKS_PER_MINUTE)
        except RateLimited:
            self.standing = "over"
            return
        found = await invitations.look(desk().database, routes.last_segment(self.router.url.path))
        if found is None:
            self.standing = "over"
            return
        self.standing, self.email = found.purpose, found.email
        self.name = asked.get("name", "")[:LONGEST_NAME] or found.name
