"""What a load balancer, and whoever is woken at night, is told."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from supportbot.database import Database
from supportbot.settings import Settings
from supportbot.web import addresses, health
from supportbot.web.health import health_routes

pytestmark = pytest.mark.anyio


@dataclass
class Redis:
    away: bool


@dataclass
class Desk:
    database: Database
    settings: Settings
    model_state: str = "none"
    redis: Redis | None = None


@pytest.fixture(autouse=True)
def _no_proxy_seen_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_forwarding_ignored", False)


@pytest.fixture
async def probe(database: Database, settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    async with probing(Desk(database, settings)) as client:
        yield client


def probing(desk: Desk) -> httpx2.AsyncClient:
    app = Starlette(routes=health_routes(lambda: desk))
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost")


def unreachable(settings: Settings) -> Desk:
    url = "postgresql://sam:hunter2@127.0.0.1:1/nowhere"
    away = settings.model_copy(update={"database_url": url})
    return Desk(Database.from_settings(away), away)


async def test_a_live_process_is_healthy(probe: httpx2.AsyncClient) -> None:
    answer = await probe.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["cache-control"] == "no-store"


async def test_a_worker_says_that_redis_answers(database: Database, settings: Settings) -> None:
    async with probing(Desk(database, settings, redis=Redis(away=False))) as probe:
        answer = await probe.get("/ready")

    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ok", "database": "ok", "model": "none", "redis": "ok"},
    )


async def test_a_worker_without_redis_stays_in_rotation_and_says_what_is_worse(
    database: Database, settings: Settings
) -> None:
    async with probing(Desk(database, settings, redis=Redis(away=True))) as probe:
        answer = await probe.get("/ready")

    told = answer.json()
    assert (answer.status_code, told["status"], told["redis"]) == (200, "degraded", "unreachable")
    assert "answered from the articles" in told["warnings"][0]


async def test_a_process_that_reaches_its_database_is_ready(probe: httpx2.AsyncClient) -> None:
    answer = await probe.get("/ready")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "database": "ok", "model": "none"})
    assert answer.headers["cache-control"] == "no-store"


async def test_without_its_database_it_is_healthy_but_not_ready_and_tells_no_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    desk = unreachable(Settings(_env_file=None))
    async with probing(desk) as probe:
        alive, ready = await probe.get("/health"), await probe.get("/ready")

    assert alive.status_code == 200
    assert ready.status_code == 503
    assert ready.json() == {"status": "unavailable", "database": "unreachable", "model": "none"}
    assert "The database cannot be reached" in caplog.text
    assert "hunter2" not in caplog.text


@pytest.mark.parametrize("state", ["ok", "resting", "misconfigured"])
async def test_how_the_model_is_doing_is_told_and_takes_nobody_out_of_service(
    database: Database, settings: Settings, state: str
) -> None:
    async with probing(Desk(database, settings, state)) as probe:
        answer = await probe.get("/ready")

    assert (answer.status_code, answer.json()["model"]) == (200, state)


async def test_a_database_somebody_else_has_locked_is_not_ready(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.2)
    path = tmp_path / "locked.db"
    path.write_bytes(sqlite_template.read_bytes())
    locked = Settings(_env_file=None, database_url=f"sqlite:///{path}")
    desk = Desk(Database.from_settings(locked), locked)
    somebody = sqlite3.connect(path)
    async with probing(desk) as probe:
        assert (await probe.get("/ready")).status_code == 200
        somebody.execute("BEGIN IMMEDIATE")

        assert (await probe.get("/ready")).status_code == 503

        somebody.rollback()
        assert (await probe.get("/ready")).status_code == 200
    somebody.close()
    await desk.database.close()


async def test_a_database_file_that_is_no_database_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "broken.db").write_text("This is a shopping list, and a long one. " * 100)
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/broken.db")
    desk = Desk(Database.from_settings(settings), settings)
    async with probing(desk) as probe:
        assert (await probe.get("/ready")).status_code == 503
    await desk.database.close()


async def test_a_database_that_hangs_is_given_up_on(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "PATIENCE", 0.01)
    monkeypatch.setattr(database, "ping", asyncio.Event().wait)
    async with probing(Desk(database, settings)) as probe:
        assert (await probe.get("/ready")).status_code == 503


async def test_an_undeclared_proxy_is_warned_about(probe: httpx2.AsyncClient) -> None:
    forwarded = await probe.get("/ready", headers={"X-Forwarded-For": "192.0.2.1"})
    later = await probe.get("/ready")

    for answer in (forwarded, later):
        assert answer.status_code == 200
        assert answer.json()["warnings"] == [health.FORWARDING_IGNORED]


async def test_a_declared_proxy_is_not_warned_about(database: Database, settings: Settings) -> None:
    declared = settings.model_copy(update={"trusted_proxy_hops": 1})
    async with probing(Desk(database, declared)) as probe:
        answer = await probe.get("/ready", headers={"X-Forwarded-For": "192.0.2.1"})

    assert "warnings" not in answer.json()
