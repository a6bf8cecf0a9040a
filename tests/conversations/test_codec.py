"""Events survive the way through text, every kind of them."""

import dataclasses
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.conversations import codec, events
from supportbot.conversations.events import MessageView, OwnerChanged, TextArrived
from supportbot.ids import new_id

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SOURCES = st.lists(st.dictionaries(TEXT, TEXT, max_size=3), max_size=3).map(tuple)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
NUMBERS = st.integers(0, 2**31 - 1)


def of(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that an event's field may have."""
    if kind is str:
        return TEXT
    if kind is int:
        return NUMBERS
    if kind is datetime:
        return MOMENTS
    if kind == tuple[dict[str, Any], ...]:
        return SOURCES
    if dataclasses.is_dataclass(kind):
        hints = {field.name: field.type for field in dataclasses.fields(kind)}
        return st.builds(kind, **{name: of(hint) for name, hint in hints.items()})
    return st.from_type(kind)


@given(st.one_of([of(kind) for kind in codec.EVENTS]))
def test_every_event_comes_back_as_it_was(event: Any) -> None:
    back = codec.decode(codec.encode(event))

    assert back == event
    assert type(back) is type(event)


def test_no_kind_of_event_is_forgotten() -> None:
    kinds = {
        kind
        for kind in vars(events).values()
        if dataclasses.is_dataclass(kind) and getattr(kind, "__module__", "") == events.__name__
    }

    assert set(codec.EVENTS) == kinds - {MessageView}


@pytest.mark.parametrize(
    "entry", [b"", b"TextArrived", b"TextArrived {}", b"Nonsense {}", b"Rated [1", b"\xff {}", b"Position {}"]
)
def test_nonsense_is_no_event(entry: bytes) -> None:
    with pytest.raises(codec.Unreadable):
        codec.decode(entry)


def test_a_field_a_newer_version_adds_does_no_harm() -> None:
    event = OwnerChanged(new_id(), events.Owner.STAFF, None, "Sam", 3)
    newer = codec.encode(event).replace(b"{", b'{"mood":"good",', 1)

    assert codec.decode(newer) == event


def test_what_customers_wrote_is_not_in_the_complaint() -> None:
    entry = codec.encode(TextArrived(new_id(), 0, "my secret")).replace(b'"at":0', b'"at":"secret"')

    with pytest.raises(codec.Unreadable) as complaint:
        codec.decode(entry)

    assert "secret" not in str(complaint.value)
