"""The sections of the settings: what each holds, what it begins with, and what it refuses.

A section is saved whole and has versions of its own. Until somebody saves one, what the environment gave
the server at its start is in effect (see `Sections.beginning`), so that a fresh installation needs no page
first. Each field's title is what people call it: refusals and comparisons name it so (`words.py`).
"""

from datetime import date, time
from functools import lru_cache
from itertools import pairwise
from typing import Annotated, Any, Literal, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    StringConstraints,
    field_validator,
    model_validator,
)

from supportbot.conversations.wording import tidy
from supportbot.house.checks import (
    WEEKDAYS,
    groups_of_words,
    host_of,
    in_order,
    is_a_mail_server,
    is_a_sender,
    is_a_signing_secret,
    is_on_the_web,
    long_colour,
)
from supportbot.settings import Settings


def _line(value: Any) -> Any:
    return " ".join(tidy(value).split()) if isinstance(value, str) else value


def _text(value: Any) -> Any:
    return tidy(value) if isinstance(value, str) else value


def _or_none(value: Any) -> Any:
    # An empty field of a page is nothing given.
    return None if isinstance(value, str) and not value.strip() else value


def _secret(value: Any) -> Any:
    typed = value.get_secret_value() if isinstance(value, SecretStr) else value
    if isinstance(typed, str) and not (len(typed) <= LONGEST_SECRET and typed.strip().isprintable()):
        raise ValueError("The password or secret is too long, or holds characters that nobody can type.")
    return _or_none(typed.strip() if isinstance(typed, str) else typed)


def _each_line(value: Any) -> Any:
    # A field of a page: one a line.
    lines = tidy(value).split("\n") if isinstance(value, str) else value
    if not isinstance(lines, list | tuple):
        return value
    return tuple(dict.fromkeys(one for one in lines if not isinstance(one, str) or one.strip()))


def _host(value: Any) -> Any:
    return host_of(value) if isinstance(value, str) else value


Line = Annotated[str, StringConstraints(max_length=120), BeforeValidator(_line)]
Greeting = Annotated[str, StringConstraints(min_length=1, max_length=120), BeforeValidator(_line)]
Address = Annotated[str, StringConstraints(max_length=2_000), BeforeValidator(_line)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60), BeforeValidator(_line)]
Text = Annotated[str, StringConstraints(max_length=4_000), BeforeValidator(_text)]
Reply = Annotated[str, StringConstraints(min_length=1, max_length=4_000), BeforeValidator(_text)]
Lines = Annotated[str, StringConstraints(max_length=20_000), BeforeValidator(_text)]
Secret = Annotated[SecretStr | None, BeforeValidator(_secret)]

Host = Annotated[str, StringConstraints(max_length=253), BeforeValidator(_host)]

LONGEST_SECRET = 500
MOST_SUGGESTIONS = 4
MOST_LINK_HOSTS = 50
MOST_REPLIES = 200
MOST_OPENINGS = 70
MOST_HOLIDAYS = 400


