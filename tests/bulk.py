"""Many rows at once, by the shortest way each driver has: a hundred thousand in a second or two."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import islice
from typing import Any
from uuid import UUID

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

from supportbot.database import Database
from supportbot.migrations import ROOT
from supportbot.settings import POSTGRESQL

AT_ONCE = 20_000
PATIENCE = 900
"""Seconds for a statement that writes everything."""
_SEARCHED = ("message", "conversation", "conversation_tag", "visitor")
"""The tables whose triggers keep the search's index."""

Rows = Iterator[dict[str, Any]]


async def insert(database: Database, tables: dict[type[SQLModel], Rows]) -> None:
    """Insert rows into tables, in this order; what a row does not say is the model's default."""
    write = _copy if database.kind == POSTGRESQL else _insert
    async with database.engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for table, rows in tables.items():
            fields = table.model_fields
            defaults = {name: field.get_default(call_default_factory=True) for name, field in fields.items()}
            values = (tuple({**defaults, **row}.values()) for row in rows)
            await write(driver, str(table.__tablename__), list(fields), values)


@dataclass(frozen=True, slots=True)
class Triggers:
    """The statements that stop the database from keeping the search's index, and let it do so again."""

    off: list[str]
    on: list[str]


async def triggers_of_search(database: Database) -> Triggers:
    """How to do without them for a while."""
    if database.kind == POSTGRESQL:
        on = [f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in _SEARCHED]
        return Triggers([one.replace("ENABLE", "DISABLE") for one in on], on)
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> 'passage'"
    async with database.engine.connect() as connection:
        named = [(str(name), str(sql)) for name, sql in await connection.exec_driver_sql(query)]
    return Triggers([f"DROP TRIGGER {name}" for name, _ in named], [sql for _, sql in named])


@asynccontextmanager
async def searchable_at_the_end(database: Database) -> AsyncIterator[None]:
    """Build the search's index after the block and at once, as the migration does: many times quicker."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "alembic"))
    migration = ScriptDirectory.from_config(config).get_revision("0006").module
    triggers = await triggers_of_search(database)
    await execute(database, *triggers.off)
    if database.kind == POSTGRESQL:
        await execute(database, "DROP INDEX fts_said_words, fts_customer_words")
        backfill = [*migration.postgresql_backfill(), *migration.postgresql_word_indices()]
    else:
        backfill = list(migration.sqlite_backfill())
    yield
    await execute(database, *backfill, *triggers.on)


async def analyze(database: Database) -> None:
    """Let the database count what it holds, as it would at night."""
    await execute(database, "VACUUM ANALYZE" if database.kind == POSTGRESQL else "ANALYZE")


async def execute(database: Database, *statements: str) -> None:
    """Execute them one after the other, however long that takes."""
    async with database.engine.connect() as connection:
        if database.kind != POSTGRESQL:
            for statement in statements:
                await connection.exec_driver_sql(statement)
            await connection.commit()
            return
        driver: Any = (await connection.get_raw_connection()).driver_connection
        for statement in statements:
            await driver.execute(statement, timeout=PATIENCE)


async def _copy(driver: Any, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    while batch := [[_json(value) for value in row] for row in islice(rows, AT_ONCE)]:
        await driver.copy_records_to_table(table, records=batch, columns=columns, timeout=PATIENCE)


async def _insert(driver: Any, table: str, columns: Sequence[str], rows: Iterator[Sequence[Any]]) -> None:
    named = ", ".join(f'"{column}"' for column in columns)
    statement = f"INSERT INTO {table} ({named}) VALUES ({', '.join('?' * len(columns))})"
    await driver.execute("BEGIN IMMEDIATE")
    while batch := [[_plain(value) for value in row] for row in islice(rows, AT_ONCE)]:
        await driver.executemany(statement, batch)
    await driver.execute("COMMIT")


def _json(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _plain(value: Any) -> Any:
    """As SQLAlchemy writes it to SQLite."""
    if isinstance(value, UUID):
        return value.hex
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat(" ", "microseconds")
    return str(value) if isinstance(value, Decimal) else _json(value)
