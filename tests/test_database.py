"""What the database says when it refuses."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from supportbot.database import Database

pytestmark = pytest.mark.anyio


async def test_an_error_does_not_carry_what_a_customer_wrote(database: Database) -> None:
    with pytest.raises(DBAPIError) as refused:
        async with database.transaction() as session:
            connection = await session.connection()
            await connection.execute(
                text("INSERT INTO message (content) VALUES (:content)"), {"content": "my secret"}
            )

    assert "my secret" not in str(refused.value)
