"""The guard in front of Reflex's socket, against a tiny app that writes down what reaches it."""

import asyncio
import json
import logging
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Message, Receive, Scope, Send

from supportbot.web import socket_guard
from supportbot.web.frames import Frames, RefusedError
from supportbot.web.socket_guard import SocketGuard

TOKEN = "6308efa3-2281-41ea-c359-16b578dc545a"  # as Reflex makes them: no UUID has a "c" there
HERE = {"pathname": "/", "asPath": "/"}
BOOT = {"name": "reflex___state____state.hydrate_and_load", "payload": {}, "router_data": HERE}
CONNECT = "40/_event,{}"


class Inner:
    """Stands in for Reflex: accepts, answers with `says`, and keeps the frames it gets."""

    def __init__(self, says: Sequence[str] = ()) -> None:
        self.says = says
        self.frames: list[Any] = []
        self.ended_with: int | None = None
        self.reached = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.reached = True
        if scope["type"] != "websocket":
            return
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept"})
        for text in self.says:
            await send({"type": "websocket.send", "bytes": None, "text": text})
        while (message := await receive())["type"] == "websocket.receive":
            assert set(message) == {"type", "text"}
            self.frames.append(message["text"])
        self.ended_with = message["code"]
        await send({"type": "websocket.close"})  # as Engine.IO does, closed or not


def handshake(
    query: str = f"token={TOKEN}&EIO=4&transport=websocket",
    path: str = "/_event/",
    peer: str = "203.0.113.7",
    **headers: str,
) -> dict[str, Any]:
    pairs = {"host": "chat.example", **headers}
    return {
        "type": "websocket",
        "scheme": "ws",
        "path": path,
        "query_string": query.encode(),
        "client": (peer, 50000),
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in pairs.items()],
        "subprotocols": ["0.10.1"],
        "extensions": {"websocket.http.response": {}},
    }


def guard_for(inner: Any, **options: Any) -> SocketGuard:
    return SocketGuard(inner, **{"allowed_origins": frozenset(), "trusted_hops": 0} | options)


async def talk(guard: SocketGuard, scope: Scope, *frames: str | bytes) -> list[Message]:
    """Open a socket, send the frames, leave; what the client got."""
    coming: list[Message] = [{"type": "websocket.connect"}]
    for frame in frames:
        kind = "text" if isinstance(frame, str) else "bytes"
        coming.append({"type": "websocket.receive", "text": None, "bytes": None, kind: frame})
    coming.append({"type": "websocket.disconnect", "code": 1005})
    got: list[Message] = []

    async def receive() -> Message:
        return coming.pop(0)

    async def send(message: Message) -> None:
        got.append(message)

    await guard(scope, receive, send)
    return got


async def passed(*frames: str | bytes, says: Sequence[str] = (), **options: Any) -> list[str]:
    """The frames that reach Reflex after a CONNECT, when nothing ends the socket."""
    inner = Inner(says)
    await talk(guard_for(inner, **options), handshake(), CONNECT, *frames)
    assert inner.ended_with == 1005
    return inner.frames[1:]


async def closing_code(*frames: str | bytes, scope: Scope | None = None, **options: Any) -> int:
    """The code the guard ends the socket with; the frame that did it must not have got through."""
    inner = Inner()
    got = await talk(guard_for(inner, **options), scope or handshake(), *frames)
    assert got[-1]["type"] == "websocket.close"
    assert [message["type"] for message in got].count("websocket.close") == 1
    assert inner.ended_with == got[-1]["code"]
    assert len(inner.frames) == len(frames) - 1
    return int(got[-1]["code"])


def event(name: Any = "state.handler", **fields: Any) -> str:
    return "42/_event," + json.dumps(["event", {"name": name, **fields}])


def fired(frame: str) -> dict[str, Any]:
    name, call = json.loads(frame.removeprefix("42/_event,"))
    assert name == "event"
    return dict(call)


# The handshake


