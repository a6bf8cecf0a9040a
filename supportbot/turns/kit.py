"""What every turn works with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from supportbot.conversations.live import LiveLog
from supportbot.database import Database
from supportbot.escalations.acknowledging import Opens
from supportbot.turns.assistant import Assistant, Writer
from supportbot.turns.breaker import Breaker
from supportbot.turns.costs import Prices
from supportbot.turns.links import LinkRules
from supportbot.turns.pace import Pace
from supportbot.turns.subject import Finds

UNTIL_RECORDED = (0.1, 0.5, 2.0, 5.0, 10.0, 15.0)
"""Seconds between tries to record a whole answer: it was paid for, and nobody else has it."""


@dataclass(frozen=True, slots=True)
class TurnKit:
    """What every turn works with; built once by the desk.

    `system` gives the beginning of the prompt as the settings have it now. `fallback` answers when
    `assistant` cannot; `writer` is None without a model. `may_call_model` says whether another call fits
    into the limit for everybody; asking it counts. `breaker` knows whether the
    model is worth asking; `pace` says how long frames are; `link_rules` what an answer may link to besides
    what it cites. The rest is in seconds: `call_again` the pauses
    before further calls when one fails before its first word (all of them within `first_token_timeout`),
    `record_again` the pauses before further tries to record its end, `save_every` the time between two
    writes of a running answer.
    """

    database: Database
    live: LiveLog
    retrieval: Finds
    assistant: Assistant
    fallback: Assistant
    system: Callable[[], str]
    runner: str
    may_call_model: Callable[[], Awaitable[bool]]
    prices: Prices = field(default_factory=dict)
    writer: Writer | None = None
    breaker: Breaker = field(default_factory=Breaker)
    call_again: tuple[float, ...] = (0.5, 2.0)
    record_again: tuple[float, ...] = UNTIL_RECORDED
    deadline: float = 90
    first_token_timeout: float = 20
    stall_timeout: float = 15
    pace: Pace = field(default_factory=Pace)
    save_every: float = 1.0
    opens: Opens | None = None
    """Knows whether anybody is at the desk."""
    link_rules: Callable[[], LinkRules] = LinkRules
