"""A brief without a model: what the customer wants, what was tried, what is known. Pure.

It quotes rather than rewrites, so it is true in every language.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from supportbot.conversations.events import MessageView
from supportbot.escalations.facts import facts, without_secrets
from supportbot.escalations.sentences import most_telling, sentences, shortened
from supportbot.models import Kind, MessageState, Reason, Role

BRIEF_CHARACTERS = 600
WANTED, TRIED, KNOWN = "Wanted", "Tried", "Known"
LONGEST = {WANTED: 280, TRIED: 150, KNOWN: 140}
"""Characters of each part, so that the whole is one glance."""

FIRST_READ, LAST_READ = 3, 9
"""Of more messages of the customer, the first and the last ones: somebody holds a lock meanwhile."""

NOTHING_WRITTEN = "The customer asked for a person before writing anything."
NOTHING_MORE = "The customer has written nothing more since then."
NOTHING_SAID = "It came to the team before the customer wrote anything."
NOTHINGS = (NOTHING_WRITTEN, NOTHING_MORE, NOTHING_SAID)
ONLY_A_PERSON = "to talk to a person; nothing else was said yet."

_TRIED = re.compile(
    r"(?i)\b(?:i|we)(?:'ve|’ve| have)? (?:already |also |just )*(?:tried|restarted|reinstalled|rebooted|"
    r"cleared|checked|followed|reset|updated|logged out|signed out|deleted)\b"
    r"|\b(?:habe|haben|hab)\b.{0,60}\b(?:versucht|probiert|neu ?gestartet|gelöscht|zurückgesetzt|überprüft)\b"
    r"|\b(?:ai|avons) (?:déjà )?(?:essayé|tenté|redémarré|vérifié|réinstallé)\b"
    r"|\b(?:he|hemos) (?:ya )?(?:intentado|probado|reiniciado|revisado)\b|\bya (?:probé|intenté|reinicié)\b"
    r"|\b(?:já )?(?:tentei|experimentei|reiniciei|verifiquei)\b"
)
_LABELS = re.compile(rf"(?im)(?:^|(?<=\s))({WANTED}|{TRIED}|{KNOWN}) ?: ?")


@dataclass(frozen=True, slots=True)
class Who:
    """What the customer told us about themselves outside the conversation."""

    name: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """The three parts of a brief. An empty one is left out."""

    wanted: str = ""
    tried: str = ""
    known: str = ""

    def __str__(self) -> str:
        parts = ((WANTED, self.wanted), (TRIED, self.tried), (KNOWN, self.known))
        lines = [f"{label}: {shortened(text, LONGEST[label])}" for label, text in parts if text]
        if self.wanted in NOTHINGS:
            lines[0] = self.wanted
        return "\n".join(lines)


def extract(
    messages: Sequence[MessageView],
    who: Who | None = None,
    *,
    reason: Reason = Reason.ASKED_FOR_PERSON,
    before: str = "",
) -> Parts:
    """A brief in the customer's own words.

    Args:
        messages: Those since people last had the conversation, in order; without notes.
        who: What the customer told us about themselves.
        reason: Why it goes to people.
        before: What people did with it the last time, if there was one.
    """
    written = [one.content for one in messages if one.role == Role.USER and one.content.strip()]
    if len(written) > FIRST_READ + LAST_READ:
        written = written[:FIRST_READ] + written[-LAST_READ:]
    said = [without_secrets(text) for text in written]
    tried = [*([before] if before else []), *_what_was_tried(messages, said)]
    known = [part for part in (who.name, who.address) if part] if who else []
    return Parts(
        wanted=_wanted(said) if said else _nothing(reason, again=bool(before)),
        tried="; ".join(tried) + "." if tried else "nothing yet." if said else "",
        known="; ".join([*known, *(fact for fact in facts(said) if fact not in known)])
        or ("no name or address was given." if said else ""),
    )


def read_parts(text: str) -> Parts:
    """The parts of a brief that somebody wrote; without labels, all of it is what is wanted."""
    pieces = _LABELS.split(" ".join(text.split()))
    if len(pieces) < 3:
        return Parts(wanted=pieces[0].strip())
    found = {
        label.capitalize(): words.strip() for label, words in zip(pieces[1::2], pieces[2::2], strict=True)
    }
    return Parts(found.get(WANTED, "") or pieces[0].strip(), found.get(TRIED, ""), found.get(KNOWN, ""))


def completed(written: Parts, extracted: Parts) -> Parts:
    """What somebody wrote, and where they wrote nothing, what the conversation says by itself."""
    return Parts(
        written.wanted or extracted.wanted,
        written.tried or extracted.tried,
        written.known or extracted.known,
    )


def _nothing(reason: Reason, *, again: bool) -> str:
    if again:
        return NOTHING_MORE
    return NOTHING_WRITTEN if reason == Reason.ASKED_FOR_PERSON else NOTHING_SAID


def _wanted(said: Sequence[str]) -> str:
    telling = most_telling(said, LONGEST[WANTED] - len("“”"))
    return f"“{telling}”" if telling else ONLY_A_PERSON


def _what_was_tried(messages: Sequence[MessageView], said: Sequence[str]) -> list[str]:
    """What the customer says they tried, what the assistant answered from, and how that went."""
    found = []
    if own := [sentence for sentence in sentences(said) if _TRIED.search(sentence)]:
        found.append(f"“{shortened(own[-1].rstrip('.'), 90)}”")
    answers = [one for one in messages if one.role == Role.ASSISTANT and one.kind == Kind.TEXT]
    whole = [one for one in answers if one.state == MessageState.COMPLETE and one.content.strip()]
    if whole:
        # What was only found for a question, an answer need not have said.
        cited = (source for one in whole for source in one.sources if source.get("kind") != "based_on")
        titles = dict.fromkeys(str(source.get("title", "")) for source in cited)
        named = ", ".join(shortened(title, 40) for title in list(titles)[:3] if title)
        found.append(f"the assistant answered {_times(len(whole))}{f' ({named})' if named else ''}")
    if broken := sum(one.state == MessageState.FAILED for one in answers):
        found.append(f"{_count(broken, 'answer')} failed")
    if unhelpful := sum(one.rating < 0 for one in answers):
        found.append(f"{_count(unhelpful, 'answer')} marked as not helpful")
    return found


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' * (number != 1)}"
