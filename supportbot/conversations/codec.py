"""The events of the live log as text, for a log that lives outside this process."""

from typing import Any

from pydantic import TypeAdapter, ValidationError

from supportbot.conversations import events

EVENTS = (
    events.TextArrived,
    events.AnswerAsked,
    events.CustomerSaid,
    events.Escalated,
    events.MessageAdded,
    events.OwnerChanged,
    events.Rated,
    events.SourcesFound,
    events.StopAsked,
    events.Thinking,
    events.TurnEnded,
    events.TurnFailed,
    events.Typing,
    events.Seen,
    events.BriefChanged,
    events.Looking,
    events.CaseChanged,
    events.WaitsTooLong,
    events.SettingsChanged,
)
"""Everything that may be appended. A test compares this with `events`."""

_ADAPTERS: dict[str, TypeAdapter[Any]] = {kind.__name__: TypeAdapter(kind) for kind in EVENTS}


class Unreadable(Exception):
    """An entry we do not understand, such as one of a newer version while servers are being exchanged."""


def encode(event: Any) -> bytes:
    """The event's name and its fields as JSON.

    Raises:
        KeyError: if it is none of `EVENTS`.
    """
    name = type(event).__name__
    return name.encode() + b" " + _ADAPTERS[name].dump_json(event)


def decode(entry: bytes) -> Any:
    """The event `encode` was given.

    Raises:
        Unreadable: if this is no event we know.
    """
    name, _, fields = entry.partition(b" ")
    try:
        return _ADAPTERS[name.decode()].validate_json(fields)
    except (KeyError, UnicodeDecodeError, ValidationError) as error:
        # The entry holds what people wrote: the log is not to hear of it.
        raise Unreadable(type(error).__name__) from None
