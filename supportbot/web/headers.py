"""The security and caching headers of every HTTP response."""

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from supportbot.web.origins import request_site

_INLINE_SCRIPT = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.S)
_HASHED_FILE = re.compile(r"/assets/(?:[^/]+/)*[^/]+-[A-Za-z0-9_-]{8}\.[a-z0-9.]+")
_NO_STORE = ("/health", "/ready", "/metrics", "/staff/", "/r/", "/welcome/")
_MAILED = {"/r/": b"no-referrer", "/welcome/": b"strict-origin"}
"""Pages whose address opens something: it goes into no Referer, no cache and no search engine.

Under `no-referrer` a browser would send the form of `/welcome/` with the Origin "null", as a stranger does.
"""

_FIXED: dict[bytes, bytes] = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
    b"permissions-policy": b"camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    b"cross-origin-opener-policy": b"same-origin",
}


def script_hashes(build_dir: Path) -> list[str]:
    """CSP sources for the inline scripts in the HTML files below `build_dir`, sorted.

    Reflex starts its pages with a dozen inline scripts that change with every build. Empty if there is no
    such folder, as in development, where another server sends the pages.
    """
    scripts = {
        match[1]
        for page in build_dir.rglob("*.html")
        for match in _INLINE_SCRIPT.finditer(page.read_bytes())
        if match[1].strip()
    }
    return sorted(f"'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in scripts)


class SecurityHeaders:
    """ASGI middleware that adds the headers a response does not set itself. Put it outermost.

    `script_hashes` are the inline scripts that may run, `connect_src` further places pages may fetch from,
    `frame_ancestors` a CSP source list of the sites that may show our pages in a frame. HSTS is sent on
    https only, for which X-Forwarded-Proto counts behind `trusted_hops` > 0 proxies.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        script_hashes: list[str],
        connect_src: list[str] | None = None,
        frame_ancestors: str = "'none'",
        trusted_hops: int = 0,
    ) -> None:
        self._app = app
        self._trusted_hops = trusted_hops
        policy = _policy(script_hashes, connect_src or [], frame_ancestors)
        self._fixed = {**_FIXED, b"content-security-policy": policy.encode()}
        if frame_ancestors == "'none'":
            self._fixed[b"x-frame-options"] = b"DENY"  # it knows no list of sites, so otherwise CSP alone

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and complete the headers of the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": self._completed(scope, message)}
            await send(message)

        await self._app(scope, receive, send_completed)

    def _completed(self, scope: Scope, start: Message) -> list[tuple[bytes, bytes]]:
        sent = list(start.get("headers", []))
        names = {bytes(name).lower(): bytes(value) for name, value in sent}
        wanted = dict(self._fixed)
        if request_site(scope, self._trusted_hops)[0] == "https":
            wanted[b"strict-transport-security"] = b"max-age=31536000; includeSubDomains"
        mailed = next((policy for path, policy in _MAILED.items() if scope["path"].startswith(path)), None)
        if mailed is not None:
            wanted[b"referrer-policy"] = mailed
            wanted[b"x-robots-tag"] = b"noindex"
        caching = _caching(scope["path"], start["status"], names.get(b"content-type", b""))
        if caching is not None:
            wanted[b"cache-control"] = caching
        return sent + [(name, value) for name, value in wanted.items() if name not in names]


def _policy(hashes: list[str], connect_src: list[str], frame_ancestors: str) -> str:
    """The Content-Security-Policy. Emotion inlines styles, so those stay allowed; scripts never eval."""
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data:",
            "font-src 'self'",
            " ".join(["connect-src 'self'", *connect_src]),
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
        ]
    )


def _caching(path: str, status: int, content_type: bytes) -> bytes | None:
    """How long a response may be kept, or None to say nothing."""
    if path.startswith(_NO_STORE):
        return b"no-store"
    found = status in (200, 206, 304)
    if found and _HASHED_FILE.fullmatch(path):
        return b"public, max-age=31536000, immutable"
    if content_type.startswith(b"text/html") or (found and path.endswith((".js", ".css"))):
        # Files without a hash in their name: the browser asks each time whether its copy is still the one.
        return b"no-cache"
    return None