async def status(scope: Scope, **options: Any) -> int:
    inner = Inner()
    got = await talk(guard_for(inner, **options), scope)
    if inner.reached:
        return 101
    assert [message["type"] for message in got] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    return int(got[0]["status"])


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/_event", "/_event/"])
async def test_a_page_connects_as_reflex_does_it(path: str) -> None:
    assert await status(handshake(path=path, origin="http://chat.example")) == 101


@pytest.mark.anyio
@pytest.mark.parametrize(
    "query",
    [
        "",
        "EIO=4&transport=websocket",
        "token=&EIO=4&transport=websocket",
        "token=1&EIO=4&transport=websocket",
        "token=6308efa3-2281-11ea-c359-16b578dc545a&EIO=4&transport=websocket",
        f"token={TOKEN.upper()}&EIO=4&transport=websocket",
        f"token={TOKEN}%0a&EIO=4&transport=websocket",
        f"token={TOKEN}&token={TOKEN}&EIO=4&transport=websocket",
        f"token={TOKEN}&EIO=4&transport=polling",
        f"token={TOKEN}&EIO=3&transport=websocket",
        f"token={TOKEN}&EIO=4&transport=websocket&sid=another",
        f"token={TOKEN}&EIO=4&transport=websocket&j=0",
        f"token={TOKEN}&EIO=4&transport=websocket&\xff",
    ],
)
async def test_a_handshake_that_is_not_a_pages_is_refused(query: str) -> None:
    assert await status(handshake(query)) == 403


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/", "/other", "/_eventual", "/_event/x", "//_event/"])
async def test_there_is_no_websocket_anywhere_else(path: str) -> None:
    assert await status(handshake(path=path)) == 403


@pytest.mark.anyio
async def test_a_strange_origin_is_refused_and_a_listed_one_is_not() -> None:
    assert await status(handshake(origin="https://evil.example")) == 403
    assert await status(handshake(origin="null")) == 403
    assert await status(handshake()) == 101
    listed = frozenset({"https://shop.example"})
    assert await status(handshake(origin="https://shop.example"), allowed_origins=listed) == 101


@pytest.mark.anyio
async def test_behind_a_proxy_the_forwarded_scheme_counts() -> None:
    scope = handshake(origin="https://chat.example", x_forwarded_proto="https", x_forwarded_for="1.1.1.1")
    assert await status(scope) == 403
    assert await status(scope, trusted_hops=1) == 101


@pytest.mark.anyio
async def test_a_refused_origin_is_explained_in_the_log_once(caplog: pytest.LogCaptureFixture) -> None:
    guard = guard_for(Inner())
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            await talk(guard, handshake(origin="https://evil.example\n\x1b[31mforged"))
    (record,) = caplog.records
    assert "ALLOWED_ORIGINS" in record.getMessage()
    assert "\n" not in record.getMessage()


@pytest.mark.anyio
async def test_endless_headers_are_refused() -> None:
    assert await status(handshake(cookie="x" * 32_000)) == 431


@pytest.mark.anyio
async def test_a_server_that_cannot_answer_in_http_just_refuses() -> None:
    scope = {**handshake(""), "extensions": {}}
    assert (await talk(guard_for(Inner()), scope))[0]["type"] == "websocket.close"


async def http(path: str) -> tuple[bool, list[Message]]:
    inner, got = Inner(), []

    async def send(message: Message) -> None:
        got.append(message)

    await guard_for(inner)({"type": "http", "path": path, "headers": []}, asyncio.Event().wait, send)  # type: ignore[arg-type]
    return inner.reached, got


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/_event", "/_event/", "/_event/x"])
async def test_polling_is_refused(path: str) -> None:
    reached, got = await http(path)
    assert not reached
    assert got[0]["status"] == 403


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/", "/_eventual", "/ping"])
async def test_other_http_is_none_of_its_business(path: str) -> None:
    assert await http(path) == (True, [])


# Frames of a real page


