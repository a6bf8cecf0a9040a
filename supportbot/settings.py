"""What a server needs to start, from the environment or a `.env` file.

Every setting has a default that works on a laptop with no key and no server. What owners set later, on
`/settings`, is read here as a first value only. README.md lists both; a test compares.
"""

import re
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict, SettingsError

from supportbot.channels import MailServer, is_this_machine, sender, signing_key
from supportbot.errors import ConfigurationError

SQLITE, POSTGRESQL = "sqlite", "postgresql"
WEB = ("http", "https")
REDIS = ("redis", "rediss", "unix")
FIRST_VALUES = (
    "company_name",
    "assistant_name",
    "company_facts",
    "messages_per_minute",
    "messages_per_minute_address",
    "model_calls_per_minute",
    "reopen_to_staff_hours",
    "unclaimed_after_minutes",
    "smtp_url",
    "mail_from",
    "webhook_url",
    "webhook_secret",
)
"""What owners set on `/settings`: these are in effect until somebody saves that section there."""


class Settings(BaseSettings):
    """The server's settings, read once at start and never changed."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True)

    database_url: str = Field(
        "sqlite:///supportbot.db",
        description="Where everything is kept: `sqlite:///FILE` or `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    redis_url: str | None = Field(
        None,
        description="`redis://HOST:PORT/0`: joins several workers on one PostgreSQL. One needs neither.",
    )
    workers: int = Field(
        1,
        ge=1,
        le=64,
        description="Processes that serve. More than one needs PostgreSQL and `REDIS_URL`.",
    )
    anthropic_api_key: SecretStr | None = Field(
        None, description="Brings Claude. Without it answers are quoted from the articles."
    )
    anthropic_base_url: str | None = Field(
        None, description="Any server that speaks Anthropic's Messages API; it works without a key."
    )
    anthropic_model: str = Field("claude-sonnet-5-5", description="The model that answers customers.")
    model_prices: dict[str, tuple[Decimal, Decimal]] = Field(
        default_factory=dict,
        description='US dollars for a million input and output tokens, as JSON: `{"my-model": [1, 5]}`. '
        "Overrides the built-in list.",
    )
    company_name: str = Field("Acme", description="The name customers know you by.")
    assistant_name: str = Field(
        "Ada", description="What the assistant is called; pages always mark it as AI."
    )
    company_facts: str = Field(
        "", description="A few sentences about your company that the assistant should always know."
    )
    sample_articles: bool = Field(
        True, description="Load the help centre of the fictional Acme when the database has no articles."
    )
    allowed_origins: Annotated[frozenset[str], NoDecode] = Field(
        frozenset(),
        description="Further origins, separated by commas, whose pages may open a socket here. "
        "The server's own origin is always allowed.",
    )
    trusted_proxy_hops: int = Field(
        0, ge=0, le=10, description="How many proxies in front of the server add to `X-Forwarded-For`."
    )
    messages_per_minute: int = Field(20, ge=1, description="Messages a visitor may send in a minute.")
    messages_per_minute_address: int = Field(
        120, ge=1, description="Messages all visitors behind one address may send in a minute."
    )
    model_calls_per_minute: int = Field(600, ge=1, description="Calls to the model in a minute, in all.")
    sockets_per_address: int = Field(200, ge=1, description="Open pages behind one address.")
    turn_deadline: int = Field(90, ge=5, le=600, description="Seconds an answer may take, retries included.")
    first_token_timeout: float = Field(
        20, gt=0, description="Seconds to wait for the first word of an answer."
    )
    stall_timeout: float = Field(
        15, gt=0, description="Seconds an answer may stand still before it has failed."
    )
    reopen_to_staff_hours: int = Field(
        72,
        ge=0,
        description="A customer who writes within this time after staff resolved goes back to staff.",
    )
    unclaimed_after_minutes: int = Field(
        10, ge=1, le=10_080, description="Staff are told of a hand-off nobody has claimed for this long."
    )
    public_url: str = Field(
        "http://localhost:3000",
        description="This server, from outside: where links in mails and webhooks lead, and the address "
        "search engines are told.",
    )
    smtp_url: SecretStr | None = Field(
        None,
        description="Sends mail: `smtp+starttls://USER:PASSWORD@HOST:587`, `smtps://…:465` or "
        "`smtp://HOST:25`. Without it no mail is written.",
    )
    mail_from: str | None = Field(
        None, description="Who mail comes from: `support@acme.example` or `Acme <support@acme.example>`."
    )
    webhook_url: str | None = Field(
        None, description="Told of hand-offs as they happen, by a signed POST. Without it none is written."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="Signs webhooks (Standard Webhooks): `whsec_` and 24 to 64 random bytes in base64."
    )
    webhook_plain_http: bool = Field(
        False, description="Lets `WEBHOOK_URL` be plain http on another machine."
    )
    webhook_private_hosts: bool = Field(
        False,
        description="Lets webhooks that are set up on `/settings` lead to this machine and private networks.",
    )
    staff_session_hours: int = Field(12, ge=1, description="Hours until staff have to sign in again.")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="What the log shows.")

    @field_validator("allowed_origins", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return frozenset(part.strip().rstrip("/") for part in value.split(",") if part.strip())
        return value

    @field_validator("allowed_origins")
    @classmethod
    def _each_is_an_origin(cls, value: frozenset[str]) -> frozenset[str]:
        for origin in value:
            parts = urlsplit(origin)
            alone = origin.lower() == f"{parts.scheme}://{parts.netloc}".lower()
            if parts.scheme not in WEB or not parts.netloc or not alone or set("*@") & set(origin):
                raise ValueError(f"{origin!r} is not an origin such as https://www.example.com")
        return value

    @field_validator(
        "anthropic_api_key",
        "anthropic_base_url",
        "smtp_url",
        "mail_from",
        "webhook_url",
        "webhook_secret",
        "redis_url",
        mode="before",
    )
    @classmethod
    def _trim(cls, value: Any) -> Any:
        # Secrets that were read from a file end in a new line.
        return value.strip() or None if isinstance(value, str) else value

    @field_validator("anthropic_api_key")
    @classmethod
    def _could_be_a_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not re.fullmatch("[!-~]+", value.get_secret_value()):
            raise ValueError("it holds characters that no key has, such as spaces or typographic quotes")
        return value

    @field_validator("anthropic_base_url", "public_url", "webhook_url")
    @classmethod
    def _is_on_the_web(cls, value: str | None) -> str | None:
        if value is not None and (urlsplit(value).scheme not in WEB or not urlsplit(value).hostname):
            raise ValueError("use http://HOST:PORT or https://HOST")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _is_a_mail_server(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            MailServer.from_url(value.get_secret_value())
        return value

    @field_validator("mail_from")
    @classmethod
    def _is_an_address(cls, value: str | None) -> str | None:
        if value is not None:
            sender(value)
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            signing_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _what_belongs_together(self) -> Self:
        if self.smtp_url is not None and self.mail_from is None:
            raise ValueError("SMTP_URL needs MAIL_FROM: the address mail comes from")
        if self.webhook_url is not None and self.webhook_secret is None:
            raise ValueError("WEBHOOK_URL needs WEBHOOK_SECRET: the receiver checks the signature with it")
        url = urlsplit(self.webhook_url or "")
        if url.scheme == "http" and not self.webhook_plain_http and not is_this_machine(url.hostname):
            raise ValueError(
                "WEBHOOK_URL is plain http, which anybody on the way can read: use https, "
                "or set WEBHOOK_PLAIN_HTTP=true"
            )
        return self

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, value: str | None) -> str | None:
        if value is not None and value.partition("://")[0] not in REDIS:
            raise ValueError("use redis://HOST:PORT/0, rediss://… or unix://…")
        return value

    @field_validator("model_prices")
    @classmethod
    def _nobody_is_paid_for_asking(
        cls, value: dict[str, tuple[Decimal, Decimal]]
    ) -> dict[str, tuple[Decimal, Decimal]]:
        if any(price < 0 for prices in value.values() for price in prices):
            raise ValueError("a price cannot be negative")
        return value

    @field_validator("database_url")
    @classmethod
    def _a_database_we_know(cls, value: str) -> str:
        kind = value.partition(":")[0].partition("+")[0]
        if kind == "postgres":
            value, kind = value.replace("postgres", POSTGRESQL, 1), POSTGRESQL
        if kind not in (SQLITE, POSTGRESQL) or "://" not in value:
            raise ValueError("use sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
        if kind == SQLITE and value.partition("://")[2].strip("/") in ("", ":memory:"):
            raise ValueError("an in-memory database would lose every conversation; name a file")
        return value

    @model_validator(mode="after")
    def _workers_share_everything_or_nothing(self) -> "Settings":
        if self.redis_url is not None and self.database_kind == SQLITE:
            raise ValueError(
                "REDIS_URL joins workers that share one PostgreSQL; with SQLite there is one worker, "
                "which needs no Redis. Name a PostgreSQL in DATABASE_URL, or remove REDIS_URL."
            )
        if self.workers > 1 and self.redis_url is None:
            raise ValueError(
                "WORKERS: more than one needs a PostgreSQL in DATABASE_URL and a Redis in REDIS_URL."
            )
        return self

    @property
    def database_kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.database_url.partition(":")[0].partition("+")[0]

    @property
    def async_database_url(self) -> str:
        """The URL with the driver the app uses."""
        return self._with_driver({SQLITE: "sqlite+aiosqlite", POSTGRESQL: "postgresql+asyncpg"})

    @property
    def sync_database_url(self) -> str:
        """The URL with the driver migrations use (`reflex db migrate` and our own start)."""
        return self._with_driver({SQLITE: "sqlite", POSTGRESQL: "postgresql+pg8000"})

    def _with_driver(self, drivers: dict[str, str]) -> str:
        return drivers[self.database_kind] + "://" + self.database_url.partition("://")[2]

    @property
    def mail_server(self) -> MailServer | None:
        """Who takes our mail until somebody says otherwise on the page of the settings."""
        return MailServer.from_url(self.smtp_url.get_secret_value()) if self.smtp_url else None

    @property
    def has_model(self) -> bool:
        """Whether Claude, or a server that speaks its protocol, answers."""
        return self.anthropic_api_key is not None or self.anthropic_base_url is not None


def read_settings() -> Settings:
    """Read the environment and `.env`.

    Raises:
        ConfigurationError: naming each setting that makes no sense, and why.
    """
    try:
        return Settings()
    except ValidationError as error:
        lines = [_complaint(problem["loc"], problem["msg"]) for problem in error.errors()]
        raise ConfigurationError("The settings cannot be used. " + "; ".join(lines)) from None
    except SettingsError as error:
        name = next((name for name in Settings.model_fields if f'"{name}"' in str(error)), "one of them")
        raise ConfigurationError(f"The settings cannot be used. {name.upper()}: this is not JSON") from None


def _complaint(place: tuple[int | str, ...], message: str) -> str:
    sentence = message.removeprefix("Value error, ")
    # What two settings make no sense of together names them itself.
    return f"{'.'.join(str(part) for part in place).upper()}: {sentence}" if place else sentence


@lru_cache(maxsize=1)
def settings() -> Settings:
    """The settings of this process."""
    return read_settings()
