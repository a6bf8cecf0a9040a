"""`python -m supportbot demo`: a database as it looks after a few busy days."""

import asyncio

import click

from supportbot.commands.demo_stories import STORIES
from supportbot.commands.demo_stories.playing import already_there, play
from supportbot.commands.demo_stories.replies import CANNED
from supportbot.commands.demo_stories.steps import ALEX, ROBIN, SAM
from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.errors import SupportError
from supportbot.house import versions
from supportbot.ids import new_id
from supportbot.migrations import upgrade
from supportbot.models import Staff
from supportbot.settings import Settings, settings
from supportbot.staff import accounts

PEOPLE = {SAM: "Sam", ALEX: "Alex", ROBIN: "Robin"}


@click.command()
def demo() -> None:
    """Fill the database with made-up conversations and open three staff accounts."""
    try:
        chosen = settings()
        upgrade(chosen.sync_database_url)
        passwords = asyncio.run(_fill(chosen))
    except SupportError as refusal:
        raise click.ClickException(refusal.sentence) from None
    if passwords is None:
        click.echo("The demonstration data is already there. For a fresh start, name another DATABASE_URL.")
        return
    click.echo(f"There are {len(STORIES)} conversations now. Sign in at /escalations:")
    for email, password in passwords.items():
        click.echo(f"  {email}  {password or '(the password this account has)'}")
    click.echo("New passwords are shown only this once.")


async def _fill(chosen: Settings) -> dict[str, str | None] | None:
    """Play every story; the passwords made up for it, or None if it was done before."""
    database = Database.from_settings(chosen)
    try:
        if await already_there(database):
            return None
        passwords = {email: await _account(database, email, name) for email, name in PEOPLE.items()}
        staff = {person.email: person for person in await accounts.everyone(database)}
        # The longest ago first, as they would have come.
        for number, story in enumerate(sorted(STORIES, key=lambda story: -story.ago), start=1):
            await play(database, staff, chosen.anthropic_model, story, number)
        await _keep_replies(database)
        return passwords
    finally:
        await database.close()


async def _account(database: Database, email: str, name: str) -> str | None:
    """Open an account unless there is one; the password made up for it."""
    people: list[Staff] = await accounts.everyone(database)
    if any(person.email == email for person in people):
        return None
    _, password = await accounts.add(database, email, name=name)
    return password


async def _keep_replies(database: Database) -> None:
    """Canned replies to begin with, unless the desk has written some of its own."""
    known = (await versions.newest(database, "replies")).version
    if known == 0:
        content = [{"id": str(new_id()), "title": title, "body": body} for title, body in CANNED]
        await versions.save(database, MemoryLive(), "replies", {"replies": content}, None, over=known)