@pytest.mark.anyio
async def test_the_boot_event_and_the_state_schema_reach_reflex() -> None:
    inner = Inner()
    boot = {
        "name": "reflex___state____state.hydrate_and_load",
        "payload": {"vars": {"state.theme_rx_state_": "dark"}, "hashes": ["841a9347573b7498"]},
        "router_data": {"pathname": "/item/7", "asPath": "/item/7?x=1#top", "query": {"x": "1", "id": "7"}},
    }
    auth = {"event": boot, "state_schema": "388fdb4b5ab53bfc38c94279c70578fd"}
    await talk(guard_for(inner), handshake(), "40/_event," + json.dumps({**auth, "cookie": "forged"}))
    assert json.loads(inner.frames[0].removeprefix("40/_event,")) == auth


@pytest.mark.anyio
async def test_an_event_keeps_name_payload_and_where_the_page_is() -> None:
    where = {"pathname": "/", "asPath": "/?a=b", "query": {"a": "b"}}
    form = {"data": {"__reflex_form_data__": [["text", "Grüße 😀"]]}}
    (frame,) = await passed(event(payload=form, router_data=where, event_actions={"throttle": 3}))
    assert fired(frame) == {"name": "state.handler", "payload": form, "router_data": where}


@pytest.mark.anyio
async def test_an_event_without_arguments_gets_empty_ones() -> None:
    (frame,) = await passed(event())
    assert fired(frame) == {"name": "state.handler", "payload": {}, "router_data": {}}


@pytest.mark.anyio
async def test_the_404_page_sends_its_path_as_a_list() -> None:
    where = {**HERE, "query": {"splat": ["nowhere", "at", "all"], "optional": None}}
    (frame,) = await passed(event(router_data=where))
    assert fired(frame)["router_data"]["query"] == {"splat": ["nowhere", "at", "all"]}


@pytest.mark.anyio
async def test_forged_connection_data_never_reaches_reflex() -> None:
    forged = {"ip": "6.6.6.6", "headers": {"cookie": "staff"}, "sid": "x", "token": "y", "junk": 1}
    (frame,) = await passed(event(router_data={**HERE, **forged}, token="z"))
    assert fired(frame) == {"name": "state.handler", "payload": {}, "router_data": HERE}


@pytest.mark.anyio
async def test_a_very_long_address_is_cut_so_that_the_page_still_works() -> None:
    long = {"asPath": "/?x=" + "y" * 9000, "query": {"x": "y" * 9000, "k" * 101: "gone"} | many_entries(99)}
    (frame,) = await passed(event(router_data=HERE | long))
    where = fired(frame)["router_data"]
    assert len(where["asPath"]) == 2000
    assert len(where["query"]["x"]) == 2000
    assert len(where["query"]) <= 50


def many_entries(count: int) -> dict[str, str]:
    return {f"key{number}": "" for number in range(count)}


@pytest.mark.anyio
async def test_control_characters_and_lone_surrogates_leave_the_address() -> None:
    where = {"pathname": "/a\r\nb\x1b[31m", "asPath": "/\ud800", "query": {"q\x00": "\x00\n\udfffz"}}
    (frame,) = await passed(event(router_data=where))
    assert fired(frame)["router_data"] == {"pathname": "/ab[31m", "asPath": "/", "query": {"q": "z"}}


@pytest.mark.anyio
async def test_leaving_is_passed_on() -> None:
    assert await passed("41/_event,") == ["41/_event,"]


@pytest.mark.anyio
async def test_the_ping_event_is_passed_on() -> None:
    assert await passed('42/_event,["ping"]') == ['42/_event,["ping"]']


@pytest.mark.anyio
async def test_one_pong_passes_for_each_ping() -> None:
    assert await passed("3", "3", "3", says=["0{}", "2", "2"]) == ["3", "3"]


# Frames that are dropped


@pytest.mark.anyio
@pytest.mark.parametrize(
    "frame",
    [
        event("state.setvar", payload={"var_name": "n", "value": 999}),
        event(
            "reflex___state____state.exceptions.handle_frontend_exception", payload={"info": "forged\nline"}
        ),
        '42/_event,["client_error",{"message":"forged"}]',
        '42/_event,["client_error"]',
        "3",
    ],
)
async def test_what_nobody_wants_is_dropped_and_the_socket_lives(frame: str) -> None:
    assert await passed(frame, event("state.after")) == [event_rebuilt("state.after")]


