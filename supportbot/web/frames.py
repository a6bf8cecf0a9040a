"""What a page of ours sends over its socket, and nothing else: frames are judged and built anew.

Two outcomes for a frame that does not pass. What a page may send but we do not want, or sends too fast, is
dropped. What no page sends ends the socket, with a close code: 1009 for too long, 1008 for the rest.
"""

import json
import re
import time
from collections.abc import Callable
from typing import Any

FRAMES_A_SECOND = 10.0
FRAMES_AT_ONCE = 40
DROPPED_BEFORE_CLOSE = 400
POLICY = 1008
"""The close code for what no page sends."""

_HANDLER = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,199}")
_UNWANTED_HANDLERS = frozenset({"setvar", "handle_frontend_exception"})
_BOOT_HANDLER = "hydrate_and_load"
_CONTROLS_AND_SURROGATES = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")

_PATH_CHARACTERS = 2_000
_QUERY_ENTRIES = 50
_QUERY_KEY_CHARACTERS = 100
_SCHEMA_CHARACTERS = 100
_DEPTH = 32
_INTEGER_DIGITS = 21  # what JavaScript writes without an exponent

# Engine.IO packets, and the Socket.IO packets inside its messages ("4").
PING, PONG, CONNECT, DISCONNECT, EVENT, CONNECT_ERROR = "2", "3", "40", "41", "42", "44"

KnownHandler = Callable[[str], bool]


class RefusedError(Exception):
    """The socket ends. `code` is the websocket close code, the text the reason for our log."""

    def __init__(self, reason: str, code: int = POLICY) -> None:
        super().__init__(reason)
        self.code = code


class Frames:
    """Judges the text frames of one socket, in order."""

    def __init__(
        self,
        namespace: str,
        clock: Callable[[], float] = time.monotonic,
        known: KnownHandler = lambda _name: True,
    ) -> None:
        """`namespace` is Socket.IO's; `clock` gives seconds and never goes back; `known` names handlers."""
        self._namespace = namespace
        self._known = known
        self._bucket = _Bucket(clock)
        self._may_connect = True
        self._connected = False
        self._pongs_due = 0

    def pinged(self) -> None:
        """Reflex has sent a ping, so one pong may come."""
        self._pongs_due += 1

    def judge(self, text: str) -> str | None:
        """The frame to give to Reflex, built anew, or None to drop it.

        Raises `RefusedError` for what no page sends, and for a flood.
        """
        if text == PONG and self._pongs_due:
            # A pong that answers no ping would keep a socket alive whose reader has stopped.
            self._pongs_due -= 1
            return PONG
        if not self._bucket.take():
            if self._bucket.dropped > DROPPED_BEFORE_CLOSE:
                raise RefusedError("a flood")
            return None
        if text == PONG:
            return None
        kind, rest = text[:2], text[2:]
        prefix = f"{self._namespace},"
        if not rest.startswith(prefix):
            raise RefusedError("a packet or a namespace that no page sends")
        return self._packet(kind, rest[len(prefix) :])

    def _packet(self, kind: str, data: str) -> str | None:
        if kind == CONNECT and self._may_connect:
            self._may_connect, self._connected = False, True
            auth = _boot(_parsed(data)) if data else {}
            return self._encoded(kind, auth)
        if kind == EVENT and self._connected:
            event = _event(_parsed(data))
            if event is None or not self._is_known(event):
                return None
            return self._encoded(kind, event)
        if kind == DISCONNECT and self._connected and not data:
            self._connected = False
            return f"{DISCONNECT}{self._namespace},"
        raise RefusedError("a packet out of turn")

    def _is_known(self, event: list[Any]) -> bool:
        # Reflex logs the whole event, cookies included, when it does not know the handler.
        return len(event) < 2 or self._known(event[1]["name"])

    def _encoded(self, kind: str, data: object) -> str:
        try:
            encoded = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
        except ValueError:  # 1e999 was read as infinity
            raise RefusedError("a number too large") from None
        return f"{kind}{self._namespace},{encoded}"


