"""How a database goes about what the product asks: the plan of each statement, and what is bad in it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from supportbot.database import Database
from supportbot.settings import POSTGRESQL

EXPLAIN = {"sqlite": "EXPLAIN QUERY PLAN ", "postgresql": "EXPLAIN "}
GROWS = (
    "conversation|message|handoff|turn|visitor|outcome|conversation_tag|staff_read|mail_link"
    "|fts_said|fts_customer|rating|marked_wrong|evidence|gap_question"
)
"""The tables that grow without end: reading one of them whole is never right."""
# SQLite writes SCAN also for walking along an index, which is how a list stays in order.
_WHOLE = {
    "sqlite": re.compile(rf"SCAN ({GROWS})(_\d+)?\b(?! USING)"),
    "postgresql": re.compile(rf"Seq Scan on ({GROWS})\b"),
}
_SORTED = "TEMP B-TREE FOR ORDER BY"


class Statements:
    """The statements that were sent while this was listening.

    Of a `small` database PostgreSQL rightly reads some tables whole that it would not read at their real
    size; it is then asked what it would do if that were dear.
    """

    def __init__(self, database: Database, *, small: bool = False) -> None:
        self._database = database
        self._small = small
        self._sent: list[tuple[str, Any]] = []

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note every statement in the block."""
        engine = self._database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", self._note)
        try:
            yield
        finally:
            event.remove(engine, "before_cursor_execute", self._note)

    async def plans(self) -> dict[str, list[str]]:
        """What the database would do for each statement that reads or changes rows."""
        plans: dict[str, list[str]] = {}
        async with self._database.engine.connect() as connection:
            if self._small and self._database.kind == POSTGRESQL:
                await connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            for statement, parameters in self._sent:
                if statement.lstrip().startswith(("SELECT", "UPDATE", "WITH")):
                    explained = EXPLAIN[self._database.kind] + statement
                    lines = await connection.exec_driver_sql(explained, parameters)
                    plans[statement] = [str(line[-1]) for line in lines]
            await connection.rollback()
        return plans

    async def whole_tables(self, *, sorts_few: bool = False) -> list[str]:
        """Every line of a plan that reads or sorts a growing table whole, with its statement.

        A plan does not tell how much is sorted; with `sorts_few` the caller knows that it cannot be much.
        """
        whole = _WHOLE[self._database.kind]
        return [
            f"{line}: {sql}"
            for sql, lines in (await self.plans()).items()
            for line in lines
            if whole.search(line) or (_SORTED in line and not sorts_few)
        ]

    def _note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        self._sent.append((statement, parameters))
