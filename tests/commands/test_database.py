"""The schema from a terminal."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import create_engine, inspect

from supportbot.commands import database
from supportbot.settings import Settings


def test_upgrading_twice_leaves_a_schema_that_is_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/new.db")
    monkeypatch.setattr(database, "settings", lambda: settings)

    for _ in range(2):
        done = CliRunner().invoke(database.db, ["upgrade"])
        assert done.output == "The database is up to date.\n"

    assert "conversation" in inspect(create_engine(settings.sync_database_url)).get_table_names()
