"""One's own account: name, picture, password, sounds, and the other browsers one is signed in with."""

from typing import Any

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import NotSignedIn, SupportError
from supportbot.house.pictures import picture_url
from supportbot.ids import parse_id
from supportbot.models import Staff
from supportbot.staff import profile
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import form_of
from supportbot.web.addresses import address_group


class AccountState(StaffPage, rx.State):
    """The page of one's own account."""

    ready: bool = False
    email: str = ""
    picture: str = ""
    picture_id: str = ""
    elsewhere: int = 0
    loaded: int = 0
    passwords: int = 0
    """Counts changes of the password: its fields are empty again after each."""

    about: str = ""
    """What the sentence is about: `name`, `picture`, `password` or `sessions`."""
    done: bool = False
    sentence: str = ""
    said: int = 0

    @rx.event
    async def open(self):
        """Show it."""
        self.about = self.sentence = ""
        return await self._do("", self._load)

    @rx.event
    async def rename(self, form: dict[str, Any]):
        """Be called otherwise."""
        typed = form_of(form) or {}

        async def rename(staff: Staff) -> str:
            await profile.rename(desk().database, staff.id, typed.get("name", ""))
            return "Your name is saved."

        return await self._do("name", rename)

    @rx.event
    async def choose_picture(self, form: dict[str, Any]):
        """Be shown with a picture that was uploaded just now."""
        chosen = parse_id((form_of(form) or {}).get("picture"))

        async def choose(staff: Staff) -> str:
            if chosen is None:
                return ""
            await profile.set_picture(desk().database, staff.id, chosen)
            return "Your picture is saved."

        return await self._do("picture", choose)

    @rx.event
    async def no_picture(self):
        """Be shown with the initial again."""

        async def remove(staff: Staff) -> str:
            await profile.set_picture(desk().database, staff.id, None)
            return "Your picture is removed."

        return await self._do("picture", remove)

    @rx.event
    async def change_password(self, form: dict[str, Any]):
        """Have another password; it needs the present one."""
        typed = form_of(form) or {}

        async def change(staff: Staff) -> str:
            if typed.get("password", "") != typed.get("again", ""):
                raise SupportError("The new password is not the same in both fields.")
            cookie, secure = self._credentials()
            await profile.change_password(
                desk().database,
                desk().rate_limits,
                staff,
                typed.get("present", "")[:1_000],
                typed.get("password", "")[:1_000],
                cookie=cookie,
                secure=secure,
                address=address_group(str(self.router.session.client_ip)),
            )
            self.passwords += 1
            return "Your password is changed, and you are signed out everywhere else."

        return await self._do("password", change)

    @rx.event
    async def sign_out_elsewhere(self):
        """End the sessions in all other browsers."""

        async def end(staff: Staff) -> str:
            cookie, secure = self._credentials()
            await profile.sign_out_elsewhere(desk().database, staff.id, cookie, secure=secure)
            return "You are signed out everywhere else."

        return await self._do("sessions", end)

    async def _do(self, about: str, what: Any):
        try:
            staff = await self._staff()
            self.about, self.done = about, False
            try:
                self.sentence = await what(staff) or ""
                self.done = True
            except SupportError as refusal:
                self.sentence = refusal.sentence
            self.said += 1
            await self._show(await self._staff())
        except NotSignedIn:
            return self._sign_in()
        return None

    async def _load(self, _: Staff) -> None:
        self.loaded += 1

    async def _show(self, staff: Staff) -> None:
        cookie, secure = self._credentials()
        self.email, self.picture = staff.email, picture_url(staff.picture_id)
        self.picture_id = str(staff.picture_id or "")
        self.elsewhere = await profile.sessions_elsewhere(desk().database, staff.id, cookie, secure=secure)
        self.ready = True
