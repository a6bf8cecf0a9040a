"""Which Origins may open a socket, and which forms may be posted."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supportbot.web.origins import origin_allowed, request_origin, request_site, same_origin_post

NOWHERE_ELSE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("origin", "scheme", "host"),
    [
        ("http://localhost:3000", "ws", "localhost:3000"),
        ("http://127.0.0.1:3000", "ws", "127.0.0.1:3000"),
        ("https://chat.example", "wss", "chat.example"),
        ("https://chat.example", "wss", "chat.example:443"),
        ("https://chat.example:443", "https", "chat.example"),
        ("http://chat.example", "http", "CHAT.example:80"),
        ("http://[::1]:3000", "ws", "[::1]:3000"),
    ],
)
def test_a_page_of_the_requests_own_scheme_and_host_may_connect(origin: str, scheme: str, host: str) -> None:
    assert origin_allowed(origin, scheme, host, NOWHERE_ELSE)
    assert same_origin_post(origin, None, scheme, host, NOWHERE_ELSE)


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "https://evil.example",
        "http://chat.example",
        "https://chat.example:444",
        "https://chat.example.evil.example",
        "https://evil.example#chat.example",
        "https://chat.example@evil.example",
        "https://chat.example/",
        "https://chat.example,https://evil.example",
        "https://chat.example https://evil.example",
        "file://",
    ],
)
def test_any_other_page_may_not(origin: str) -> None:
    assert not origin_allowed(origin, "wss", "chat.example", frozenset({"https://www.example"}))
    assert not same_origin_post(
        origin, "same-origin", "https", "chat.example", frozenset({"https://www.example"})
    )


@pytest.mark.parametrize("listed", ["https://www.example", "https://WWW.example/", "https://www.example:443"])
def test_a_listed_origin_may_connect(listed: str) -> None:
    assert origin_allowed("https://www.example", "ws", "chat.example", frozenset({listed}))


def test_neither_a_star_nor_null_can_be_listed() -> None:
    assert not origin_allowed("https://evil.example", "wss", "chat.example", frozenset({"*"}))
    assert not origin_allowed("null", "wss", "chat.example", frozenset({"null"}))


def test_a_program_without_an_origin_may_connect_but_not_post() -> None:
    assert origin_allowed(None, "wss", "chat.example", NOWHERE_ELSE)
    assert not same_origin_post(None, None, "https", "chat.example", NOWHERE_ELSE)


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none", ""])
def test_without_an_origin_a_post_counts_only_if_the_browser_vouches_for_it(site: str) -> None:
    assert same_origin_post(None, "same-origin", "https", "chat.example", NOWHERE_ELSE)
    assert not same_origin_post(None, site, "https", "chat.example", NOWHERE_ELSE)


def test_a_request_without_a_host_matches_nothing() -> None:
    assert not origin_allowed("https://chat.example", "wss", "", NOWHERE_ELSE)


@given(st.text(), st.text(), st.text())
def test_no_header_raises(origin: str, scheme: str, host: str) -> None:
    assert not origin_allowed(origin, scheme, host, NOWHERE_ELSE)


def request(scheme: str, **headers: str) -> dict[str, Any]:
    pairs = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"scheme": scheme, "headers": pairs}


def test_the_forwarded_scheme_is_believed_only_behind_a_proxy() -> None:
    scope = request("ws", host="chat.example", x_forwarded_proto="https")
    assert request_site(scope, 0) == ("ws", "chat.example")
    assert request_site(scope, 1) == ("https", "chat.example")


def test_with_several_proxies_the_outermost_trusted_one_names_the_scheme() -> None:
    scope = request("http", host="chat.example", x_forwarded_proto="gopher, https, http")
    assert request_site(scope, 2)[0] == "https"
    assert request_site(request("http", x_forwarded_proto="https"), 2) == ("https", "")


def test_two_origins_or_hosts_match_nothing() -> None:
    twice = {"scheme": "ws", "headers": [(b"origin", b"http://a"), (b"origin", b"http://b")]}
    assert not origin_allowed(request_origin(twice), "ws", "a", NOWHERE_ELSE)
    assert request_site({"scheme": "ws", "headers": [(b"host", b"a"), (b"host", b"b")]}, 0) == ("ws", "")
    assert request_origin(request("ws")) is None
