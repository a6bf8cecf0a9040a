"""Sentences of customers, by topic and language.

Each topic is a file of `sentences/`: a heading `[en]` for the language, then one sentence a line. Those right
there were written before any rule. Those in `sentences/more/` came while the rules grew: each dozen was
measured unseen, then the rules were widened for it. Those in `sentences/others/` were written by others as a
development set; measured unseen, three quarters, seven eighths and two thirds of them were understood, then
the rules were tuned on them.
"""

from dataclasses import dataclass
from pathlib import Path

from supportbot.escalations import policy
from supportbot.models import Reason

FOLDER = Path(__file__).parent / "sentences"
MORE = FOLDER / "more"
OTHERS = FOLDER / "others"
LANGUAGES = ("en", "de", "fr", "es", "pt")

MEANT: dict[str, Reason | None] = {
    "asking_for_a_person": Reason.ASKED_FOR_PERSON,
    "legal_threat": Reason.LEGAL_THREAT,
    "security_concern": Reason.SECURITY_CONCERN,
    "demands": Reason.REFUND_OR_ACCOUNT_CHANGE,
    "fed_up": Reason.FRUSTRATED,
    "furious_but_innocent": None,
    "calm_and_innocent": None,
}
"""What a topic's sentences are a reason for."""
AFTER_AN_ANSWER = ("fed_up", "furious_but_innocent")
"""Said to an assistant that has answered already. For the innocent that is the harder case."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a customer said, in which language."""

    language: str
    text: str


def spoken(topic: str, folder: Path = FOLDER) -> list[Spoken]:
    """The sentences of a topic, in the order of its file."""
    sentences: list[Spoken] = []
    language = ""
    for line in (folder / f"{topic}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            language = line[1:-1]
        elif line and not line.startswith("#"):
            sentences.append(Spoken(language, line))
    return sentences


def heard(topic: str, text: str) -> Reason | None:
    """What the policy makes of a sentence of this topic."""
    return policy.read(text, answers=int(topic in AFTER_AN_ANSWER))


def misread(topic: str, folder: Path = FOLDER) -> list[Spoken]:
    """The sentences of a topic that are taken for something else."""
    return [one for one in spoken(topic, folder) if heard(topic, one.text) != MEANT[topic]]
