"""Whose address a request counts under, with and without proxies."""

import logging
from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.web import addresses
from supportbot.web.addresses import address_group, client_address, forwarding_ignored


def request(*forwarded: str, peer: str | None = "10.0.0.9") -> dict[str, Any]:
    return {
        "client": None if peer is None else (peer, 4711),
        "headers": [(b"x-forwarded-for", line.encode("latin-1")) for line in forwarded],
    }


@pytest.fixture(autouse=True)
def nothing_seen_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_forwarding_ignored", False)


@pytest.mark.parametrize("forwarded", ["1.1.1.1", "1.1.1.1, 2.2.2.2", "garbage", ", ".join(["9.9.9.9"] * 50)])
def test_without_trusted_proxies_the_header_changes_nothing(forwarded: str) -> None:
    assert client_address(request(forwarded), 0) == "10.0.0.9"


@pytest.mark.parametrize(
    ("hops", "expected"), [(1, "203.0.113.7"), (2, "1.1.1.1"), (3, "10.0.0.9"), (50, "10.0.0.9")]
)
def test_the_caller_is_as_many_entries_from_the_right_as_there_are_proxies(hops: int, expected: str) -> None:
    assert client_address(request("1.1.1.1, 203.0.113.7"), hops) == expected


def test_what_a_caller_claims_to_the_left_of_the_proxies_entries_is_ignored() -> None:
    claimed = ", ".join(["6.6.6.6"] * 48)
    assert client_address(request(f"{claimed}, 203.0.113.7, 10.0.0.1"), 2) == "203.0.113.7"


def test_several_header_lines_are_read_as_one_list() -> None:
    assert client_address(request("6.6.6.6", "203.0.113.7"), 1) == "203.0.113.7"
    assert client_address(request("203.0.113.7", "10.0.0.1"), 2) == "203.0.113.7"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("203.0.113.7:51000", "203.0.113.7"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ('"[2001:db8::1]:443"', "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("[::ffff:203.0.113.7]:80", "203.0.113.7"),
    ],
)
def test_every_spelling_of_an_address_is_understood(entry: str, expected: str) -> None:
    assert client_address(request(entry), 1) == expected


@pytest.mark.parametrize(
    "entry", ["unknown", "_hidden", "1.2.3", "1.2.3.4.5", "[", "]", ":", "::::", "\x00", "١.1.1.1"]
)
def test_garbage_falls_back_on_the_peer(entry: str) -> None:
    assert client_address(request(entry.encode().decode("latin-1")), 1) == "10.0.0.9"


def test_a_caller_without_an_address_is_unknown() -> None:
    assert client_address(request(peer=None), 0) == "unknown"
    assert client_address(request(peer="/run/socket"), 0) == "unknown"


@given(st.text(st.characters(max_codepoint=255)), st.integers(0, 3))
def test_no_header_raises_or_yields_anything_but_an_address(header: str, hops: int) -> None:
    ip_address(client_address(request(header), hops))


def test_an_undeclared_proxy_is_warned_about_once(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        client_address(request(), 0)
        assert not forwarding_ignored()
        client_address(request("1.1.1.1"), 0)
        client_address(request("1.1.1.1"), 0)
    assert forwarding_ignored()
    assert len(caplog.records) == 1


def test_a_declared_proxy_is_not_warned_about(caplog: pytest.LogCaptureFixture) -> None:
    client_address(request("1.1.1.1"), 1)
    assert not forwarding_ignored()
    assert not caplog.records


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("unknown", "unknown"),
        ("203.0.113.7:50123", "203.0.113.7"),
        ("[2001:db8:1:2:3:4:5:6]:50123", "2001:db8:1:2::/64"),
    ],
)
def test_ipv6_counts_by_its_64_and_ipv4_by_itself(address: str, group: str) -> None:
    assert address_group(address) == group