def event_rebuilt(name: str) -> str:
    return f'42/_event,["event",{{"name":"{name}","payload":{{}},"router_data":{{}}}}]'


@pytest.mark.anyio
async def test_a_burst_of_forty_passes_and_the_rest_is_dropped() -> None:
    assert 39 <= len(await passed(*[event()] * 100)) < 50  # the CONNECT took one; time gives some back


def test_the_bucket_refills_with_ten_a_second() -> None:
    now = [0.0]
    frames = Frames("/_event", clock=lambda: now[0])
    frames.judge(CONNECT)
    assert [frames.judge(event()) is not None for _ in range(60)].count(True) == 39
    now[0] += 1
    assert [frames.judge(event()) is not None for _ in range(60)].count(True) == 10


def test_a_quiet_moment_forgives_what_was_dropped() -> None:
    now = [0.0]
    frames = Frames("/_event", clock=lambda: now[0])
    frames.judge(CONNECT)
    for _ in range(10):
        for _ in range(400):
            frames.judge(event())
        now[0] += 10


@pytest.mark.anyio
async def test_a_flood_ends_the_socket() -> None:
    inner = Inner()
    got = await talk(guard_for(inner), handshake(), CONNECT, *[event()] * 500)
    assert got[-1] == {"type": "websocket.close", "code": 1008, "reason": ""}
    assert 40 <= len(inner.frames) < 50


@pytest.mark.anyio
async def test_a_flood_is_not_even_parsed() -> None:
    inner = Inner()
    await talk(guard_for(inner), handshake(), CONNECT, *[event()] * 60, "this would end the socket")
    assert inner.ended_with == 1005


# Frames that end the socket


@pytest.mark.anyio
@pytest.mark.parametrize(
    "frame",
    [
        "",
        "0{}",
        "1",
        "2",
        "2probe",
        "5",
        "6",
        "bAAAA",
        "4",
        "4[1]",
        "42",
        '42["event",{"name":"a.b"}]',
        '42/admin,["event",{"name":"a.b"}]',
        '42/_event?x=1,["event",{"name":"a.b"}]',
        '42/_event,7["event",{"name":"a.b"}]',
        "40/_event,{}",
        "40/_event,",
        "41/_event,[]",
        "43/_event,1[]",
        "44/_event,{}",
        '451-/_event,["event",{"_placeholder":true,"num":0}]',
        '46-/_event,["event"]',
        '42/_event,["connect",{"asgi.scope":{"client":["6.6.6.6",1]}}]',
        '42/_event,["disconnect"]',
        '42/_event,["event"]',
        '42/_event,["event","{}"]',
        '42/_event,["event",{"name":"a.b"},1]',
        '42/_event,["ping",1]',
        "42/_event,{}",
        "42/_event,[]",
        "42/_event,",
        '42/_event,[["event"],{}]',
        '42/_event,["event",{"name":"a.b","payload":{"x":NaN}}]',
        '42/_event,["event",{"name":"a.b","payload":{"x":1e999}}]',
        '42/_event,["event",{"name":"a.b","payload":{"x":' + "9" * 4000 + "}}]",
        '42/_event,["event",{"name":"a.b","payload":{"x":' + "[" * 40 + "]" * 40 + "}}]",
        "42/_event," + "[" * 15_000 + "]" * 15_000,
        "42/_event," + '{"a":' * 5_000,
    ],
)
async def test_what_no_page_sends_ends_the_socket(frame: str) -> None:
    assert await closing_code(CONNECT, frame) == 1008


