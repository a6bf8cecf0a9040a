"""`python -m supportbot staff …`, as somebody types it."""

import asyncio
from collections.abc import Iterator

import pytest
from click.testing import CliRunner, Result

from supportbot import settings as settings_module
from supportbot.commands.staff import staff
from supportbot.database import Database
from supportbot.models import Staff
from supportbot.settings import Settings
from supportbot.staff import accounts, passwords


@pytest.fixture(autouse=True)
def _settings_of_the_command(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("DATABASE_URL", database_url)
    settings_module.settings.cache_clear()
    yield
    settings_module.settings.cache_clear()


def command(*arguments: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(staff, arguments, input=typed)


def people(database_url: str) -> list[Staff]:
    async def read() -> list[Staff]:
        database = Database.from_settings(Settings(_env_file=None, database_url=database_url))
        try:
            return await accounts.everyone(database)
        finally:
            await database.close()

    return asyncio.run(read())


def opens(password: str, person: Staff) -> bool:
    return asyncio.run(passwords.matches(password, person.password_hash))


def told_password(result: Result) -> str:
    (line,) = [line for line in result.output.splitlines() if line.startswith("Password: ")]
    return line.removeprefix("Password: ")


def test_the_first_account_is_an_admins_and_its_password_is_printed(database_url: str) -> None:
    result = command("add", "Sam@Example.com")

    assert result.exit_code == 0
    assert "Sam <sam@example.com> can sign in as admin." in result.output
    (sam,) = people(database_url)
    assert opens(told_password(result), sam)


def test_a_password_from_standard_input_is_used_and_not_printed(database_url: str) -> None:
    result = command("add", "sam@example.com", "--password-stdin", typed="correct horse battery\r\nmore\n")

    assert "Password" not in result.output
    assert "correct horse" not in result.output
    (sam,) = people(database_url)
    assert opens("correct horse battery", sam)


def test_name_and_role_may_be_given(database_url: str) -> None:
    command("add", "sam@example.com")
    command("add", "ann@example.com", "--name", "Ann of Sales", "--role", "admin")
    command("add", "joe@example.com")

    told = [(person.name, person.role.value) for person in people(database_url)]
    assert told == [("Ann of Sales", "admin"), ("Joe", "agent"), ("Sam", "admin")]


@pytest.mark.parametrize(
    ("arguments", "typed", "sentence"),
    [
        (["add", "sam"], None, "does not look like an e-mail address"),
        (["add", "sam@example.com", "--password-stdin"], "short\n", "A password needs 10 to 200 characters"),
        (["add", "sam@example.com", "--password-stdin"], "", "A password needs 10 to 200 characters"),
        (["password", "nobody@example.com"], None, "There is no account with this e-mail address"),
        (["disable", "nobody@example.com"], None, "There is no account with this e-mail address"),
    ],
)
def test_a_refusal_is_a_sentence_and_a_failure(
    arguments: list[str], typed: str | None, sentence: str, database_url: str
) -> None:
    result = command(*arguments, typed=typed)

    assert result.exit_code == 1
    assert sentence in result.output
    assert "Traceback" not in result.output
    assert people(database_url) == []


def test_settings_that_make_no_sense_are_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://localhost/x")

    result = command("list")

    assert result.exit_code == 1
    assert "DATABASE_URL: use sqlite:///FILE" in result.output


def test_the_list_says_who_is_disabled_and_what_to_do_when_empty() -> None:
    assert "staff add EMAIL" in command("list").output

    command("add", "sam@example.com")
    command("add", "ann@example.com", "--name", "Ann")
    assert "ann@example.com can no longer sign in." in command("disable", "ann@example.com").output

    ann, sam = command("list").output.splitlines()
    assert ann.startswith("ann@example.com  Ann  agent  disabled since 20")
    assert sam == "sam@example.com  Sam  admin"
    assert "ann@example.com can sign in again." in command("enable", "ann@example.com").output


def test_a_password_can_be_reset(database_url: str) -> None:
    first = told_password(command("add", "sam@example.com"))

    second = told_password(command("password", "sam@example.com"))

    (sam,) = people(database_url)
    assert opens(second, sam)
    assert not opens(first, sam)


def test_a_database_that_is_not_there_yet_is_made(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path}/new/fresh.db"
    monkeypatch.setenv("DATABASE_URL", url)

    assert command("add", "sam@example.com").exit_code == 0
    assert len(people(url)) == 1
