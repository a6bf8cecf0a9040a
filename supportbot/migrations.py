"""Bring the database to the newest schema, safely when several processes start at once.

The loser of an unguarded race would crash on "table already exists", so everybody queues on a lock
that the operating system or the server releases when its holder dies.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.operations.ops import UpgradeOps
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult
from sqlalchemy import Connection, Engine, create_engine, text
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

from supportbot.models import UtcDateTime
from supportbot.settings import SQLITE

ROOT = Path(__file__).resolve().parent.parent
ADVISORY_LOCK = 7_305_001
"""Any constant number will do, as long as every process uses the same one."""

HIDDEN = "fts_"
"""Full-text tables and indexes carry this prefix; the comparison with the models skips them."""


def upgrade(url: str) -> None:
    """Apply every migration that is missing. Blocks until whoever does the same has finished.

    Args:
        url: The database's URL with a synchronous driver.
    """
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "alembic"))
    database = engine(url)
    try:
        with _alone(database) as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
    finally:
        database.dispose()


def engine(url: str) -> Engine:
    """A synchronous engine for migrations."""
    return create_engine(url)


def _leave_full_text_alone(
    _context: AutogenContext, operations: UpgradeOps, _schemas: set[str | None]
) -> PriorityDispatchResult:
    """Keep hand-written full-text tables out of every comparison, `reflex db makemigrations` included.

    Reflex configures its comparisons itself, so the name filter below does not reach them; without this
    it would propose to drop the index.
    """
    operations.ops[:] = [
        operation
        for operation in operations.ops
        if not str(getattr(operation, "table_name", "")).startswith(HIDDEN)
    ]
    return PriorityDispatchResult.CONTINUE


# Only plugins below this name take part in comparisons that do not list theirs.
Plugin("alembic.autogenerate.supportbot_full_text").add_autogenerate_comparator(
    _leave_full_text_alone, "schema", priority=DispatchPriority.LAST
)


def configure(context: EnvironmentContext, connection: Connection) -> None:
    """Tell Alembic what to compare and how to write it."""
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        render_as_batch=True,
        compare_type=True,
        include_name=visible,
        render_item=_plain_types,
    )


def visible(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether Alembic should compare this table or index: full-text ones are written by hand."""
    return kind not in ("table", "index") or not (name or "").startswith(HIDDEN)


def _plain_types(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    # A migration must keep working when models.py has moved on, so it names SQLAlchemy's own types.
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String(length={item.length})"
    return False


@contextmanager
def _alone(database: Engine) -> Iterator[Connection]:
    if database.dialect.name == SQLITE:
        with _file_lock(Path(str(database.url.database) + ".migrating")), database.connect() as connection:
            yield connection
        return
    with database.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ADVISORY_LOCK})
        # The lock belongs to the session, so it outlives this commit and ends with the connection.
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": ADVISORY_LOCK})
            connection.commit()


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
