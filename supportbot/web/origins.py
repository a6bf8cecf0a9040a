"""Which web pages may speak to this server with a visitor's cookies."""

import re

from starlette.types import Scope

from supportbot.web.addresses import header_values

_ORIGIN = re.compile(r"(https?)://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_HTTP_SCHEMES = {"ws": "http", "wss": "https", "http": "http", "https": "https"}


def origin_allowed(origin: str | None, scheme: str, host: str, allowed: frozenset[str]) -> bool:
    """Whether a page of this Origin may open a socket to a request's own scheme and Host.

    Accepted: the request's own origin (ws counts as http, wss as https, default ports may be left out),
    an origin in `allowed`, and no Origin at all: every browser sends one with a websocket, so its
    absence is a program, which could claim any. "null" (sandboxed frames, local files) is refused.
    """
    return origin is None or _known(origin, scheme, host, allowed)


def same_origin_post(
    origin: str | None, fetch_site: str | None, scheme: str, host: str, allowed: frozenset[str]
) -> bool:
    """Whether a form POST comes from a page of ours, so that no other site can post for a visitor.

    Stricter than a socket: without an Origin the browser must have said `Sec-Fetch-Site: same-origin`
    (`fetch_site`, a header no page can forge).
    """
    if origin is None:
        return fetch_site == "same-origin"
    return _known(origin, scheme, host, allowed)


def request_site(scope: Scope, trusted_hops: int) -> tuple[str, str]:
    """The (scheme, host) a request was sent to, as the caller's browser saw it.

    X-Forwarded-Proto is believed only behind a proxy of ours (`trusted_hops` > 0); the host is the Host
    header, which a proxy must pass on. Either may be "" in a request without it.
    """
    scheme = str(scope.get("scheme", "http"))
    forwarded = header_values(scope, b"x-forwarded-proto") if trusted_hops > 0 else []
    if forwarded:
        scheme = forwarded[-trusted_hops:][0].lower()
    host = header_values(scope, b"host")
    return scheme, host[0] if len(host) == 1 else ""


def request_origin(scope: Scope) -> str | None:
    """The Origin header as sent, or None; two of them read as one that nothing matches."""
    lines = [value.decode("latin-1") for key, value in scope.get("headers", []) if key.lower() == b"origin"]
    return ",".join(lines) if lines else None


def _known(origin: str, scheme: str, host: str, allowed: frozenset[str]) -> bool:
    if origin == "null":
        return False
    normal = _normal(origin)
    if normal is None:
        return origin in allowed  # such as capacitor://localhost, if somebody listed it
    own = _normal(f"{_HTTP_SCHEMES.get(scheme, '')}://{host}")
    return normal == own or normal in {_normal(listed.rstrip("/")) for listed in allowed}


def _normal(origin: str) -> str | None:
    """Lower case and without a default port; None for what is no http(s) origin."""
    match = _ORIGIN.fullmatch(origin.lower())
    if match is None:
        return None
    scheme, host, port = match.groups()
    return f"{scheme}://{host}" if port in (None, _DEFAULT_PORTS[scheme]) else f"{scheme}://{host}:{port}"
