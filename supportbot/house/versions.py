"""Saving a section of the settings, and going back: who changed what, when, and what it was before.

Every save is a version of its own; nothing is overwritten. Version 0 is what the server started with.
Passwords and secrets are only ever written: an empty one keeps what is known, and none is ever shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr, ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.channels import is_this_machine, leads_inside
from supportbot.conversations.events import DESK, SettingsChanged
from supportbot.conversations.live import LiveLog
from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.house.sections import NAMES, Look, Section, Sending, kind_of
from supportbot.house.stored import Ground, content_of, ground_of, secrets_of, section_of
from supportbot.house.words import Change, complaint, differences, place
from supportbot.models import Picture, Setting, Staff, StaffRole

MOST_VERSIONS = 200
"""How many versions a history shows; the older ones stay and can be restored by their number."""
TRIES = 3
"""How often a version is numbered anew because somebody restored at the same moment."""
LARGEST = 2**31
"""No number of a version is as large: the column holds none."""
TERMINAL = "The command line"


class SavedMeanwhile(Refused):
    """Somebody has saved since the version that was edited. `version` is theirs: save over it, or not."""

    def __init__(self, sentence: str, version: int) -> None:
        super().__init__(sentence)
        self.version = version


class WrongField(Refused):
    """A field makes no sense. `place` is where: its name, then a row's number and a name in it, if any."""

    def __init__(self, sentence: str, place: tuple[int | str, ...]) -> None:
        super().__init__(sentence)
        self.place = place


