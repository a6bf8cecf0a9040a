"""The migrations and the models say the same, on both databases, also when two processes start at once."""

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine
from sqlmodel import SQLModel

from supportbot.migrations import ROOT, visible
from supportbot.settings import Settings
from tests.conftest import create_postgres_database


def test_models_and_migrations_agree(settings: Settings) -> None:
    engine = create_engine(settings.sync_database_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "include_name": visible, "target_metadata": SQLModel.metadata},
        )
        differences = compare_metadata(context, SQLModel.metadata)
    engine.dispose()

    assert differences == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_three_processes_may_start_on_an_empty_database_at_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: object
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/fresh.db"
    else:
        url = create_postgres_database(request.getfixturevalue("postgres_server"), "started_at_once")
    sync_url = Settings(database_url=url).sync_database_url
    migrate = f"from supportbot.migrations import upgrade; upgrade({sync_url!r})"

    started = [
        subprocess.Popen([sys.executable, "-c", migrate], cwd=ROOT, stderr=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    complaints = [process.communicate(timeout=60)[1] for process in started]

    assert [process.returncode for process in started] == [0, 0, 0], complaints
