"""The migrations and the models say the same, on both databases, also when two processes start at once."""

import subprocess
import sys

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, create_engine, text
from sqlmodel import SQLModel

from supportbot.ids import new_id, now
from supportbot.migrations import ROOT, upgrade, visible
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


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_articles_from_before_there_were_versions_keep_their_words_and_only_published_ones_are_found(
    kind: str, request: pytest.FixtureRequest, tmp_path: object
) -> None:
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path}/old.db"
    else:
        url = create_postgres_database(request.getfixturevalue("postgres_server"), "from_before_versions")
    url = Settings(database_url=url).sync_database_url
    engine = create_engine(url)
    with engine.begin() as connection:
        config = Config(str(ROOT / "alembic.ini"))
        config.set_main_option("script_location", str(ROOT / "alembic"))
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
    tables = MetaData()
    tables.reflect(engine, only=["article", "passage"])
    with engine.begin() as connection:
        for number, (slug, retired) in enumerate([("refunds", None), ("telex", now())]):
            article = new_id().hex
            words = {"title": slug, "description": "", "body": f"About {slug}.", "language": "en"}
            of_files = {"collection": "docs", "path": f"{slug}.md", "slug": slug, "content_hash": ""}
            times = {"created_at": now(), "updated_at": now(), "retired_at": retired}
            connection.execute(
                tables.tables["article"].insert().values(id=article, **words, **of_files, **times)
            )
            passage = {
                "id": number + 1,
                "position": 0,
                "heading": "",
                "anchor": "",
                "body": "",
                "terms": slug,
            }
            connection.execute(tables.tables["passage"].insert().values(article_id=article, **passage))

    upgrade(url)

    with engine.connect() as connection:
        versions = connection.execute(
            text(
                "SELECT slug, state, article_version.body, terms FROM article"
                " JOIN article_version ON article_version.article_id = article.id"
                " LEFT JOIN passage ON passage.article_id = article.id ORDER BY slug"
            )
        ).all()
    engine.dispose()
    assert [tuple(row) for row in versions] == [
        ("refunds", "published", "About refunds.", "refunds"),
        ("telex", "retired", "About telex.", None),
    ]
