"""In words: what is wrong with them, and what is different. Pure. No secret comes out of here."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from pydantic import SecretStr, ValidationError

from supportbot.house.checks import WEEKDAYS, sentence
from supportbot.house.sections import CannedReply, Holiday, Hours, Opening, Replies, Section

NOTHING = "–"
SET, CHANGED = "set", "changed"
"""All that is ever said of a secret."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is different between two versions: the field as people call it, and both values in words."""

    field: str
    before: str
    after: str


def complaint(error: ValidationError, kind: type[Section], content: Mapping[str, Any]) -> str:
    """The first thing that is wrong, as a sentence that names the field in plain words.

    What was typed is never repeated: it may be a secret.
    """
    problem = error.errors(include_url=False)[0]
    if problem["type"] == "value_error":
        return sentence(problem["ctx"]["error"])
    name = _name(kind, problem["loc"], content)
    return f"{name} {_cannot(problem['type'], problem.get('ctx', {}))}."


def place(error: ValidationError) -> tuple[int | str, ...]:
    """Where the first wrong thing is; empty if it is about several fields together."""
    return tuple(error.errors(include_url=False)[0]["loc"])


def differences(before: Section, after: Section) -> list[Change]:
    """What the later of two versions of one section says otherwise, in the order of the page."""
    changes: list[Change] = []
    for name, field in type(after).model_fields.items():
        old, new = getattr(before, name), getattr(after, name)
        if old == new:
            continue
        if isinstance(after, Replies) and isinstance(before, Replies):
            changes += _replies(before.replies, after.replies)
        elif isinstance(new, SecretStr) or isinstance(old, SecretStr):
            changes.append(Change(_title(field), SET if old else NOTHING, _secret(old, new)))
        else:
            changes.append(Change(_title(field), shown(old), shown(new)))
    return changes


def shown(value: Any) -> str:
    """A value as a person would write it down; several come line by line."""
    match value:
        case SecretStr():
            return SET
        case bool():
            return "yes" if value else "no"
        case None | "":
            return NOTHING
        case time():
            return f"{value:%H:%M}"
        case date():
            return f"{value:%Y-%m-%d}"
        case UUID():
            return f"a picture ({value.hex[-6:]})"
        case tuple() | list():
            return "\n".join(_lines(value)) or NOTHING
        case _:
            return str(value)


def listed(section: Section) -> list[tuple[str, str]]:
    """Every field as people call it, with its value in words."""
    return [
        (_title(field), shown(getattr(section, name))) for name, field in type(section).model_fields.items()
    ]


def _lines(values: Iterable[Any]) -> list[str]:
    lines: list[str] = []
    for value in values:
        match value:
            case CannedReply():
                lines.append(f"{value.title}: {value.body}")
            case Opening():
                lines.append(f"{WEEKDAYS[value.weekday]} {shown(value.opens)}–{shown(value.closes)}")
            case Holiday():
                lines.append(f"{shown(value.day)} {value.name}".strip())
            case _:
                lines.append(shown(value))
    return lines


def _replies(before: Iterable[CannedReply], after: Iterable[CannedReply]) -> list[Change]:
    old, new = ({reply.id: reply for reply in replies} for replies in (before, after))
    changes = []
    for id_ in [*new, *(old.keys() - new.keys())]:
        was, will = old.get(id_), new.get(id_)
        if was != will:
            title = next(reply.title for reply in (will, was) if reply is not None)
            changes.append(Change(f"The reply “{title}”", _reply(was, will), _reply(will, was)))
    if not changes:
        titles = ["\n".join(reply.title for reply in replies.values()) for replies in (old, new)]
        changes.append(Change("The order of the replies", *titles))
    return changes


def _reply(reply: CannedReply | None, other: CannedReply | None) -> str:
    if reply is None:
        return NOTHING
    return reply.body if other is None or other.title == reply.title else f"{reply.title}\n{reply.body}"


def _secret(old: SecretStr | None, new: SecretStr | None) -> str:
    if new is None:
        return NOTHING
    return CHANGED if old else SET


def _title(field: Any) -> str:
    return str(field.title)


def _name(kind: type[Section], place: tuple[int | str, ...], content: Mapping[str, Any]) -> str:
    """What people call the field at this place, such as "The text of reply 3"."""
    if not place:
        return "This"
    title = _title(kind.model_fields[str(place[0])])
    if len(place) == 1 or not isinstance(place[1], int):
        return title
    number = place[1] + 1
    inner = str(place[2]) if len(place) > 2 else ""
    if kind is Replies:
        return {"title": "The title", "body": "The text"}.get(inner, "Something") + f" of reply {number}"
    if kind is Hours and inner in ("opens", "closes"):
        return ("The opening time" if inner == "opens" else "The closing time") + _on(content, place[1])
    if inner in ("day", "name"):
        return f"The {'date' if inner == 'day' else 'name'} of holiday {number}"
    return f"Number {number} of {title[:1].lower()}{title[1:]}"


def _on(content: Mapping[str, Any], at: int) -> str:
    try:
        return f" on {WEEKDAYS[int(content['week'][at]['weekday'])]}"
    except (KeyError, IndexError, TypeError, ValueError):
        return ""


def _cannot(kind: str, context: Mapping[str, Any]) -> str:
    """What a field must be, from what pydantic says it is not."""
    match kind:
        case "string_too_long":
            return f"may have at most {context['max_length']:,} characters"
        case "string_too_short" | "missing":
            return "must not be empty"
        case "too_long":
            return f"may be at most {context['max_length']:,}"
        case "greater_than_equal":
            return f"must be at least {context['ge']:,}"
        case "less_than_equal":
            return f"must be at most {context['le']:,}"
        case "literal_error":
            return f"must be one of {str(context['expected']).replace(chr(39), '')}"
        case _ if kind.startswith("int_"):
            return "must be a whole number"
        case _ if kind.startswith("time_"):
            return "must be a time such as 09:00"
        case _ if kind.startswith("date_"):
            return "must be a date such as 2026-12-25"
        case _ if kind.startswith("uuid_"):
            return "could not be found; please choose it again"
        case _:
            return "cannot be used as it is"
