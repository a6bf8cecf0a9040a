"""The earlier versions of each section: who and when, what is different now, and back to one of them."""

from dataclasses import dataclass

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import NotSignedIn, SupportError
from supportbot.house import versions
from supportbot.house.sections import NAMES
from supportbot.ui.pages import Refusable
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import Difference, differences


@dataclass
class VersionRow:
    """One version. The one the server started with has no name and no time."""

    version: int = 0
    by: str = ""
    at: str = ""
    restored_from: int = -1


class VersionsState(StaffPage, Refusable, rx.State):
    """The page of the versions."""

    ready: bool = False
    allowed: bool = True
    of: str = "company"
    rows: list[VersionRow] = []
    compared: int = -1
    changes: list[Difference] = []
    restored: int = -1

    @rx.event
    async def open(self):
        """Show the section the address names."""
        of = self.router.url.query_parameters.get("of", "company")
        return await self._do(lambda: self._look_at(of))

    @rx.event
    async def show(self, of: str):
        """Show another section."""
        return await self._do(lambda: self._look_at(of))

    @rx.event
    async def compare(self, version: int):
        """What is different now from what it was then; a second time puts it away."""
        return await self._do(lambda: self._compare(version))

    @rx.event
    async def restore(self, version: int):
        """Save what an earlier version said as the newest."""
        return await self._do(lambda: self._restore(version))

    async def _do(self, what):
        try:
            await self._admin()
        except NotSignedIn:
            return self._sign_in()
        except SupportError:
            self.reset()
            await self._staff()
            self.allowed, self.ready = False, True
            return None
        self.notice = ""
        try:
            await what()
        except SupportError as refusal:
            self._refuse(refusal)
        return None

    async def _look_at(self, of: object) -> None:
        self.of = of if isinstance(of, str) and of in NAMES else NAMES[0]
        self.compared, self.changes, self.restored = -1, [], -1
        await self._load()

    async def _compare(self, version: object) -> None:
        if not isinstance(version, int) or version == self.compared:
            self.compared, self.changes = -1, []
            return
        newest = (await versions.newest(desk().database, self.of)).version
        self.changes = differences(await versions.compare(desk().database, self.of, version, newest))
        self.compared = version

    async def _restore(self, version: int) -> None:
        staff = await self._admin()
        await versions.restore(desk().database, desk().live, self.of, version, staff)
        await desk().house.refresh()
        self.compared, self.changes, self.restored = -1, [], version
        await self._load()

    async def _load(self) -> None:
        self.rows = [
            VersionRow(
                one.version,
                one.by,
                one.at.isoformat(timespec="seconds") if one.at else "",
                one.restored_from if one.restored_from is not None else -1,
            )
            for one in await versions.history(desk().database, self.of)
        ]
        self.ready = True
