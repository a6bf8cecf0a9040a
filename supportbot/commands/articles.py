"""`python -m supportbot articles …`: bring a help centre in, and see what is published."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import click

from supportbot.database import Database
from supportbot.errors import SupportError
from supportbot.knowledge.announcing import Announcement, Line, Mark
from supportbot.knowledge.articles import listing
from supportbot.knowledge.gathering import Gathered, gather
from supportbot.knowledge.importing import (
    NothingToImport,
    announce,
    bundle_of,
    carry_out,
    collection_name,
    refuse_nothing,
)
from supportbot.knowledge.progress import Told
from supportbot.migrations import upgrade
from supportbot.settings import settings

T = TypeVar("T")

MOST_LINES = 40
"""Articles of a list that are named; of the others it says how many there are."""
_MARKS = {Mark.NONE: "", Mark.EDITED: "  (edited here since the last import)", Mark.AGAIN: "  (was retired)"}


@click.group()
def articles() -> None:
    """Bring in the articles that answers rest on."""


@articles.command("import")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--collection", help="What to call these articles. Default: the name of the folder or archive.")
@click.option("--keep-sample", is_flag=True, help="Keep the articles of the fictional Acme as well.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask, also when articles are retired or edits replaced.")
def import_(
    paths: tuple[Path, ...], collection: str | None, keep_sample: bool, dry_run: bool, yes: bool
) -> None:
    """Publish the articles in PATHS: folders, zip archives, or single files.

    Markdown, HTML, PDF, and CSV with questions and answers are read. A folder or an archive is a whole
    collection: what has vanished from it since the last import is retired. Single files add and update only.
    """
    _run(
        lambda database: _bring_in(
            database, paths, collection, keep_sample=keep_sample, dry_run=dry_run, yes=yes
        )
    )


@articles.command("list")
def list_() -> None:
    """Show every published article."""
    published = _run(listing)
    if not published:
        click.echo("There are no articles yet. `python -m supportbot articles import FOLDER` brings some in.")
    for article in published:
        click.echo(f"{article.collection}  /help/{article.slug}  {article.title}")


async def _bring_in(
    database: Database,
    paths: tuple[Path, ...],
    collection: str | None,
    *,
    keep_sample: bool,
    dry_run: bool,
    yes: bool,
) -> None:
    gathered = await _gathered(paths)
    name = collection_name(collection or gathered.name)
    bundle = bundle_of(name, gathered.articles, whole=gathered.whole, keep_sample=keep_sample)
    plan = await announce(database, bundle)
    if dry_run or not plan.changes_nothing:
        _tell_plan(plan)
    if not dry_run:
        _ask(plan, yes=yes)
        with _progress("Importing") as told:
            _tell_done(await carry_out(database, bundle, agreed=plan, told=told))
    _tell_left_out(gathered)


async def _gathered(paths: tuple[Path, ...]) -> Gathered:
    for path in paths:
        if not path.exists():
            raise NothingToImport(f"There is no {'file' if path.suffix else 'folder'} {path}.")
    with _progress("Reading") as told:
        gathered = await gather(paths, told)
    refuse_nothing(gathered)
    return gathered


def _ask(plan: Announcement, *, yes: bool) -> None:
    """A person is asked; a script is not, and must say that it means to take something away."""
    if yes or plan.changes_nothing:
        return
    if sys.stdin.isatty():
        click.confirm("Import this?", default=not plan.takes_away, abort=True)
    elif plan.takes_away:
        raise click.ClickException(
            "Articles would be retired, or edits replaced, and nobody is here to ask. Nothing was changed; "
            "--yes does it, --dry-run only looks."
        )


@contextmanager
def _progress(label: str) -> Iterator[Told]:
    """A bar, where there is somebody who sees it."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    with click.progressbar(length=1, label=label, file=sys.stderr) as bar:

        def told(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        yield told


def _tell_plan(plan: Announcement) -> None:
    for heading, lines in (
        ("To be added", plan.added),
        ("To be updated", plan.updated),
        ("To be retired", plan.retired),
    ):
        if lines:
            click.echo(f"{heading}:")
            _tell_lines(lines)
    if plan.sample:
        click.echo(f"The {plan.sample} sample articles of the fictional Acme would be retired.")
    if plan.changes_nothing:
        click.echo("Nothing would change.")


def _tell_lines(lines: tuple[Line, ...]) -> None:
    for line in sorted(lines, key=lambda one: not one.mark)[:MOST_LINES]:
        click.echo(f"  {line.path}  {line.title}{_MARKS[line.mark]}")
    if len(lines) > MOST_LINES:
        click.echo(f"  and {len(lines) - MOST_LINES} more")


def _tell_done(done: Announcement) -> None:
    click.echo(
        f"{len(done.added)} added, {len(done.updated)} updated, {done.unchanged} unchanged, "
        f"{len(done.retired)} retired."
    )
    if done.sample:
        click.echo(f"The {done.sample} sample articles are retired.")


def _tell_left_out(gathered: Gathered) -> None:
    for path, count in gathered.pictures.items():
        click.echo(f"Without its {'picture' if count == 1 else f'{count} pictures'}: {path}")
    _tell_skipped([(file.path, file.reason) for file in gathered.skipped])


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
