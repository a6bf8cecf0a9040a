"""The sections of the settings: what each holds, what it begins with, and what it refuses.

A section is saved whole and has versions of its own. Until somebody saves one, what the environment gave
the server at its start is in effect (see `beginning`), so that a fresh installation needs no page first.
"""

from datetime import date, time
from typing import Annotated, Literal, Self
from uuid import UUID
from zoneinfo import available_timezones

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, field_validator

from supportbot.settings import Settings

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4_000)]
Colour = Annotated[str, StringConstraints(pattern=r"^(#[0-9a-f]{6})?$", to_lower=True)]

MOST_SUGGESTIONS = 4
MOST_REPLIES = 200


class Section(BaseModel):
    """One section, frozen: a change is another version."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Company(Section):
    """Who answers, and how the assistant speaks."""

    name: Name = "Acme"
    assistant_name: Name = "Ada"
    facts: Text = ""
    tone: Literal["friendly", "neutral", "formal"] = "neutral"
    instructions: Text = ""


class Opening(BaseModel):
    """Open from one time to another on a day of the week; 0 is Monday. `closes` of 00:00 is midnight."""

    model_config = ConfigDict(frozen=True)

    weekday: int = Field(ge=0, le=6)
    opens: time
    closes: time


class Holiday(BaseModel):
    """A day on which nobody is there, whatever the weekday says."""

    model_config = ConfigDict(frozen=True)

    day: date
    name: Line = ""


class Hours(Section):
    """When people answer. A new house is always open: it has said nothing else yet."""

    always_open: bool = True
    time_zone: str = "UTC"
    week: tuple[Opening, ...] = tuple(
        Opening(weekday=day, opens=time(9), closes=time(17)) for day in range(5)
    )
    holidays: tuple[Holiday, ...] = ()

    @field_validator("time_zone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("there is no time zone of this name")
        return value


class Look(Section):
    """How the customer's page looks and greets. An empty colour or logo is the product's own."""

    title: Line = ""
    colour: Colour = ""
    logo: UUID | None = None
    greeting: Line = "How can we help?"
    suggestions: tuple[Line, ...] = Field(
        (
            "How do I get a refund?",
            "How do I invite my team?",
            "Which plans are there?",
            "I can't sign in",
        ),
        max_length=MOST_SUGGESTIONS,
    )


class Limits(Section):
    """How much anybody may use, a minute."""

    messages_per_minute: int = Field(20, ge=1, le=10_000)
    messages_per_minute_address: int = Field(120, ge=1, le=100_000)
    model_calls_per_minute: int = Field(600, ge=1, le=1_000_000)


class Targets(Section):
    """What the desk promises itself."""

    claim_within_minutes: int = Field(10, ge=1, le=10_080)
    reopen_to_staff_hours: int = Field(72, ge=0, le=8_760)
    reply_mail_after_minutes: int = Field(3, ge=1, le=1_440)


class CannedReply(BaseModel):
    """A reply kept for use. Gaps such as {customer} are filled in when it is put into the composer."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    title: Name
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]


class Replies(Section):
    """The canned replies of the desk."""

    replies: tuple[CannedReply, ...] = Field((), max_length=MOST_REPLIES)


class Sending(Section):
    """How mails and webhooks leave the house. Empty: they do not."""

    smtp_url: SecretStr | None = None
    mail_from: str = ""
    webhook_url: str = ""
    webhook_secret: SecretStr | None = None


class Sections(BaseModel):
    """Every section as it is in effect."""

    model_config = ConfigDict(frozen=True)

    company: Company = Company()
    hours: Hours = Hours()
    look: Look = Look()
    limits: Limits = Limits()
    targets: Targets = Targets()
    replies: Replies = Replies()
    sending: Sending = Sending()

    @classmethod
    def beginning(cls, settings: Settings) -> Self:
        """What is in effect until somebody saves something: what the environment says, or our defaults."""
        return cls(
            company=Company(
                name=settings.company_name,
                assistant_name=settings.assistant_name,
                facts=settings.company_facts,
            ),
            limits=Limits(
                messages_per_minute=settings.messages_per_minute,
                messages_per_minute_address=settings.messages_per_minute_address,
                model_calls_per_minute=settings.model_calls_per_minute,
            ),
            targets=Targets(
                claim_within_minutes=settings.unclaimed_after_minutes,
                reopen_to_staff_hours=settings.reopen_to_staff_hours,
            ),
            sending=Sending(
                smtp_url=settings.smtp_url,
                mail_from=settings.mail_from or "",
                webhook_url=settings.webhook_url or "",
                webhook_secret=settings.webhook_secret,
            ),
        )


NAMES: tuple[str, ...] = tuple(Sections.model_fields)
"""The sections by name, as `Setting.section` holds them."""
