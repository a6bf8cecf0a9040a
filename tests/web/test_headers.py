"""The headers around every response."""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from supportbot.web.headers import SecurityHeaders, script_hashes


async def answer(request: Request) -> Response:
    path = request.url.path
    if path == "/own":
        return PlainTextResponse(
            "", headers={"Cache-Control": "private", "Content-Security-Policy": "sandbox"}
        )
    if path.startswith("/assets/gone"):
        return PlainTextResponse("", 404)
    if path in ("/", "/staff/sign-in", "/r/token"):
        return HTMLResponse("<p>")
    return PlainTextResponse("")


def browser(base_url: str = "http://testserver", **options: object) -> TestClient:
    app = Starlette(routes=[Route("/{path:path}", answer)])
    return TestClient(SecurityHeaders(app, script_hashes=["'sha256-abc='"], **options), base_url=base_url)  # type: ignore[arg-type]


def test_a_page_may_run_only_its_own_scripts() -> None:
    policy = browser().get("/").headers["content-security-policy"]
    assert policy == (
        "default-src 'self'; script-src 'self' 'sha256-abc='; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )


def test_a_page_may_fetch_from_further_places_if_told_so() -> None:
    policy = browser(connect_src=["wss://socket.example"]).get("/").headers["content-security-policy"]
    assert "connect-src 'self' wss://socket.example;" in policy


def test_a_page_is_shielded_from_sniffing_framing_and_leaking_its_address() -> None:
    headers = browser().get("/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "camera=()" in headers["permissions-policy"]


def test_the_address_of_a_link_from_a_mail_is_told_to_nobody() -> None:
    headers = browser().get("/r/token").headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex"
    assert "x-robots-tag" not in browser().get("/").headers


def test_the_sites_that_may_frame_our_pages_are_left_to_the_policy() -> None:
    headers = browser(frame_ancestors="https://shop.example").get("/").headers
    assert headers["content-security-policy"].endswith("frame-ancestors https://shop.example")
    assert "x-frame-options" not in headers


def test_https_is_insisted_on_only_where_it_is_used() -> None:
    forwarded = {"X-Forwarded-Proto": "https"}
    assert "strict-transport-security" not in browser().get("/").headers
    assert "strict-transport-security" not in browser().get("/", headers=forwarded).headers
    assert "strict-transport-security" in browser("https://testserver").get("/").headers
    assert "strict-transport-security" in browser(trusted_hops=1).get("/", headers=forwarded).headers


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/assets/root-BkZGjjvR.js", "public, max-age=31536000, immutable"),
        ("/assets/_404_._index-Dfwd_-i3.js", "public, max-age=31536000, immutable"),
        ("/assets/__reflex_global_styles-DPGfMsSn.css", "public, max-age=31536000, immutable"),
        ("/assets/gone-BkZGjjvR.js", None),
        ("/assets/logo.svg", None),
        ("/favicon.ico", None),
        ("/", "no-cache"),
        ("/supportbot.js", "no-cache"),
        ("/health", "no-store"),
        ("/ready", "no-store"),
        ("/staff/sign-in", "no-store"),
        ("/r/token", "no-store"),
        ("/own", "private"),
    ],
)
def test_how_long_a_response_may_be_kept(path: str, kept: str | None) -> None:
    assert browser().get(path).headers.get("cache-control") == kept


def test_what_a_response_says_itself_stands() -> None:
    assert browser().get("/own").headers.get_list("content-security-policy") == ["sandbox"]


def test_the_inline_scripts_of_a_build_are_hashed_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "index.html").write_text(
        '<script>one()</script><script src="/a.js"></script><script type="module">two("ü")\n</script>'
        "<script> </script>"
    )
    (tmp_path / "deep" / "page.html").write_text("<script>one()</script>")
    (tmp_path / "code.js").write_text("<script>not a page</script>")
    expected = [
        f"'sha256-{b64encode(sha256(script.encode()).digest()).decode()}'"
        for script in ("one()", 'two("ü")\n')
    ]
    assert script_hashes(tmp_path) == sorted(expected)


def test_without_a_build_there_are_no_scripts_to_hash(tmp_path: Path) -> None:
    assert script_hashes(tmp_path / "absent") == []
