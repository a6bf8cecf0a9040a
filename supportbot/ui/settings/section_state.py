"""What the pages of all sections have in common: a form, its state, and what happens to a save.

The fields are the browser's own: what was typed stays in them whatever a save says. They are filled anew
only when `loaded` changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import NotSignedIn, SupportError
from supportbot.house import versions
from supportbot.house.sections import Section
from supportbot.house.words import Change
from supportbot.models import Staff

Form = dict[str, str]


@dataclass
class Difference:
    """A field that two versions hold differently."""

    field: str = ""
    before: str = ""
    after: str = ""


class SectionPage(rx.State, mixin=True):
    """One open form of a section. Its class says which (`_section`), shows it and reads it back."""

    ready: bool = False
    allowed: bool = True
    loaded: int = 0
    standing: str = ""
    """Of what is typed: `unsaved`, `saved`, `refused`, `meanwhile`, or nothing yet."""
    sentence: str = ""
    said: int = 0
    """Counts sentences: the same words again are news."""
    wrong: str = ""
    """The field the sentence is about; empty when it is about all of it."""
    wrong_row: int = -1
    version: int = 0
    saved_by: str = ""
    saved_at: str = ""
    theirs: list[Difference] = []

    _over: int = 0
    _sent: Form = {}

    @rx.event
    async def open(self):
        """Fill the form with what is in effect."""
        staff, gone = await self._enter()
        if staff is not None:
            await self._load()
            self.ready = True
        return gone

    @rx.event
    async def typed(self, form: dict[str, Any]):
        """Something was typed: it is not saved yet."""
        staff, gone = await self._enter()
        if staff is None or (typed := form_of(form)) is None:
            return gone
        self._unsaved(typed)
        return None

    @rx.event
    async def save(self, form: dict[str, Any]):
        """Save the form, unless something in it is wrong or somebody was quicker."""
        staff, gone = await self._enter()
        if staff is None or (typed := form_of(form)) is None:
            return gone
        self._sent = typed
        self.wrong, self.wrong_row, self.sentence = "", -1, ""
        try:
            saved = await versions.save(
                desk().database,
                desk().live,
                self._section(),
                self._content(typed),
                staff,
                over=self._over,
            )
        except versions.SavedMeanwhile as refusal:
            await self._meanwhile(refusal)
        except SupportError as refusal:
            self._say(refusal.sentence, "refused")
            self.wrong, self.wrong_row = self._wrong_field(refusal)
        else:
            self._over, self.standing, self.theirs = saved, "saved", []
            await desk().house.refresh()
            await self._look_who()
        return None

    @rx.event
    async def take_theirs(self):
        """Give up what is typed, and fill the form with what is in effect."""
        staff, gone = await self._enter()
        if staff is not None:
            await self._load()
        return gone

    async def _enter(self) -> tuple[Staff | None, Any]:
        """The signed-in admin; or nobody, and where the page goes."""
        try:
            return await self._admin(), None
        except NotSignedIn:
            return None, self._sign_in()
        except SupportError:
            # Who is signed in, and is no admin, is told so in place of the form.
            self.reset()
            await self._staff()
            self.allowed, self.ready = False, True
            return None, None

    async def _load(self) -> None:
        newest = await versions.newest(desk().database, self._section())
        self._over, self._sent = newest.version, {}
        self.standing, self.sentence, self.wrong, self.wrong_row, self.theirs = "", "", "", -1, []
        self._show(newest.section)
        self.loaded += 1
        await self._look_who()

    async def _look_who(self) -> None:
        newest = (await versions.history(desk().database, self._section()))[0]
        self.version, self.saved_by = newest.version, newest.by
        self.saved_at = newest.at.isoformat(timespec="seconds") if newest.at else ""

    async def _meanwhile(self, refusal: versions.SavedMeanwhile) -> None:
        """Say who, show what they changed; the next save is over theirs."""
        changes = await versions.compare(desk().database, self._section(), self._over, refusal.version)
        self.theirs = differences(changes)
        self._over = refusal.version
        self._say(refusal.sentence, "meanwhile")

    def _unsaved(self, typed: Form) -> None:
        # A late word about what a save has taken already is no news.
        if typed != self._sent and self.standing != "meanwhile":
            self.standing, self.sentence = "unsaved", ""
        self._preview(typed)

    def _say(self, sentence: str, standing: str) -> None:
        self.sentence, self.standing = sentence, standing
        self.said += 1

    def _wrong_field(self, refusal: SupportError) -> tuple[str, int]:
        if not isinstance(refusal, versions.WrongField) or not refusal.place:
            return "", -1
        row = refusal.place[1] if len(refusal.place) > 1 else -1
        return str(refusal.place[0]), row if isinstance(row, int) else -1

    def _section(self) -> str:
        raise NotImplementedError

    def _show(self, section: Section) -> None:
        raise NotImplementedError

    def _content(self, typed: Form) -> Mapping[str, Any]:
        return typed

    def _preview(self, typed: Form) -> None:
        """Show what the typed values would do, where a page can."""


def differences(changes: list[Change]) -> list[Difference]:
    """Changes as a page shows them."""
    return [Difference(one.field, one.before, one.after) for one in changes]


def form_of(form: object) -> Form | None:
    """What a browser sends of a form: words by name. Anything else is nobody's form."""
    if not isinstance(form, dict):
        return None
    return {name: value for name, value in form.items() if isinstance(name, str) and isinstance(value, str)}
