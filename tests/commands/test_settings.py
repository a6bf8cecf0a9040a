"""`python -m supportbot settings …`, as somebody types it who cannot open the page."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from supportbot import settings as settings_module
from supportbot.commands.settings import settings
from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.house import versions
from supportbot.settings import Settings

SENDING = {
    "mail_host": "mail.acme.example",
    "mail_user": "support",
    "mail_password": "open sesame",
    "mail_from": "support@acme.example",
}


@pytest.fixture(autouse=True)
def _settings_of_the_command(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("COMPANY_NAME", "Initech")
    settings_module.settings.cache_clear()
    yield
    settings_module.settings.cache_clear()


def command(*arguments: str) -> Result:
    return CliRunner().invoke(settings, arguments)


def on(database_url: str, work: Callable[[Database], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        database = Database.from_settings(Settings(_env_file=None, database_url=database_url))
        try:
            return await work(database)
        finally:
            await database.close()

    return asyncio.run(run())


def save(database_url: str, section: str, content: dict[str, Any], over: int) -> None:
    on(
        database_url,
        lambda database: versions.save(database, MemoryLive(), section, content, None, over=over),
    )


def test_it_shows_what_is_in_effect_of_one_section_or_of_all() -> None:
    one, every = command("show", "company"), command("show")

    assert "company (version 0)\n  The company's name: Initech" in one.output
    assert one.output in every.output
    assert "Monday 09:00–17:00" in every.output
    assert every.exit_code == 0


def test_it_never_shows_a_secret(database_url: str) -> None:
    save(database_url, "sending", SENDING, 0)

    shown = command("show").output + command("history", "sending").output

    assert "The password of the mail server: set" in shown
    assert "open sesame" not in shown


def test_a_change_is_taken_back(database_url: str) -> None:
    save(database_url, "company", {"name": "Birch"}, 0)
    save(database_url, "company", {"name": "Cedar"}, 1)

    restored = command("restore", "company", "1")

    assert "Version 3 of company is in effect" in restored.output
    assert "The company's name: Birch" in command("show", "company").output
    newest, *_, oldest = command("history", "company").output.splitlines()
    assert newest.startswith("3  ")
    assert newest.endswith("The command line  restored from 1")
    assert oldest == "0  what the server started with"


def test_what_the_server_started_with_comes_back(database_url: str) -> None:
    save(database_url, "company", {"name": "Birch"}, 0)

    command("restore", "company", "0")

    assert "The company's name: Initech" in command("show", "company").output


def test_what_is_not_there_is_a_sentence() -> None:
    missing, unknown = command("restore", "company", "7"), command("show", "secrets")

    assert "There is no such version of these settings." in missing.output
    assert (missing.exit_code, unknown.exit_code) == (1, 2)
