"""Bringing articles in: one import and how far it is, or the form that begins one, for admins."""

from contextlib import suppress

import reflex as rx

from supportbot import access
from supportbot.desk import desk
from supportbot.errors import NotFound, NotSignedIn, SupportError
from supportbot.knowledge import import_runs
from supportbot.models import ImportState as State
from supportbot.models import Staff
from supportbot.ui.articles.import_view import RecentRow, RunView, recent_row, run_view
from supportbot.ui.following import Following, every, keep_in_step
from supportbot.ui.pages import Refusable
from supportbot.ui.session import StaffPage, admin_signed_in

LOOK_EVERY = 1.0
"""Seconds between two looks while a worker is at the import."""
LOOK_SELDOM = 4.0
"""And while it waits for a person, which may be another one."""
WORKING = (State.READING.value, State.IMPORTING.value)


class ImportPageState(StaffPage, Following, Refusable, rx.State):
    """One open page of an admin."""

    ready: bool = False
    allowed: bool = True
    run: RunView = RunView()
    collections: list[str] = []
    recent: list[RecentRow] = []

    _run: str = ""

    @rx.event
    async def open(self):
        """Show the import that the address names, or the form."""
        # The page may have shown another one before.
        self._run, self.run = str(self.router.url.query_parameters.get("run", "")), RunView()
        self.notice = ""
        try:
            await self._load(await self._admin())
        except NotSignedIn:
            return self._sign_in()
        except NotFound as refusal:
            self._run = ""
            self._refuse(refusal)
            await self._load(await self._admin())
        except SupportError:
            self.reset()
            await self._staff()
            self.allowed, self.ready = False, True
            return None
        self.allowed = self.ready = True
        return ImportPageState.follow

    @rx.event(background=True, supersedes=True)
    async def follow(self):
        """Keep the page in step. Started by `open` only."""
        return await keep_in_step(
            self,
            lambda _: every(lambda: LOOK_EVERY if self.run.state in WORKING else LOOK_SELDOM),
            lambda _: self._look_again(),
            what="an import",
            allowed=admin_signed_in,
        )

    @rx.event
    async def carry_out(self):
        """Import what is shown."""
        return await self._decide(lambda run, admin: import_runs.carry_out(desk().database, run.id, admin))

    @rx.event
    async def discard(self):
        """Import none of it."""
        return await self._decide(lambda run, _: import_runs.discard(desk().database, run.id))

    @rx.event
    async def set_whole(self, on: bool):
        """Say whether these files are all of the collection."""
        return await self._decide(
            lambda run, _: import_runs.change(desk().database, run.id, whole=on is True)
        )

    @rx.event
    async def set_keep_sample(self, on: bool):
        """Say whether the sample articles stay."""
        return await self._decide(
            lambda run, _: import_runs.change(desk().database, run.id, keep_sample=on is True)
        )

    async def _decide(self, verb):
        try:
            admin = await self._admin()
            self.notice = ""
            try:
                run = await access.import_for_admin(desk().database, admin, self._run)
                await verb(run, admin)
                await desk().scheduler.hurry(import_runs.JOB)
            except SupportError as refusal:
                self._refuse(refusal)
            with suppress(NotFound):
                await self._load(admin)
        except NotSignedIn:
            return self._sign_in()
        except SupportError as refusal:
            self._refuse(refusal)
        return None

    async def _look_again(self) -> None:
        await self._load(await self._admin())

    async def _load(self, admin: Staff) -> None:
        """A var holds only news: what is as it was is not sent again."""
        if self._run:
            view = run_view(await access.import_for_admin(desk().database, admin, self._run))
            if view != self.run:
                self.run = view
            return
        found = await import_runs.recent(desk().database)
        recent = [recent_row(run, by) for run, by in found]
        collections = [name for name, _ in await import_runs.collections(desk().database)]
        if (recent, collections) != (self.recent, self.collections):
            self.recent, self.collections = recent, collections