@pytest.mark.anyio
@pytest.mark.parametrize(
    "call",
    [
        {},
        {"name": None},
        {"name": 1},
        {"name": ["a"]},
        {"name": ""},
        {"name": "a" * 201},
        {"name": "a\nb"},
        {"name": "a.b", "payload": None},
        {"name": "a.b", "payload": []},
        {"name": "a.b", "router_data": "/"},
        {"name": "a.b", "router_data": None},
        {"name": "a.b", "router_data": {"pathname": 1}},
        {"name": "a.b", "router_data": {"pathname": None}},
        {"name": "a.b", "router_data": {"asPath": "@evil.example/"}},
        {"name": "a.b", "router_data": {"query": []}},
        {"name": "a.b", "router_data": {"query": {"a": 1}}},
        {"name": "a.b", "router_data": {"query": {"a": {}}}},
        {"name": "a.b", "router_data": {"query": {"a": [1]}}},
    ],
)
async def test_an_event_of_wrong_types_ends_the_socket(call: dict[str, Any]) -> None:
    assert await closing_code(CONNECT, "42/_event," + json.dumps(["event", call])) == 1008


@pytest.mark.anyio
@pytest.mark.parametrize(
    "auth",
    [
        "[]",
        "1",
        "null",
        "{",
        '{"event":null}',
        '{"event":[]}',
        json.dumps({"event": BOOT | {"name": "state.setvar"}}),
        json.dumps({"event": BOOT | {"name": "staff.delete_everything"}}),
        json.dumps({"event": BOOT | {"payload": []}}),
        json.dumps({"event": BOOT, "state_schema": {"deep": []}}),
        json.dumps({"event": BOOT, "state_schema": "x" * 101}),
        "[" * 15_000,
    ],
)
async def test_a_connect_that_is_not_a_pages_ends_the_socket(auth: str) -> None:
    assert await closing_code("40/_event," + auth) == 1008


@pytest.mark.anyio
async def test_nothing_is_said_before_the_connect_or_after_leaving() -> None:
    assert await closing_code(event()) == 1008
    assert await closing_code("41/_event,") == 1008
    assert await closing_code(CONNECT, "41/_event,", event()) == 1008
    assert await closing_code(CONNECT, "41/_event,", CONNECT) == 1008


@pytest.mark.anyio
async def test_binary_ends_the_socket() -> None:
    assert await closing_code(CONNECT, b"4\x00") == 1003
    assert await closing_code(b"") == 1003


@pytest.mark.anyio
async def test_a_frame_over_the_limit_ends_the_socket() -> None:
    padding = 32_000 - len(event(payload={"text": ""}))
    assert len(await passed(event(payload={"text": "x" * (padding - 1)}))) == 1
    assert await closing_code(CONNECT, event(payload={"text": "x" * padding})) == 1009


@pytest.mark.anyio
async def test_staff_may_send_longer_frames() -> None:
    async def staff_session(cookie: str) -> bool:
        return cookie == "session=sam; theme=dark"

    async def frames_of(cookie: str, length: int) -> int | None:
        inner = Inner()
        guard = guard_for(inner, staff_session=staff_session)
        await talk(guard, handshake(cookie=cookie), CONNECT, event(payload={"text": "x" * length}))
        return inner.ended_with

    assert await frames_of("session=sam; theme=dark", 100_000) == 1005
    assert await frames_of("session=sam; theme=dark", 512_000) == 1009
    assert await frames_of("session=charlie", 100_000) == 1009


@pytest.mark.anyio
async def test_a_session_that_cannot_be_checked_is_no_staff_session() -> None:
    async def broken(_cookie: str) -> bool:
        raise RuntimeError("database away")

    frames = [CONNECT, "x" * 100_000]
    assert await closing_code(*frames, scope=handshake(cookie="session=sam"), staff_session=broken) == 1009


@pytest.mark.anyio
async def test_without_a_cookie_nobody_is_asked_for_a_session() -> None:
    async def never(_cookie: str) -> bool:
        raise AssertionError

    assert await closing_code(CONNECT, "x" * 100_000, staff_session=never) == 1009