class Section(BaseModel):
    """One section, frozen: a change is another version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Company(Section):
    """Who answers, and how the assistant speaks."""

    name: Name = Field("Acme", title="The company's name")
    assistant_name: Name = Field("Ada", title="The assistant's name")
    facts: Text = Field("", title="The facts about the company")
    tone: Literal["friendly", "neutral", "formal"] = Field("neutral", title="The tone")
    instructions: Text = Field("", title="The further instructions")
    link_hosts: Annotated[tuple[Host, ...], BeforeValidator(_each_line)] = Field(
        (), max_length=MOST_LINK_HOSTS, title="The websites the assistant may link to"
    )


class Opening(BaseModel):
    """Open from one time to another on a day of the week; 0 is Monday. `closes` of 00:00 is midnight."""

    model_config = ConfigDict(frozen=True)

    weekday: int = Field(ge=0, le=6, title="The day of the week")
    opens: time = Field(title="The opening time")
    closes: time = Field(title="The closing time")

    @field_validator("opens", "closes")
    @classmethod
    def _on_the_clock(cls, value: time) -> time:
        return value.replace(second=0, microsecond=0, tzinfo=None)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.closes <= self.opens and self.closes != time(0):
            day = WEEKDAYS[self.weekday]
            raise ValueError(f"The closing time must be after the opening time on {day}.")
        return self


class Holiday(BaseModel):
    """A day on which nobody is there, whatever the weekday says."""

    model_config = ConfigDict(frozen=True)

    day: date = Field(title="The date of the holiday")
    name: Line = Field("", title="The name of the holiday")


class Hours(Section):
    """When people answer. A new house is always open: it has said nothing else yet."""

    always_open: bool = Field(True, title="Always open")
    time_zone: str = Field("UTC", title="The time zone")
    week: tuple[Opening, ...] = Field(
        tuple(Opening(weekday=day, opens=time(9), closes=time(17)) for day in range(5)),
        max_length=MOST_OPENINGS,
        title="The opening hours",
    )
    holidays: tuple[Holiday, ...] = Field((), max_length=MOST_HOLIDAYS, title="The holidays")

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in time_zones():
            raise ValueError("There is no time zone of this name; choose one such as Europe/Berlin.")
        return value

    @field_validator("week")
    @classmethod
    def _one_after_the_other(cls, value: tuple[Opening, ...]) -> tuple[Opening, ...]:
        spans = in_order([(one.weekday, one.opens, one.closes) for one in value])
        return tuple(Opening(weekday=day, opens=opens, closes=closes) for day, opens, closes in spans)

    @field_validator("holidays")
    @classmethod
    def _each_day_once(cls, value: tuple[Holiday, ...]) -> tuple[Holiday, ...]:
        ordered = sorted(value, key=lambda holiday: holiday.day)
        for one, other in pairwise(ordered):
            if one.day == other.day:
                raise ValueError(f"{one.day:%d %B %Y} is in the list of holidays twice.")
        return tuple(ordered)

    @model_validator(mode="after")
    def _opens_at_all(self) -> Self:
        if not self.always_open and not self.week:
            raise ValueError("Name at least one opening time, or choose to be always open.")
        return self


class Look(Section):
    """How the customer's page looks and greets. An empty colour, title or logo is the product's own."""

    title: Line = Field("", title="The title of the page")
    colour: str = Field("", title="The colour")
    logo: Annotated[UUID | None, BeforeValidator(_or_none)] = Field(None, title="The logo")
    greeting: Greeting = Field("How can we help?", title="The greeting")
    suggestions: tuple[Line, ...] = Field(
        (
            "How do I get a refund?",
            "How do I invite my team?",
            "Which plans are there?",
            "I can't sign in",
        ),
        max_length=MOST_SUGGESTIONS,
        title="The suggestions",
    )

    @field_validator("colour")
    @classmethod
    def _is_a_colour(cls, value: str) -> str:
        return long_colour(value)

    @field_validator("suggestions", mode="before")
    @classmethod
    def _none_empty(cls, value: Any) -> Any:
        # A page shows a field for each that is possible; those left empty, or repeated, are none.
        if not isinstance(value, list | tuple):
            return value
        lines = [_line(one) for one in value]
        return [one for at, one in enumerate(lines) if one != "" and one not in lines[:at]]


class Limits(Section):
    """How much anybody may use, a minute."""

    messages_per_minute: int = Field(20, ge=1, le=10_000, title="The messages of a customer a minute")
    messages_per_minute_address: int = Field(
        120, ge=1, le=100_000, title="The messages from one address a minute"
    )
    model_calls_per_minute: int = Field(600, ge=1, le=1_000_000, title="The calls to the model a minute")


class Targets(Section):
    """What the desk promises itself."""

    claim_within_minutes: int = Field(10, ge=1, le=10_080, title="The minutes until somebody has claimed")
    reopen_to_staff_hours: int = Field(
        72, ge=0, le=8_760, title="The hours in which a conversation comes back to people"
    )
    reply_mail_after_minutes: int = Field(
        3, ge=1, le=1_440, title="The minutes until a reply is sent by mail"
    )


class Search(Section):
    """How questions find articles: on each line words that mean the same, with commas between them."""

    synonyms: Lines = Field("", title="The words that mean the same")

    @field_validator("synonyms")
    @classmethod
    def _groups(cls, value: str) -> str:
        return groups_of_words(value)


class CannedReply(BaseModel):
    """A reply kept for use. Gaps such as {customer} are filled in when it is put into the composer."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    title: Name = Field(title="The title")
    body: Reply = Field(title="The text")