class _Bucket:
    """Lets `FRAMES_AT_ONCE` through at once and `FRAMES_A_SECOND` in the long run; counts the rest."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.dropped = 0
        self._clock = clock
        self._tokens = float(FRAMES_AT_ONCE)
        self._at = clock()

    def take(self) -> bool:
        """Whether one more frame may pass now. `dropped` counts refusals since the last quiet moment."""
        now = self._clock()
        self._tokens = min(FRAMES_AT_ONCE, self._tokens + (now - self._at) * FRAMES_A_SECOND)
        self._at = now
        if self._tokens == FRAMES_AT_ONCE:
            self.dropped = 0
        if self._tokens < 1:
            self.dropped += 1
            return False
        self._tokens -= 1
        return True


def _parsed(data: str) -> Any:
    """What a frame's JSON says. Raises `RefusedError` for broken, deep or Python-only JSON."""
    try:
        value = json.loads(data, parse_int=_integer, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise RefusedError("broken JSON") from None
    if not _is_shallow(value, _DEPTH):
        raise RefusedError("JSON too deep")
    return value


def _integer(digits: str) -> int:
    if len(digits) > _INTEGER_DIGITS + 1:  # with a sign
        raise ValueError("too many digits")
    return int(digits)


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is no JSON")


def _is_shallow(value: object, levels: int) -> bool:
    """Whether lists and objects nest at most `levels` deep."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(item, levels - 1) for item in inner)


def _boot(auth: Any) -> dict[str, Any]:
    """The payload of a CONNECT, built anew: the event that loads the page and the page's state schema."""
    if not isinstance(auth, dict):
        raise RefusedError("a CONNECT that no page sends")
    built: dict[str, Any] = {}
    if "event" in auth:
        built["event"] = _handler_call(auth["event"])
        if built["event"]["name"].rpartition(".")[2] != _BOOT_HANDLER:
            raise RefusedError("a CONNECT that runs something else")
    schema = auth.get("state_schema")
    if schema is not None:
        if not isinstance(schema, str) or len(schema) > _SCHEMA_CHARACTERS:
            raise RefusedError("a state schema that no page sends")
        built["state_schema"] = _CONTROLS_AND_SURROGATES.sub("", schema)
    return built


def _event(packet: Any) -> list[Any] | None:
    """A Socket.IO event built anew, or None for the reports of errors that pages send and nobody wants."""
    match packet:
        case ["ping"]:
            return ["ping"]
        case ["client_error", *_]:
            return None
        case ["event", call]:
            built = _handler_call(call)
            unwanted = built["name"].rpartition(".")[2] in _UNWANTED_HANDLERS
            return None if unwanted else ["event", built]
    raise RefusedError("an event that no page sends")


def _handler_call(call: Any) -> dict[str, Any]:
    """Reflex's own event, with just the three fields it reads."""
    if not isinstance(call, dict):
        raise RefusedError("an event that is no object")
    name, payload = call.get("name"), call.get("payload", {})
    if not isinstance(name, str) or _HANDLER.fullmatch(name) is None:
        raise RefusedError("a handler's name that no page sends")
    if not isinstance(payload, dict):
        raise RefusedError("a payload that is no object")
    return {"name": name, "payload": payload, "router_data": _router_data(call.get("router_data", {}))}


def _router_data(sent: Any) -> dict[str, Any]:
    """Where the page is. Wrong types are refused; what is too long is cut, so that any link works."""
    if not isinstance(sent, dict):
        raise RefusedError("router data that is no object")
    built: dict[str, Any] = {key: _path(sent[key]) for key in ("pathname", "asPath") if key in sent}
    query = sent.get("query")
    if query is not None:
        built["query"] = _query(query)
    return built


def _path(path: Any) -> str:
    # Reflex writes asPath behind the Origin: "@elsewhere.example" would make another host of it.
    if not isinstance(path, str) or not path.startswith("/"):
        raise RefusedError("a path that no page sends")
    return _short(path)


def _query(query: Any) -> dict[str, str | list[str]]:
    """The query and the route's own arguments; a catch-all route, the 404 page too, sends a list."""
    if not isinstance(query, dict):
        raise RefusedError("a query that is no object")
    built: dict[str, str | list[str]] = {}
    for key, value in list(query.items())[:_QUERY_ENTRIES]:
        if len(key) > _QUERY_KEY_CHARACTERS or value is None:  # null: an optional argument left out
            continue
        built[_short(key)] = _query_value(value)
    return built


def _query_value(value: Any) -> str | list[str]:
    if isinstance(value, str):
        return _short(value)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return [_short(part) for part in value[:_QUERY_ENTRIES]]
    raise RefusedError("a query value that no page sends")


def _short(text: str) -> str:
    return _CONTROLS_AND_SURROGATES.sub("", text[:_PATH_CHARACTERS])