# Garbage


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)
CALLS = st.fixed_dictionaries(
    {},
    optional={
        "name": st.sampled_from(["a.b", "a.setvar"]) | JSON,
        "payload": st.dictionaries(st.text(), JSON, max_size=3) | JSON,
        "router_data": JSON
        | st.fixed_dictionaries(
            {},
            optional={
                "pathname": st.text().map("/".__add__) | JSON,
                "asPath": st.text().map("/".__add__) | JSON,
                "query": st.dictionaries(st.text(), st.text() | JSON, max_size=3) | JSON,
                "headers": JSON,
            },
        ),
    },
)
PACKETS = (
    st.tuples(st.just("event"), CALLS).map(list)
    | st.tuples(st.sampled_from(["event", "ping", "connect", "client_error"]), JSON).map(list)
    | JSON
)
FRAMES = (
    st.text()
    | st.tuples(st.sampled_from(["40", "41", "42", "43", "45"]), PACKETS).map(
        lambda pair: f"{pair[0]}/_event,{json.dumps(pair[1])}"
    )
    | st.tuples(st.sampled_from(["40", "42"]), st.text()).map(lambda pair: f"{pair[0]}/_event,{pair[1]}")
)


def verdict(frame: str) -> str | None:
    frames = Frames("/_event")
    frames.judge(CONNECT)
    try:
        return frames.judge(frame)
    except RefusedError:
        return None


@given(FRAMES)
def test_whatever_comes_is_refused_dropped_or_rebuilt_into_a_pages_frame(frame: str) -> None:
    rebuilt = verdict(frame)
    if rebuilt is None or rebuilt == "41/_event,":
        return
    match json.loads(rebuilt.removeprefix("42/_event,")):
        case ["ping"]:
            pass
        case ["event", {"name": str(name), "payload": dict(), "router_data": dict(where), **others}]:
            assert len(name) <= 200
            assert not others
            assert set(where) <= {"pathname", "asPath", "query"}
            assert all(len(text) <= 2000 for text in where.values() if isinstance(text, str))
        case _:
            pytest.fail(rebuilt)
    assert verdict(rebuilt) == rebuilt


@given(JSON)
def test_a_payload_arrives_as_it_was_sent(value: Any) -> None:
    frame = event(payload={"value": value})
    rebuilt = verdict(frame)
    if rebuilt is not None:
        assert fired(rebuilt)["payload"] == {"value": value}


@given(st.dictionaries(st.sampled_from(["event", "state_schema", "environ"]), JSON | st.just(BOOT)))
def test_no_connect_raises_or_carries_more_than_a_pages(auth: dict[str, Any]) -> None:
    frames = Frames("/_event")
    try:
        rebuilt = frames.judge("40/_event," + json.dumps(auth))
    except RefusedError:
        return
    assert rebuilt is not None
    sent = json.loads(rebuilt.removeprefix("40/_event,"))
    assert set(sent) <= {"event", "state_schema"}
    assert sent.get("event", BOOT) == BOOT


# Sockets an address


class OpenSocket:
    """A client that stays until told to leave."""

    def __init__(self, guard: SocketGuard, scope: Scope) -> None:
        self.got: asyncio.Queue[Message] = asyncio.Queue()
        self._coming: asyncio.Queue[Message] = asyncio.Queue()
        self._coming.put_nowait({"type": "websocket.connect"})
        self._task = asyncio.ensure_future(guard(scope, self._coming.get, self.got.put))

    async def hears(self) -> Message:
        return await asyncio.wait_for(self.got.get(), 2)

    def says(self, text: str) -> None:
        self._coming.put_nowait({"type": "websocket.receive", "text": text})

    async def leaves(self) -> None:
        self._coming.put_nowait({"type": "websocket.disconnect", "code": 1005})
        await self._task


async def opened(guard: SocketGuard, count: int, peer: Callable[[int], str]) -> list[OpenSocket]:
    sockets = [OpenSocket(guard, handshake(peer=peer(number))) for number in range(count)]
    for socket in sockets:
        assert (await socket.hears())["type"] == "websocket.accept"
    return sockets


async def all_leave(sockets: Sequence[OpenSocket]) -> None:
    for socket in sockets:
        await socket.leaves()


def same(_number: int) -> str:
    return "203.0.113.7"


