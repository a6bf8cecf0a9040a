"""`python -m supportbot db`: look after the schema."""

import click

from supportbot.migrations import upgrade as upgrade_schema
from supportbot.settings import settings


@click.group()
def db() -> None:
    """Look after the database's schema."""


@db.command()
def upgrade() -> None:
    """Bring the schema up to date. The server does the same at every start."""
    upgrade_schema(settings().sync_database_url)
    click.echo("The database is up to date.")
