"""SQLite beside the loop, at one thread hop a statement.

aiosqlite runs every call in the connection's own thread, and SQLAlchemy makes four for each statement: make a
cursor, execute, fetch, close. Each costs the loop more than the statement costs SQLite, and a customer's
message takes some fifty statements. Here all four are one call.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import aiosqlite

Parameters = Sequence[Any]
_FETCH_AT_ONCE = 64
"""aiosqlite's own default, for whoever iterates over one of its cursors; nobody here does."""


@dataclass(frozen=True, slots=True)
class _Result:
    description: Any = None
    rows: Sequence[Any] = ()
    rowcount: int = -1
    lastrowid: int | None = None


class Cursor:
    """What SQLAlchemy asks of a cursor, answered from the statement's result."""

    def __init__(self, run: Callable[..., Any]) -> None:
        self._run = run
        self._result = _Result()
        self.arraysize = 1

    @property
    def description(self) -> Any:
        """The columns of the result, or None if the statement has none."""
        return self._result.description

    @property
    def rowcount(self) -> int:
        """How many rows the statement changed, or -1."""
        return self._result.rowcount

    @property
    def lastrowid(self) -> int | None:
        """The row inserted last."""
        return self._result.lastrowid

    async def execute(self, statement: str, parameters: Parameters = ()) -> "Cursor":
        """Execute a statement and fetch everything it returns."""
        self._result = await self._run(sqlite3.Cursor.execute, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Iterable[Parameters]) -> "Cursor":
        """Execute a statement once for each set of parameters."""
        self._result = await self._run(sqlite3.Cursor.executemany, statement, parameters)
        return self

    async def fetchall(self) -> Sequence[Any]:
        """The rows of the result."""
        return self._result.rows

    async def close(self) -> None:
        """Nothing is left open that could be closed."""

    async def __aenter__(self) -> "Cursor":
        return self


class Connection(aiosqlite.Connection):
    """A connection whose cursors are as above; everything else is aiosqlite's."""

    def cursor(self) -> Cursor:  # type: ignore[override]
        """A cursor, without a hop: it is made when it executes something."""
        return Cursor(partial(self._execute, self._whole))

    def _whole(self, act: Callable[..., Any], statement: str, parameters: Any) -> _Result:
        """In the connection's thread: a statement from its beginning to its last row."""
        cursor = self._conn.cursor()
        try:
            act(cursor, statement, parameters)
            rows = cursor.fetchall() if cursor.description else ()
            return _Result(cursor.description, rows, cursor.rowcount, cursor.lastrowid)
        finally:
            cursor.close()


def connect(database: str, **options: Any) -> Connection:
    """A connection that opens when it is awaited; the options are those of `sqlite3.connect`."""
    connection = Connection(partial(sqlite3.connect, database, **options), _FETCH_AT_ONCE)
    # As SQLAlchemy does with aiosqlite's own: a process must be able to end with connections open.
    connection._thread.daemon = True
    return connection
