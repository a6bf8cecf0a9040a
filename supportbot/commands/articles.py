"""`python -m supportbot articles …`: bring a help centre in, and see what is published."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import click

from supportbot.database import Database
from supportbot.errors import SupportError
from supportbot.knowledge.articles import listing
from supportbot.knowledge.importing import NothingToImport, import_folder
from supportbot.migrations import upgrade
from supportbot.settings import settings

T = TypeVar("T")


@click.group()
def articles() -> None:
    """Bring in the articles that answers rest on."""


@articles.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--collection", help="What to call these articles. Default: the folder's name.")
@click.option("--keep-sample", is_flag=True, help="Keep the articles of the fictional Acme as well.")
def import_(folder: Path, collection: str | None, keep_sample: bool) -> None:
    """Publish the Markdown files in FOLDER and below, and retire what has vanished from it since."""
    report = _run(
        lambda database: import_folder(database, folder, collection=collection, keep_sample=keep_sample)
    )
    click.echo(
        f"{report.added} added, {report.updated} updated, {report.unchanged} unchanged, "
        f"{report.retired} retired."
    )
    if report.sample_retired:
        click.echo(f"The {report.sample_retired} sample articles are retired.")
    _tell_skipped(report.skipped)


@articles.command("list")
def list_() -> None:
    """Show every published article."""
    published = _run(listing)
    if not published:
        click.echo("There are no articles yet. `python -m supportbot articles import FOLDER` brings some in.")
    for article in published:
        click.echo(f"{article.collection}  /help/{article.slug}  {article.title}")


def _run(work: Callable[[Database], Awaitable[T]]) -> T:
    """Do the work on a database of the newest schema; a refusal becomes the command's error message."""
    try:
        upgrade(settings().sync_database_url)
        return asyncio.run(_with_database(work))
    except NothingToImport as refusal:
        _tell_skipped(refusal.skipped)
        raise click.ClickException(refusal.sentence) from None
    except SupportError as refusal:
        raise click.ClickException(refusal.sentence) from None


async def _with_database(work: Callable[[Database], Awaitable[T]]) -> T:
    database = Database.from_settings(settings())
    try:
        return await work(database)
    finally:
        await database.close()


def _tell_skipped(skipped: list[tuple[str, str]]) -> None:
    for path, reason in skipped:
        click.echo(f"Skipped {path}: {reason}")