class Replies(Section):
    """The canned replies of the desk, in the order of the page."""

    replies: tuple[CannedReply, ...] = Field((), max_length=MOST_REPLIES, title="The replies")

    @field_validator("replies")
    @classmethod
    def _told_apart(cls, value: tuple[CannedReply, ...]) -> tuple[CannedReply, ...]:
        if len({one.id for one in value}) < len(value):
            raise ValueError("Two replies have the same id. Please load this page again.")
        titles = [one.title.casefold() for one in value]
        for at, one in enumerate(value):
            if titles[at] in titles[:at]:
                raise ValueError(f"There are two replies called “{one.title}”; call one of them otherwise.")
        return value


class Sending(Section):
    """How mails and webhooks leave the house. Without a server or an address they do not.

    The password and the secret are only ever written: an empty one keeps what is known (`versions.py`).
    """

    mail_host: Line = Field("", title="The mail server")
    mail_port: Annotated[int | None, BeforeValidator(_or_none)] = Field(
        None, ge=1, le=65_535, title="The port of the mail server"
    )
    mail_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", title="The encryption of the way to the mail server"
    )
    mail_user: Line = Field("", title="The user at the mail server")
    mail_password: Secret = Field(None, title="The password of the mail server")
    mail_from: Line = Field("", title="The sender of mails")
    webhook_url: Address = Field("", title="The address for webhooks")
    webhook_secret: Secret = Field(None, title="The secret of webhooks")

    @model_validator(mode="after")
    def _can_be_used(self) -> Self:
        if self.mail_from:
            is_a_sender(self.mail_from)
        if self.mail_host:
            password = self.mail_password.get_secret_value() if self.mail_password else ""
            is_a_mail_server(self.mail_host, self.mail_security, self.mail_user, password)
            if not self.mail_from:
                raise ValueError("Mail needs a sender: the address it comes from.")
        if self.webhook_url:
            is_on_the_web(self.webhook_url)
            if self.webhook_secret is None:
                raise ValueError("Webhooks need a secret: the receiver checks the signature with it.")
        if self.webhook_secret is not None:
            is_a_signing_secret(self.webhook_secret.get_secret_value())
        return self


class Sections(BaseModel):
    """Every section as it is in effect."""

    model_config = ConfigDict(frozen=True)

    company: Company = Company()
    hours: Hours = Hours()
    look: Look = Look()
    limits: Limits = Limits()
    targets: Targets = Targets()
    replies: Replies = Replies()
    search: Search = Search()
    sending: Sending = Sending()

    @classmethod
    def beginning(cls, settings: Settings) -> Self:
        """What is in effect until somebody saves something: what the environment says, or our defaults.

        The environment allows more than the pages do (a longer name, a higher limit). What worked before
        there were pages goes on working, so these values are taken as they are.
        """
        return cls(
            company=Company.model_construct(
                name=_line(settings.company_name),
                assistant_name=_line(settings.assistant_name),
                facts=_text(settings.company_facts),
            ),
            limits=Limits.model_construct(
                messages_per_minute=settings.messages_per_minute,
                messages_per_minute_address=settings.messages_per_minute_address,
                model_calls_per_minute=settings.model_calls_per_minute,
            ),
            targets=Targets.model_construct(
                claim_within_minutes=settings.unclaimed_after_minutes,
                reopen_to_staff_hours=settings.reopen_to_staff_hours,
            ),
            sending=_sending(settings),
        )


NAMES: tuple[str, ...] = tuple(Sections.model_fields)
"""The sections by name, as `Setting.section` holds them."""


_KINDS: dict[str, type[Section]] = {name: type(getattr(Sections(), name)) for name in NAMES}


def kind_of(section: str) -> type[Section]:
    """The class of a section.

    Raises:
        KeyError: if there is none of this name.
    """
    return _KINDS[section]


@lru_cache(maxsize=1)
def time_zones() -> tuple[str, ...]:
    """Every time zone there is, by name."""
    return tuple(sorted(available_timezones()))


def _sending(settings: Settings) -> Sending:
    server = settings.mail_server
    return Sending.model_construct(
        mail_host=server.host if server else "",
        mail_port=server.port if server else None,
        mail_security=server.security if server else "starttls",
        mail_user=server.user if server else "",
        mail_password=SecretStr(server.password) if server and server.password else None,
        mail_from=settings.mail_from or "",
        webhook_url=settings.webhook_url or "",
        webhook_secret=settings.webhook_secret if settings.webhook_url else None,
    )
