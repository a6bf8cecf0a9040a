"""`python -m supportbot`: what is done from a terminal."""

import click

from supportbot.commands.articles import articles
from supportbot.commands.database import db
from supportbot.commands.demo import demo
from supportbot.commands.settings import settings
from supportbot.commands.staff import staff
from supportbot.errors import SupportError


@click.group()
def cli() -> None:
    """Look after a supportbot: articles, settings, staff, demonstration data."""


cli.add_command(articles)
cli.add_command(db)
cli.add_command(demo)
cli.add_command(settings)
cli.add_command(staff)


def main() -> None:
    """Run the command line; a refusal is a sentence, not a traceback."""
    try:
        cli()
    except SupportError as refusal:
        raise SystemExit(refusal.sentence) from None


if __name__ == "__main__":
    main()