@dataclass(frozen=True, slots=True)
class Version:
    """One version: who saved it and when. Version 0, what the server started with, has neither."""

    version: int
    by: str
    at: datetime | None
    restored_from: int | None


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest version of a section, as a page begins to edit it."""

    version: int
    section: Section


async def newest(database: Database, section: str) -> Newest:
    """What is in effect now, from the database: what `save` then is told to be `over`.

    Raises:
        NotFound: if there is no such section.
    """
    _known(section)
    async with database.reading() as session:
        version, content = await _newest(session, section)
        return Newest(version, _read(section, version, content))


async def save(
    database: Database,
    live: LiveLog,
    section: str,
    content: Mapping[str, Any],
    staff: Staff | None,
    *,
    over: int,
) -> int:
    """Save a section as its next version, and tell every worker.

    Args:
        database: Where versions are kept.
        live: Where the change is announced.
        section: Which, by its name in `NAMES`.
        content: The fields as they were typed. One that is missing keeps its value, and so does an empty
            password or secret.
        staff: Who saves; None for the command line.
        over: The version they edited.

    Returns:
        The number of the version now in effect; `over` if nothing is different.

    Raises:
        SavedMeanwhile: somebody has saved since `over`; the sentence says who and when.
        WrongField: with a sentence about the first field that is wrong.
        Refused: it is no admin who saves, or something cannot be in effect together.
        NotFound: if there is no such section.
    """
    _may(section, staff)
    try:
        async with database.transaction() as session:
            known_version, known_content = await _newest(session, section)
            if known_version != over:
                raise await _meanwhile(session, section)
            saved = await _checked(session, section, known_content, content)
            if content_of(saved) == known_content:
                return over
            _add(session, section, over + 1, saved, staff)
    except IntegrityError:
        # Somebody was quicker by less than this transaction took.
        async with database.reading() as session:
            raise await _meanwhile(session, section) from None
    await live.append(DESK, SettingsChanged(section, over + 1))
    return over + 1


async def draft(database: Database, section: str, content: Mapping[str, Any]) -> Section:
    """What `save` would save over the newest version: checked, known secrets included, and not saved.

    Raises:
        Refused: with a sentence about the first field that is wrong.
        NotFound: if there is no such section.
    """
    _known(section)
    async with database.reading() as session:
        _, known = await _newest(session, section)
        return await _checked(session, section, known, content)


async def history(database: Database, section: str) -> list[Version]:
    """The versions of a section, the newest first; the last is what the server started with.

    Raises:
        NotFound: if there is no such section.
    """
    _known(section)
    query = (
        select(Setting.version, Staff.name, Setting.created_at, Setting.restored_from)
        .join(Staff, col(Staff.id) == Setting.staff_id, isouter=True)
        .where(Setting.section == section)
        .order_by(col(Setting.version).desc())
        .limit(MOST_VERSIONS)
    )
    async with database.reading() as session:
        rows = (await session.exec(query)).all()
    saved = [Version(version, name or TERMINAL, at, restored) for version, name, at, restored in rows]
    return [*saved, Version(0, "", None, None)]


async def compare(database: Database, section: str, a: int, b: int) -> list[Change]:
    """What version `b` says otherwise than version `a`, field by field.

    Raises:
        NotFound: if there is no such section or version.
    """
    async with database.reading() as session:
        return differences(await _version(session, section, a), await _version(session, section, b))


async def restore(database: Database, live: LiveLog, section: str, version: int, staff: Staff | None) -> int:
    """Save what an earlier version said, secrets included, as the next version.

    Returns:
        The number of the version now in effect.

    Raises:
        Refused: if what it said can no longer be used, with the reason.
        NotFound: if there is no such section or version.
    """
    _may(section, staff)
    for _ in range(TRIES):
        try:
            async with database.transaction() as session:
                wanted = await _version(session, section, version)
                before, content = await _newest(session, section)
                if content_of(wanted) == content:
                    return before
                _add(session, section, before + 1, wanted, staff, restored_from=version)
        except IntegrityError:
            continue
        await live.append(DESK, SettingsChanged(section, before + 1))
        return before + 1
    raise Refused("Somebody else is saving these settings at the moment. Please try again.")


def _known(section: object) -> None:
    if section not in NAMES:
        raise NotFound("There are no such settings.")


def _may(section: object, staff: Staff | None) -> None:
    _known(section)
    if staff is not None and staff.role != StaffRole.ADMIN:
        raise Refused("Only admins can change the settings.")


async def _newest(session: AsyncSession, section: str) -> tuple[int, dict[str, Any]]:
    query = select(Setting).where(Setting.section == section).order_by(col(Setting.version).desc()).limit(1)
    row = (await session.exec(query)).first()
    if row is not None:
        return row.version, row.content
    return 0, content_of(getattr(ground_of(session).beginning, section))


async def _version(session: AsyncSession, section: str, version: int) -> Section:
    _known(section)
    if type(version) is not int or not 0 <= version < LARGEST:
        raise NotFound("There is no such version of these settings.")
    if version == 0:
        beginning: Section = getattr(ground_of(session).beginning, section)
        return beginning
    query = select(Setting).where(Setting.section == section, Setting.version == version)
    row = (await session.exec(query)).first()
    if row is None:
        raise NotFound("There is no such version of these settings.")
    return _read(section, version, row.content)


def _read(section: str, version: int, content: dict[str, Any]) -> Section:
    try:
        return section_of(section, content)
    except ValidationError as error:
        if version == 0:
            # The environment allows more than the pages do; see `Sections.beginning`.
            return kind_of(section).model_construct(**content)
        said = complaint(error, kind_of(section), content)
        raise Refused(f"This version can no longer be used. {said}") from None


async def _checked(
    session: AsyncSession, section: str, known: dict[str, Any], content: Mapping[str, Any]
) -> Section:
    """What was typed, over what is known, if all of it makes sense."""
    kind = kind_of(section)
    typed = {name: value for name, value in content.items() if name in kind.model_fields}
    if kind is Sending:
        typed = _with_secrets(known, typed)
    merged = known | typed
    try:
        saved = section_of(section, merged)
    except ValidationError as error:
        raise WrongField(complaint(error, kind, merged), place(error)) from None
    if isinstance(saved, Look) and saved.logo is not None and await session.get(Picture, saved.logo) is None:
        raise Refused("The logo could not be found. Please choose it again.")
    if isinstance(saved, Sending):
        _may_lead_there(saved.webhook_url, ground_of(session))
    return saved


def _may_lead_there(address: str, ground: Ground) -> None:
    """Refuse what can be seen to be wrong without looking a name up, which is done at each try to send."""
    url = urlsplit(address)
    if not address or address == ground.beginning.sending.webhook_url:
        return
    if not ground.private_hosts and leads_inside(url.hostname or ""):
        raise Refused(
            "The address for webhooks leads to this machine or into a private network. "
            "Whoever runs the server can allow that with WEBHOOK_PRIVATE_HOSTS=true."
        )
    if url.scheme == "http" and not is_this_machine(url.hostname) and not ground.plain_http:
        raise Refused(
            "The address for webhooks is plain http, which anybody on the way can read: use https. "
            "Whoever runs the server can allow it with WEBHOOK_PLAIN_HTTP=true."
        )


def _with_secrets(known: Mapping[str, Any], typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed about sending, without the secrets that were left empty because they are known.

    A known password is kept for the server and the user it belongs to: whoever types another server must
    know the password, or else could have it sent wherever they like.
    """
    kept = {name: value for name, value in typed.items() if name not in secrets_of(Sending) or _given(value)}
    merged = {**known, **kept}
    if "mail_password" not in kept:
        if not merged.get("mail_host") or not merged.get("mail_user"):
            kept["mail_password"] = None  # it belongs to a user at a server, and goes with either
        elif known.get("mail_password") and any(
            str(merged[name]).strip() != known.get(name) for name in ("mail_host", "mail_user")
        ):
            raise Refused("Please type the password of the mail server again: it belongs to another one.")
    if "webhook_secret" not in kept and not merged.get("webhook_url"):
        kept["webhook_secret"] = None
    return kept


def _given(value: object) -> bool:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return isinstance(value, str) and bool(value.strip())


async def _meanwhile(session: AsyncSession, section: str) -> SavedMeanwhile:
    query = (
        select(Setting.version, Staff.name, Setting.created_at)
        .select_from(Setting)
        .join(Staff, col(Staff.id) == Setting.staff_id, isouter=True)
        .where(Setting.section == section)
        .order_by(col(Setting.version).desc())
        .limit(1)
    )
    row = (await session.exec(query)).first()
    if row is None:
        return SavedMeanwhile(
            "These settings are not what they were when you opened them. Please try again.", 0
        )
    version, name, at = row
    return SavedMeanwhile(
        f"{name or TERMINAL} has saved these settings meanwhile, on {at.day} {at:%B} at {at:%H:%M} UTC. "
        "What you typed is still here: look at what is different, then save again.",
        version,
    )


def _add(
    session: AsyncSession,
    section: str,
    version: int,
    saved: Section,
    staff: Staff | None,
    *,
    restored_from: int | None = None,
) -> None:
    session.add(
        Setting(
            section=section,
            version=version,
            content=content_of(saved),
            staff_id=staff.id if staff else None,
            restored_from=restored_from,
        )
    )
