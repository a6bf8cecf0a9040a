"""Who is signed in on this page. Asked of the database in every staff handler, never remembered."""

import reflex as rx

from supportbot import access
from supportbot.desk import desk
from supportbot.errors import SupportError
from supportbot.models import Staff, StaffRole
from supportbot.ui import routes


class StaffPage(rx.State, mixin=True):
    """What every staff page has: the name of whoever is signed in, for the page's header."""

    me: str = ""
    my_id: str = ""
    is_admin: bool = False

    async def _staff(self) -> Staff:
        """The signed-in person.

        Raises:
            NotSignedIn: if nobody is; the handler then returns `_sign_in()`.
        """
        cookie, secure = self._credentials()
        staff = await access.staff_member(desk().database, cookie, secure=secure)
        return self._greet(staff)

    async def _admin(self) -> Staff:
        """The signed-in admin.

        Raises:
            NotSignedIn: as in `_staff`.
            Refused: if it is somebody else.
        """
        cookie, secure = self._credentials()
        return self._greet(await access.admin(desk().database, cookie, secure=secure))

    def _greet(self, staff: Staff) -> Staff:
        self.me, self.my_id, self.is_admin = staff.name, str(staff.id), staff.role == StaffRole.ADMIN
        return staff

    def _credentials(self) -> tuple[str, bool]:
        """The socket's cookie header, and whether its page is on https."""
        headers = self.router.headers
        return str(headers.cookie), str(headers.origin).startswith("https://")

    def _sign_in(self):
        """Forget everything this page has shown, and go to the sign-in page."""
        wanted = self.router.url.path
        self.reset()
        return rx.redirect(f"{routes.SIGN_IN}?next={wanted}")


async def signed_in(credentials: tuple[str, bool]) -> bool:
    """The same question from inside a background task, which must not touch the state for it."""
    cookie, secure = credentials
    return await access.is_staff(desk().database, cookie, secure=secure)


async def admin_signed_in(credentials: tuple[str, bool]) -> bool:
    """Whether it is an admin, asked from inside a background task."""
    cookie, secure = credentials
    try:
        await access.admin(desk().database, cookie, secure=secure)
    except SupportError:
        return False
    return True