@pytest.mark.anyio
async def test_one_socket_too_many_is_told_why_in_a_way_its_page_can_show() -> None:
    guard = guard_for(Inner(), sockets_per_address=2)
    sockets = await opened(guard, 2, same)
    third = OpenSocket(guard, handshake())
    # The subprotocol is answered, or Chromium would drop the connection without a word.
    assert await third.hears() == {"type": "websocket.accept", "subprotocol": "0.10.1"}
    assert json.loads((await third.hears())["text"].removeprefix("0"))["upgrades"] == []
    assert third.got.empty()  # a page that is still starting hears nothing before its CONNECT
    third.says("40/_event,{}")
    assert (await third.hears())["text"] == '44/_event,{"message": "too_many_sockets"}'
    await all_leave([*sockets, third])


@pytest.mark.anyio
async def test_a_place_becomes_free_when_a_socket_leaves() -> None:
    guard = guard_for(Inner(), sockets_per_address=2)
    first, second = await opened(guard, 2, same)
    await first.leaves()
    third = OpenSocket(guard, handshake())
    assert await third.hears() == {"type": "websocket.accept"}
    assert guard.open_sockets == 2
    await all_leave([second, third])
    assert guard.open_sockets == 0


@pytest.mark.anyio
async def test_those_who_are_being_told_are_few_and_the_rest_is_refused() -> None:
    guard = guard_for(Inner(), sockets_per_address=1)
    sockets = await opened(guard, 1 + socket_guard.DECLINES_AT_ONCE, same)
    over = OpenSocket(guard, handshake())
    assert (await over.hears())["status"] == 429
    await over.leaves()
    await all_leave(sockets)


@pytest.mark.anyio
async def test_one_who_never_asks_why_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket_guard, "SECONDS_TO_DECLINE", 0.01)
    guard = guard_for(Inner(), sockets_per_address=0)
    silent = OpenSocket(guard, handshake())
    kinds = [(await silent.hears())["type"] for _ in range(3)]
    assert kinds == ["websocket.accept", "websocket.send", "websocket.close"]
    await silent.leaves()


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("peer", "limited"),
    [
        (lambda number: f"203.0.113.{number}", False),
        (lambda number: f"2001:db8:0:{number}::1", False),
        (lambda number: f"2001:db8::{number}", True),
        (lambda number: "::ffff:203.0.113.7" if number else "203.0.113.7", True),
    ],
)
async def test_sockets_count_by_ipv4_address_and_by_ipv6_64(
    peer: Callable[[int], str], limited: bool
) -> None:
    guard = guard_for(Inner(), sockets_per_address=2)
    sockets = await opened(guard, 3, peer)
    assert guard.open_sockets == (2 if limited else 3)
    await all_leave(sockets)


@pytest.mark.anyio
async def test_an_app_that_breaks_gives_its_place_back() -> None:
    async def broken(_scope: Scope, _receive: Receive, _send: Send) -> None:
        raise RuntimeError("broken")

    guard = guard_for(broken)
    with pytest.raises(RuntimeError):
        await talk(guard, handshake())
    assert guard.open_sockets == 0


@pytest.mark.anyio
async def test_after_the_guard_has_closed_nothing_more_is_read_or_sent() -> None:
    async def stubborn(_scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        for _ in range(3):
            assert (await receive())["type"] == "websocket.disconnect"
            await send({"type": "websocket.send", "text": "late"})

    got = await talk(guard_for(stubborn), handshake(), b"binary", event())
    assert [message["type"] for message in got] == ["websocket.accept", "websocket.close"]


# The token


@pytest.mark.anyio
async def test_reflex_gets_a_token_of_our_own_for_each_socket_and_we_hear_when_it_ends() -> None:
    seen: list[str] = []
    left: list[str] = []

    async def inner(scope: Scope, receive: Receive, send: Send) -> None:
        query = dict(parse_qsl(scope["query_string"].decode()))
        seen.append(query.pop("token"))
        assert query == {"EIO": "4", "transport": "websocket"}
        assert left == seen[:-1]

    async def page_left(token: str) -> None:
        left.append(token)

    guard = guard_for(inner, page_left=page_left)
    await talk(guard, handshake())
    await talk(guard, handshake())

    assert len({TOKEN, *seen}) == 3
    assert left == seen
