"""The database: SQLite in WAL mode or PostgreSQL, one way to read and one to write.

`reading()` and `transaction()` are the only ways in. A transaction on SQLite begins with BEGIN
IMMEDIATE, because a read that later turns into a write fails with "database is locked" without
waiting; and writers of one process queue on a lock here, in order, instead of polling the file.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from math import inf
from typing import Any, TypeVar

from sqlalchemy import event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot import sqlite as one_hop
from supportbot.settings import POSTGRESQL, SQLITE, Settings

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 5_000
"""How long a SQLite write waits for another process's write."""

POSTGRESQL_CONNECT_SECONDS = 5.0
POSTGRESQL_SECONDS = 20.0
"""How long a server that has accepted the connection may think about one statement."""
TRY_AGAIN_AFTER = (0.1, 0.5, 2.0)
"""Seconds between tries while the database is locked or away."""

_BEGIN = "sqlite_begin"
T = TypeVar("T")


class Database:
    """One engine and the two kinds of sessions made from it. Build it inside the running loop."""

    def __init__(self, url: str) -> None:
        self.kind = POSTGRESQL if url.startswith(POSTGRESQL) else SQLITE
        self.engine = _engine(url, self.kind)
        reading, writing = self.engine, self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        if self.kind == POSTGRESQL:
            # By default PostgreSQL takes a new snapshot for each statement, SQLite one for all.
            reading = self.engine.execution_options(isolation_level="REPEATABLE READ")
        self.info: dict[str, Any] = {}
        """What every session of this database carries along as `session.info`."""
        self._read, self._write = (
            async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False, info=self.info)
            for engine in (reading, writing)
        )
        self._writer = asyncio.Lock() if self.kind == SQLITE else None

    @classmethod
    def from_settings(cls, settings: Settings) -> "Database":
        """The database the settings name."""
        return cls(settings.async_database_url)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for queries. What it reads is one snapshot; nothing it changes is kept."""
        async with self._read() as session:
            yield session

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A session whose changes are committed together, or not at all when the block raises."""
        if self._writer is None:
            async with self._write() as session, session.begin():
                yield session
            return
        async with self._writer, self._write() as session, session.begin():
            yield session

    async def ping(self) -> None:
        """Raise whatever the driver raises when the database cannot be reached, or written to."""
        # Somebody who locks a SQLite file lets others read it; nobody can be served with that.
        engine = self.engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        async with engine.connect() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


async def patiently(
    work: Callable[[], Awaitable[T]],
    *,
    within: float = inf,
    pauses: Sequence[float] = TRY_AGAIN_AFTER,
) -> T:
    """Do something with the database, again if it is locked or away for a moment.

    Args:
        work: What to do. It may have happened although it raised, so it must bear being done twice.
        within: Seconds after which no further try begins.
        pauses: Seconds between the tries.
    """
    began = asyncio.get_running_loop().time()
    for pause in pauses:
        try:
            return await work()
        except (DBAPIError, OSError):
            if asyncio.get_running_loop().time() + pause > began + within:
                raise
            log.warning("the database refuses; trying again in %s s", pause)
            await asyncio.sleep(pause)
    return await work()


async def add_once(session: AsyncSession, table: type[SQLModel], **values: Any) -> bool:
    """Insert a row unless one with the same unique values exists, without spoiling the transaction.

    Returns:
        Whether the row is new.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == POSTGRESQL else sqlite.insert
    row = table(**values).model_dump()
    done = await session.exec(insert(table).values(**row).on_conflict_do_nothing())
    return bool(done.rowcount == 1)


def _engine(url: str, kind: str) -> AsyncEngine:
    # Parameters hold what customers wrote: an error must not carry them into the log.
    if kind == POSTGRESQL:
        return create_async_engine(
            url,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=10,
            connect_args={"timeout": POSTGRESQL_CONNECT_SECONDS, "command_timeout": POSTGRESQL_SECONDS},
        )
    options = {"timeout": BUSY_TIMEOUT_MS / 1000, "async_creator_fn": one_hop.connect}
    engine = create_async_engine(url, hide_parameters=True, connect_args=options, pool_size=10)
    event.listen(engine.sync_engine, "connect", _prepare_sqlite)
    event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver must not send its own BEGIN: ours says whether the transaction will write.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))
