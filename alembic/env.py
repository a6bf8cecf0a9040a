"""How the `alembic` command reaches the database; the app's own start hands its connection over."""

from alembic import context

from supportbot.migrations import configure, engine
from supportbot.settings import settings

handed_over = context.config.attributes.get("connection")
if handed_over is not None:
    configure(context, handed_over)
    context.run_migrations()
else:
    with engine(settings().sync_database_url).begin() as connection:
        configure(context, connection)
        context.run_migrations()
