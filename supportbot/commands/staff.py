"""`python -m supportbot staff …`: who may sign in at the desk."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from supportbot.database import Database
from supportbot.errors import SupportError
from supportbot.migrations import upgrade
from supportbot.models import Staff, StaffRole
from supportbot.settings import settings
from supportbot.staff import accounts

T = TypeVar("T")

password_stdin = click.option(
    "--password-stdin", is_flag=True, help="Read the password from the first line of standard input."
)


@click.group()
def staff() -> None:
    """Add the people who answer customers, and change what they may do."""


@staff.command()
@click.argument("email")
@click.option("--name", help="What customers and colleagues call this person. Default: from the address.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in StaffRole]),
    default=StaffRole.AGENT.value,
    show_default=True,
    help="Admins also change settings and people. The first account is always an admin.",
)
@password_stdin
def add(email: str, name: str | None, role: str, password_stdin: bool) -> None:
    """Open an account for EMAIL and print its first password, unless you give one."""
    password = _read_password() if password_stdin else None
    person, made_up = _run(
        lambda database: accounts.add(database, email, name=name, role=StaffRole(role), password=password)
    )
    click.echo(f"{person.name} <{person.email}> can sign in as {person.role.value}.")
    _tell(made_up)


@staff.command("list")
def list_() -> None:
    """Show all accounts."""
    people = _run(accounts.everyone)
    if not people:
        click.echo("There is no account yet. `python -m supportbot staff add EMAIL` opens the first one.")
    for person in people:
        click.echo(f"{person.email}  {person.name}  {person.role.value}{_since(person)}")


@staff.command()
@click.argument("email")
@password_stdin
def password(email: str, password_stdin: bool) -> None:
    """Give EMAIL another password and sign it out everywhere."""
    chosen = _read_password() if password_stdin else None
    made_up = _run(lambda database: accounts.set_password(database, email, chosen))
    click.echo("The password is changed, and this account is signed out everywhere.")
    _tell(made_up)


@staff.command()
@click.argument("email")
def disable(email: str) -> None:
    """Close the account of EMAIL and sign it out everywhere."""
    person = _run(lambda database: accounts.disable(database, email))
    click.echo(f"{person.email} can no longer sign in.")


@staff.command()
@click.argument("email")
def enable(email: str) -> None:
    """Open the disabled account of EMAIL again, with the password it had."""
    person = _run(lambda database: accounts.enable(database, email))
    click.echo(f"{person.email} can sign in again.")


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do the work on a database of the newest schema; a refusal becomes the command's error message."""
    try:
        chosen = settings()
        upgrade(chosen.sync_database_url)
        return asyncio.run(_with_database(work))
    except SupportError as refusal:
        raise click.ClickException(refusal.sentence) from None


async def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    database = Database.from_settings(settings())
    try:
        return await work(database)
    finally:
        await database.close()


def _read_password() -> str:
    return sys.stdin.readline().rstrip("\r\n")


def _tell(made_up: str | None) -> None:
    if made_up is not None:
        click.echo(f"Password: {made_up}")
        click.echo("It is shown only this once.")


def _since(person: Staff) -> str:
    return f"  disabled since {person.disabled_at:%Y-%m-%d}" if person.disabled_at else ""
