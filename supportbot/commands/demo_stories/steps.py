"""What can happen in a made-up conversation.

A story is a list of steps; a number between two of them is minutes that pass. The vocabulary is that of
the product's own verbs, which `playing` calls.
"""

from dataclasses import dataclass

from supportbot.models import Reason, Trigger

SAM, ALEX, ROBIN = "sam@acme.example", "alex@acme.example", "robin@acme.example"
HOUR, DAY = 60.0, 1440.0

CHROME_WINDOWS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36"
)
CHROME_ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Mobile Safari/537.36"
)
EDGE_WINDOWS = CHROME_WINDOWS + " Edg/141.0.0.0"
FIREFOX_LINUX = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
SAFARI_MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Safari/605.1.15"
)
SAFARI_IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)


@dataclass(frozen=True)
class Says:
    """The customer writes."""

    text: str


@dataclass(frozen=True)
class Answers:
    """The assistant answers, resting on sections of articles given as "slug#Heading"."""

    text: str
    sources: tuple[str, ...] = ()
    rated: int = 0


@dataclass(frozen=True)
class BreaksOff:
    """The assistant's answer fails in the middle."""

    text: str


@dataclass(frozen=True)
class IsStopped:
    """The customer stops the assistant's answer, or a person who takes over does."""

    text: str
    by_staff: bool = False


@dataclass(frozen=True)
class Escalates:
    """The conversation goes to people."""

    reason: Reason
    trigger: Trigger = Trigger.CUSTOMER
    brief: str = ""


@dataclass(frozen=True)
class KeepsPlace:
    """The customer asks the assistant while waiting."""


@dataclass(frozen=True)
class NoLongerWaits:
    """The customer gives the place in the queue up."""


@dataclass(frozen=True)
class Claims:
    """A member of staff takes the waiting conversation."""

    by: str


@dataclass(frozen=True)
class TakesOver:
    """A member of staff takes the conversation from the assistant."""

    by: str


@dataclass(frozen=True)
class Replies:
    """Whoever has claimed the conversation answers."""

    by: str
    text: str


@dataclass(frozen=True)
class HandsBack:
    """Whoever has claimed the conversation gives it back to the assistant, with a note for it if need be."""

    by: str
    note: str = ""


@dataclass(frozen=True)
class Reads:
    """A member of staff looks at the conversation, up to its last message."""

    by: str


@dataclass(frozen=True)
class Notes:
    """A member of staff leaves a note for colleagues."""

    by: str
    text: str


@dataclass(frozen=True)
class Tags:
    """A member of staff puts tags on the conversation."""

    by: str
    tags: tuple[str, ...]


@dataclass(frozen=True)
class Assigns:
    """A member of staff asks a colleague to take care of the conversation."""

    by: str
    to: str
    note: str = ""


@dataclass(frozen=True)
class Snoozes:
    """Whoever has claimed the conversation puts it off, until so many minutes from now."""

    by: str
    minutes: float


@dataclass(frozen=True)
class Junks:
    """A member of staff puts the conversation away as junk."""

    by: str


@dataclass(frozen=True)
class Resolves:
    """Whoever has claimed the conversation closes it."""

    by: str


DeskStep = Claims | TakesOver | Replies | HandsBack | Resolves | Notes | Tags | Assigns | Snoozes | Junks
Step = Says | Answers | BreaksOff | IsStopped | Escalates | KeepsPlace | NoLongerWaits | Reads | DeskStep


@dataclass(frozen=True)
class Story:
    """One conversation: who, from where, how many minutes ago it began, and what happened."""

    steps: tuple[Step | float, ...]
    ago: float
    name: str = ""
    email: str = ""
    browser: str = CHROME_WINDOWS
    page: str = "https://www.acme.example/help"
    referrer: str = ""
    language: str = "en"
