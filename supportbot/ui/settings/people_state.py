"""Who works at the desk, for admins: inviting, roles, closing accounts, links for a new password."""

from dataclasses import dataclass
from typing import Any

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import NotFound, NotSignedIn, SupportError
from supportbot.house.pictures import picture_url
from supportbot.ids import now, parse_id
from supportbot.models import Staff, StaffRole
from supportbot.staff import accounts, invitations, people
from supportbot.staff.presence import THERE_FOR
from supportbot.ui.pages import Refusable
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import form_of


@dataclass
class PersonRow:
    """Somebody with an account. `standing` is `open`, `invited` or `closed`."""

    id: str = ""
    name: str = ""
    email: str = ""
    role: str = ""
    standing: str = ""
    seen_at: str = ""
    there: bool = False
    picture: str = ""
    is_me: bool = False


class PeopleState(StaffPage, Refusable, rx.State):
    """The page of the people."""

    ready: bool = False
    allowed: bool = True
    rows: list[PersonRow] = []
    invited: int = 0
    """Counts invitations: the form is empty again after each."""
    link_for: str = ""
    link_purpose: str = ""
    link_mailed: bool = False
    link: str = ""
    """Shown once, to whoever made it."""

    @rx.event
    async def open(self):
        """Show everybody."""
        self.link = self.link_for = ""
        return await self._do(None)

    @rx.event
    async def invite(self, form: dict[str, Any]):
        """Open an account for somebody, who chooses a password by a link."""
        typed = form_of(form) or {}

        async def invite(admin: Staff) -> None:
            role = StaffRole.ADMIN if typed.get("role") == StaffRole.ADMIN else StaffRole.AGENT
            email, name = typed.get("email", ""), typed.get("name", "")
            made = await invitations.invite(desk().database, admin, email, name, role)
            self._show_link(made, invitations.INVITE)
            self.invited += 1

        return await self._do(invite)

    @rx.event
    async def invite_again(self, person: str):
        """Another link for somebody who has not accepted yet."""

        async def invite(admin: Staff) -> None:
            made = await invitations.invite_again(desk().database, admin, _id(person))
            self._show_link(made, invitations.INVITE)

        return await self._do(invite)

    @rx.event
    async def reset_password(self, person: str):
        """A link by which somebody chooses another password."""

        async def reset(admin: Staff) -> None:
            made = await invitations.reset(desk().database, admin, _id(person))
            self._show_link(made, invitations.RESET)

        return await self._do(reset)

    @rx.event
    async def set_role(self, person: str, role: str):
        """Make somebody an agent or an admin."""

        async def change(admin: Staff) -> None:
            if role not in (StaffRole.ADMIN, StaffRole.AGENT):
                raise NotFound("There is no such role.")
            await people.set_role(desk().database, admin, _id(person), StaffRole(role))

        return await self._do(change)

    @rx.event
    async def close_account(self, person: str):
        """Let somebody in no more."""
        return await self._do(lambda admin: people.close_account(desk().database, admin, _id(person)))

    @rx.event
    async def open_account(self, person: str):
        """Let somebody in again."""
        return await self._do(lambda admin: people.open_account(desk().database, admin, _id(person)))

    async def _do(self, what: Any):
        try:
            admin = await self._admin()
            self.notice = ""
            try:
                if what is not None:
                    await what(admin)
            except SupportError as refusal:
                self._refuse(refusal)
            # One may have changed one's own role, or closed one's own account.
            await self._load(await self._admin())
        except NotSignedIn:
            return self._sign_in()
        except SupportError:
            self.reset()
            await self._staff()
            self.allowed, self.ready = False, True
        return None

    async def _load(self, admin: Staff) -> None:
        self.allowed = self.ready = True
        self.rows = [_row(one, admin) for one in await accounts.everyone(desk().database)]

    def _show_link(self, made: invitations.Made, purpose: str) -> None:
        self.link, self.link_for, self.link_mailed = made.url, made.email, made.mailed
        self.link_purpose = purpose


def _id(person: object):
    identity = parse_id(person)
    if identity is None:
        raise NotFound("There is no such account.")
    return identity


def _row(staff: Staff, admin: Staff) -> PersonRow:
    invited = "open" if staff.password_hash else "invited"
    return PersonRow(
        id=str(staff.id),
        name=staff.name,
        email=staff.email,
        role=staff.role.value,
        standing="closed" if staff.disabled_at else invited,
        seen_at=staff.seen_at.isoformat(timespec="seconds") if staff.seen_at else "",
        there=staff.seen_at is not None and staff.seen_at > now() - THERE_FOR,
        picture=picture_url(staff.picture_id),
        is_me=staff.id == admin.id,
    )
