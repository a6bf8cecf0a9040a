"""`python -m supportbot settings …`: what owners have set, for when nobody can open the page."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.errors import SupportError
from supportbot.house import versions
from supportbot.house.sections import NAMES, Sections
from supportbot.house.stored import Ground, open_house
from supportbot.house.versions import Newest, Version
from supportbot.house.words import listed
from supportbot.migrations import upgrade
from supportbot.settings import settings as read_settings

T = TypeVar("T")

section_argument = click.argument("section", type=click.Choice(NAMES))


@click.group()
def settings() -> None:
    """Look at the settings of the page /settings, and take changes back."""


@settings.command()
@click.argument("section", type=click.Choice(NAMES), required=False)
def show(section: str | None) -> None:
    """Show what is in effect, of one SECTION or of all. Passwords and secrets are never shown."""

    async def read(database: Database) -> dict[str, Newest]:
        return {name: await versions.newest(database, name) for name in ([section] if section else NAMES)}

    for name, newest in _run(read).items():
        click.echo(f"{name} (version {newest.version})")
        for title, value in listed(newest.section):
            click.echo(f"  {title}: {value.replace(chr(10), chr(10) + '    ')}")


@settings.command()
@section_argument
def history(section: str) -> None:
    """Show who saved SECTION and when, the newest version first."""
    for version in _run(lambda database: versions.history(database, section)):
        click.echo(_line(version))


@settings.command()
@section_argument
@click.argument("version", type=int)
def restore(section: str, version: int) -> None:
    """Bring back what VERSION of SECTION said, as its newest version. 0 is what the server started with."""
    now = _run(lambda database: versions.restore(database, MemoryLive(), section, version, None))
    click.echo(f"Version {now} of {section} is in effect, on running servers within a few seconds.")


def _line(version: Version) -> str:
    if version.at is None:
        return "0  what the server started with"
    restored = f"  restored from {version.restored_from}" if version.restored_from is not None else ""
    return f"{version.version}  {version.at:%Y-%m-%d %H:%M} UTC  {version.by}{restored}"


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do the work on a database of the newest schema; a refusal becomes the command's error message."""
    try:
        upgrade(read_settings().sync_database_url)
        return asyncio.run(_with_database(work))
    except SupportError as refusal:
        raise click.ClickException(refusal.sentence) from None


async def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    chosen = read_settings()
    database = Database.from_settings(chosen)
    open_house(
        database,
        Ground(Sections.beginning(chosen), chosen.webhook_plain_http, chosen.webhook_private_hosts),
    )
    try:
        return await work(database)
    finally:
        await database.close()
