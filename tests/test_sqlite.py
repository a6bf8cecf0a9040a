"""SQLite at one thread hop a statement: SQLAlchemy finds in it what it would find in aiosqlite."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from supportbot import sqlite

pytestmark = pytest.mark.anyio


@pytest.fixture
async def connection(tmp_path: Path) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(
        f"sqlite+aiosqlite:///{tmp_path}/small.db", connect_args={"async_creator_fn": sqlite.connect}
    )
    async with engine.connect() as connection:
        await connection.execute(text("CREATE TABLE word (id INTEGER PRIMARY KEY, said TEXT UNIQUE)"))
        yield connection
        await connection.rollback()
    await engine.dispose()


async def insert(connection: AsyncConnection, *words: str) -> Any:
    rows = [{"said": word} for word in words]
    return await connection.execute(text("INSERT INTO word (said) VALUES (:said)"), rows)


async def test_rows_columns_and_counts(connection: AsyncConnection) -> None:
    await insert(connection, "one", "two", "three")

    changed = await connection.execute(text("UPDATE word SET said = said || '!' WHERE id > 1"))
    found = await connection.execute(text("SELECT id, said FROM word ORDER BY id"))

    assert changed.rowcount == 2
    assert list(found.keys()) == ["id", "said"]
    assert [tuple(row) for row in found] == [(1, "one"), (2, "two!"), (3, "three!")]


async def test_many_at_once_are_counted_together(connection: AsyncConnection) -> None:
    await insert(connection, "one", "two", "three")

    told = await connection.execute(
        text("UPDATE word SET said = :said WHERE id = :id"),
        [{"id": 1, "said": "eins"}, {"id": 2, "said": "zwei"}, {"id": 9, "said": "neun"}],
    )

    assert told.rowcount == 2


async def test_what_a_change_returns(connection: AsyncConnection) -> None:
    returned = await connection.execute(text("INSERT INTO word (said) VALUES ('one') RETURNING id, said"))

    assert [tuple(row) for row in returned] == [(1, "one")]


async def test_an_insert_tells_the_row_it_made(connection: AsyncConnection) -> None:
    inserted = await connection.exec_driver_sql("INSERT INTO word (said) VALUES ('one')")

    assert inserted.lastrowid == 1


async def test_a_query_without_rows_has_columns_all_the_same(connection: AsyncConnection) -> None:
    nothing = await connection.execute(text("SELECT id FROM word"))

    assert list(nothing.keys()) == ["id"]
    assert nothing.all() == []


async def test_errors_are_sqlalchemys_own(connection: AsyncConnection) -> None:
    await insert(connection, "one")

    with pytest.raises(IntegrityError):
        await insert(connection, "one")
    with pytest.raises(OperationalError):
        await connection.execute(text("SELECT nothing FROM nowhere"))
    assert (await connection.execute(text("SELECT count(*) FROM word"))).scalar() == 1


async def test_a_statement_is_one_hop(connection: AsyncConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    hops: list[Any] = []
    hop = sqlite.Connection._execute

    async def noting(self: sqlite.Connection, act: Any, *arguments: Any) -> Any:
        hops.append(act)
        return await hop(self, act, *arguments)

    monkeypatch.setattr(sqlite.Connection, "_execute", noting)
    await insert(connection, "one", "two")
    (await connection.execute(text("SELECT said FROM word"))).all()

    assert len(hops) == 2
