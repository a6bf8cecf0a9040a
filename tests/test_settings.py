"""What a server is started with: good on a laptop as it is, and nonsense refused with a sentence."""

from decimal import Decimal
from pathlib import Path

import pytest

from supportbot.errors import ConfigurationError
from supportbot.settings import Settings, read_settings

SECRET = "hunter2-CANARY"
WEBHOOK_SECRET = "whsec_Y2FuYXJ5LWNhbmFyeS1jYW5hcnktY2FuYXJ5"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """No setting of this machine's, and no `.env`."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    return monkeypatch


@pytest.fixture
def environment(empty_environment: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    return empty_environment


def test_everything_has_a_default_that_needs_no_key_and_no_server() -> None:
    settings = read_settings()

    assert settings.database_kind == "sqlite"
    assert not settings.has_model
    assert (settings.messages_per_minute, settings.turn_deadline) == (20, 90)


def test_several_workers_share_a_postgresql_and_a_redis(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "postgresql://db/supportbot")
    environment.setenv("REDIS_URL", " redis://cache:6379/0\n")
    environment.setenv("WORKERS", "4")

    settings = read_settings()

    assert (settings.workers, settings.redis_url) == (4, "redis://cache:6379/0")


def test_postgresql_alone_does_not_join_workers(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DATABASE_URL", "postgresql://db/supportbot")
    environment.setenv("WORKERS", "2")

    with pytest.raises(ConfigurationError, match=r"used\. WORKERS: more than one needs a PostgreSQL"):
        read_settings()


def test_every_setting_explains_itself() -> None:
    unexplained = [name for name, field in Settings.model_fields.items() if not field.description]

    assert unexplained == []


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("SOCKETS_PER_ADDRESS", "0", "greater than or equal to 1"),
        ("MESSAGES_PER_MINUTE", "0", "greater than or equal to 1"),
        ("MESSAGES_PER_MINUTE", "many", "valid integer"),
        ("TURN_DEADLINE", "4", "greater than or equal to 5"),
        ("FIRST_TOKEN_TIMEOUT", "0", "greater than 0"),
        ("FIRST_TOKEN_TIMEOUT", "-1", "greater than 0"),
        ("FIRST_TOKEN_TIMEOUT", "nan", "greater than 0"),
        ("STALL_TIMEOUT", "soon", "valid number"),
        ("REOPEN_TO_STAFF_HOURS", "-1", "greater than or equal to 0"),
        ("TRUSTED_PROXY_HOPS", "11", "less than or equal to 10"),
        ("LOG_LEVEL", "LOUD", "'DEBUG', 'INFO', 'WARNING' or 'ERROR'"),
        ("SAMPLE_ARTICLES", "perhaps", "valid boolean"),
        ("REDIS_URL", "localhost:6379", "use redis://HOST:PORT/0"),
        ("REDIS_URL", "redis://localhost:6379/0", "with SQLite there is one worker, which needs no Redis"),
        ("WORKERS", "0", "greater than or equal to 1"),
        ("WORKERS", "2", "needs a PostgreSQL in DATABASE_URL and a Redis in REDIS_URL"),
        ("DATABASE_URL", "mysql://root@host/name", "use sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "supportbot.db", "use sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "sqlite:supportbot.db", "use sqlite:///FILE or postgresql://"),
        ("DATABASE_URL", "sqlite://", "name a file"),
        ("UNCLAIMED_AFTER_MINUTES", "0", "greater than or equal to 1"),
        ("PUBLIC_URL", "support.acme.example", "use http://HOST:PORT or https://HOST"),
        ("SMTP_URL", "mail.acme.example:25", "use smtp://HOST:PORT"),
        ("SMTP_URL", "smtp://user:secret@mail.acme.example", "would send the password readable"),
        ("MAIL_FROM", "Acme Support", "use support@example.com or Name <support@example.com>"),
        ("WEBHOOK_URL", "ftp://acme.example", "use http://HOST:PORT or https://HOST"),
        ("WEBHOOK_URL", "https://acme.example/hook", "WEBHOOK_URL needs WEBHOOK_SECRET"),
        ("WEBHOOK_SECRET", "whsec_c2hvcnQ=", "24 to 64 random bytes in base64"),
        ("DATABASE_URL", "sqlite:///:memory:", "name a file"),
        ("DATABASE_URL", " ", "use sqlite:///FILE or postgresql://"),
        ("ALLOWED_ORIGINS", "*", "'*' is not an origin"),
        ("ALLOWED_ORIGINS", "https://*.example.com", "is not an origin"),
        ("ALLOWED_ORIGINS", "www.example.com", "is not an origin"),
        ("ALLOWED_ORIGINS", "https://example.com/chat", "is not an origin"),
        ("ALLOWED_ORIGINS", "https://example.com?a=b", "is not an origin"),
        ("ALLOWED_ORIGINS", "https://example.com#a", "is not an origin"),
        ("ALLOWED_ORIGINS", "https://somebody@example.com", "is not an origin"),
        ("ALLOWED_ORIGINS", "ftp://example.com", "is not an origin"),
        ("ALLOWED_ORIGINS", "https://example.com,null", "'null' is not an origin"),
        ("ALLOWED_ORIGINS", "https://[nonsense", ""),
        ("MODEL_PRICES", "cheap", "not JSON"),
        ("MODEL_PRICES", '{"m": [1]}', ""),
        ("MODEL_PRICES", '{"m": [-1, 5]}', "cannot be negative"),
        ("MODEL_PRICES", '{"m": ["NaN", 5]}', ""),
        ("ANTHROPIC_BASE_URL", "localhost:8787", "http://HOST:PORT or https://HOST"),
        ("ANTHROPIC_BASE_URL", "ftp://example.com", "http://HOST:PORT or https://HOST"),
        ("ANTHROPIC_BASE_URL", "https://", "http://HOST:PORT or https://HOST"),
        ("ANTHROPIC_API_KEY", "sk-ant “quoted”", "characters that no key has"),
        ("ANTHROPIC_API_KEY", "sk-ant one two", "characters that no key has"),
    ],
)
def test_nonsense_is_refused_with_a_sentence(
    environment: pytest.MonkeyPatch, name: str, value: str, complaint: str
) -> None:
    environment.setenv(name, value)

    with pytest.raises(ConfigurationError) as refusal:
        read_settings()

    assert refusal.value.sentence.startswith("The settings cannot be used. ")
    assert name in refusal.value.sentence
    assert complaint in refusal.value.sentence


def test_everything_that_is_wrong_is_named_at_once(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("TURN_DEADLINE", "0")
    environment.setenv("LOG_LEVEL", "LOUD")

    with pytest.raises(ConfigurationError) as refusal:
        read_settings()

    assert "TURN_DEADLINE" in refusal.value.sentence
    assert "LOG_LEVEL" in refusal.value.sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", f"mysql://root:{SECRET}@host/name"),
        ("ANTHROPIC_API_KEY", f"{SECRET} “”"),
        ("ANTHROPIC_BASE_URL", f"ftp://somebody:{SECRET}@host"),
        ("SMTP_URL", f"smtp://somebody:{SECRET}@mail.acme.example"),
        ("SMTP_URL", f"smtps://somebody:{SECRET}/2@mail.acme.example"),
        ("SMTP_URL", f"smtps://{SECRET}@mail.acme.example"),
        ("WEBHOOK_SECRET", SECRET),
    ],
)
def test_a_secret_is_not_repeated_in_the_refusal(
    environment: pytest.MonkeyPatch, name: str, value: str
) -> None:
    environment.setenv(name, value)

    with pytest.raises(ConfigurationError) as refusal:
        read_settings()

    assert SECRET not in refusal.value.sentence
    assert refusal.value.__cause__ is None


def test_the_key_is_not_in_what_settings_look_like(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ANTHROPIC_API_KEY", SECRET)

    assert SECRET not in repr(read_settings())


@pytest.mark.parametrize("value", [f"{SECRET}\n", f" {SECRET} ", f"{SECRET}\r\n"])
def test_a_key_from_a_file_may_end_in_a_new_line(environment: pytest.MonkeyPatch, value: str) -> None:
    environment.setenv("ANTHROPIC_API_KEY", value)

    key = read_settings().anthropic_api_key

    assert key is not None
    assert key.get_secret_value() == SECRET


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ALLOWED_ORIGINS"])
@pytest.mark.parametrize("value", ["", " "])
def test_an_empty_setting_is_the_default(environment: pytest.MonkeyPatch, name: str, value: str) -> None:
    environment.setenv(name, value)

    settings = read_settings()

    assert not settings.has_model
    assert settings.database_kind == "sqlite"


def test_settings_are_read_from_a_file_and_the_environment_goes_first(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("COMPANY_NAME=Initech\nASSISTANT_NAME=Bob\nUNKNOWN_SETTING=1\n")
    environment.setenv("ASSISTANT_NAME", "Eve")

    settings = read_settings()

    assert (settings.company_name, settings.assistant_name) == ("Initech", "Eve")


@pytest.mark.parametrize(
    ("url", "for_the_app", "for_migrations"),
    [
        ("sqlite:///a.db", "sqlite+aiosqlite:///a.db", "sqlite:///a.db"),
        ("sqlite:////var/a.db", "sqlite+aiosqlite:////var/a.db", "sqlite:////var/a.db"),
        ("postgres://u:p@h/n", "postgresql+asyncpg://u:p@h/n", "postgresql+pg8000://u:p@h/n"),
        (
            "postgresql://u:p%40@h:1/n",
            "postgresql+asyncpg://u:p%40@h:1/n",
            "postgresql+pg8000://u:p%40@h:1/n",
        ),
        ("postgresql+psycopg://h/n", "postgresql+asyncpg://h/n", "postgresql+pg8000://h/n"),
    ],
)
def test_a_database_is_reached_with_our_drivers(
    environment: pytest.MonkeyPatch, url: str, for_the_app: str, for_migrations: str
) -> None:
    environment.setenv("DATABASE_URL", url)

    settings = read_settings()

    assert (settings.async_database_url, settings.sync_database_url) == (for_the_app, for_migrations)


def test_origins_are_separated_by_commas(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("ALLOWED_ORIGINS", " https://www.example.com/ , http://localhost:8080,, ")

    assert read_settings().allowed_origins == {"https://www.example.com", "http://localhost:8080"}


def test_prices_are_exact(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("MODEL_PRICES", '{"my-model": ["0.1", 5]}')

    assert read_settings().model_prices == {"my-model": (Decimal("0.1"), Decimal(5))}


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL"])
def test_a_key_or_a_server_brings_the_model(environment: pytest.MonkeyPatch, name: str) -> None:
    environment.setenv(name, "http://localhost:8787" if "URL" in name else "sk-ant-1")

    assert read_settings().has_model


def test_mail_needs_a_sender(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SMTP_URL", "smtp://localhost")

    with pytest.raises(ConfigurationError) as refusal:
        read_settings()

    assert refusal.value.sentence == (
        "The settings cannot be used. SMTP_URL needs MAIL_FROM: the address mail comes from"
    )


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://hooks.acme.example/in", True),
        ("http://localhost:9000/in", True),
        ("http://127.0.0.1/in", True),
        ("http://[::1]:9000/in", True),
        ("http://hooks.acme.example/in", False),
        ("http://127.0.0.1.acme.example/in", False),
    ],
)
def test_plain_http_stays_on_this_machine_unless_somebody_says_otherwise(
    environment: pytest.MonkeyPatch, url: str, allowed: bool
) -> None:
    environment.setenv("WEBHOOK_SECRET", WEBHOOK_SECRET)
    environment.setenv("WEBHOOK_URL", url)

    if allowed:
        assert read_settings().webhook_url == url
    else:
        with pytest.raises(ConfigurationError, match="plain http"):
            read_settings()

    environment.setenv("WEBHOOK_PLAIN_HTTP", "true")
    assert read_settings().webhook_url == url


def test_what_mail_and_webhooks_prove_themselves_with_is_not_shown(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SMTP_URL", f"smtps://support:{SECRET}@mail.acme.example")
    environment.setenv("MAIL_FROM", "support@acme.example")
    environment.setenv("WEBHOOK_SECRET", WEBHOOK_SECRET)

    shown = repr(read_settings())

    assert SECRET not in shown
    assert WEBHOOK_SECRET not in shown
