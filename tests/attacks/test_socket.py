"""The door of the running app: forged, binary, oversized, foreign and flooding sockets are refused."""

import asyncio
import json
import urllib.error
import urllib.request
from secrets import token_urlsafe
from typing import Any

import pytest
import websockets

from tests.servers.app import App
from tests.servers.raw_socket import CHAT, RawPage

pytestmark = pytest.mark.anyio


async def test_a_page_on_localhost_and_one_on_127_0_0_1_both_work(plain_app: App) -> None:
    port = plain_app.url.rpartition(":")[2]
    for host in ("localhost", "127.0.0.1"):
        url = f"ws://{host}:{port}/_event/"
        async with RawPage(url, origin=f"http://{host}:{port}", visitor=token_urlsafe(32)) as page:
            await page.hydrate()
            assert page.vars["ready"] is True


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:1", "https://localhost", "file://"]
)
async def test_a_foreign_origin_is_refused(plain_app: App, origin: str) -> None:
    with pytest.raises(websockets.InvalidStatus) as refusal:
        async with RawPage(plain_app.socket_url, origin=origin):
            pass

    assert refusal.value.response.status_code == 403


@pytest.mark.parametrize(
    "token", ["", "nonsense", "../../etc/passwd", "a" * 5000, "CBF50E5A-351C-47A1-979D-A70D1946B83E"]
)
async def test_a_token_that_is_no_uuid_is_refused(plain_app: App, token: str) -> None:
    with pytest.raises(websockets.InvalidStatus):
        async with websockets.connect(
            f"{plain_app.socket_url}?EIO=4&transport=websocket&token={token}", proxy=None
        ):
            pass


@pytest.mark.parametrize("name", ["connect", "disconnect", "client_error_x", "__init__"])
async def test_a_forged_connect_event_ends_the_socket(plain_app: App, name: str) -> None:
    forged = {
        "HTTP_COOKIE": "supportbot_staff=x",
        "REMOTE_ADDR": "10.0.0.1",
        "asgi.scope": {"client": ["6.6.6.6", 1]},
    }
    async with RawPage(plain_app.socket_url) as page:
        await page.hydrate()
        await page.send("42/_event," + json.dumps([name, forged]))
        await _closed(page)

        assert page.connection.close_code == 1008


async def test_a_second_connect_and_another_namespace_end_the_socket(plain_app: App) -> None:
    for frame in ("40/_event,{}", "40/admin,{}", "40", '42["event",{}]'):
        async with RawPage(plain_app.socket_url) as page:
            await page.hydrate()
            await page.send(frame)
            await _closed(page)

            assert page.connection.close_code == 1008, frame


async def test_a_binary_frame_ends_the_socket(plain_app: App) -> None:
    async with RawPage(plain_app.socket_url) as page:
        await page.hydrate()
        await page.send(b"\x04" + b"x" * 100)
        await _closed(page)

        assert page.connection.close_code == 1003


async def test_an_oversized_frame_ends_the_socket(plain_app: App) -> None:
    async with RawPage(plain_app.socket_url) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.send", form={"message": "x" * 40_000})
        await _closed(page)

        assert page.connection.close_code == 1009


@pytest.mark.parametrize("field", ["name", "payload", "router_data"])
@pytest.mark.parametrize("value", [None, 7, [1], "text", {"deep": {}}])
async def test_a_malformed_event_never_reaches_a_handler(plain_app: App, field: str, value: Any) -> None:
    async with RawPage(plain_app.socket_url, visitor=token_urlsafe(32)) as page:
        await page.hydrate()
        event = {"name": f"{CHAT}.dismiss", "payload": {}, "router_data": {"pathname": "/", "asPath": "/"}}
        await page.send("42/_event," + json.dumps(["event", {**event, field: value}]))
        await asyncio.sleep(0.2)

        assert "Traceback" not in page.everything


async def test_deep_json_ends_the_socket(plain_app: App) -> None:
    async with RawPage(plain_app.socket_url) as page:
        await page.hydrate()
        await page.send('42/_event,["event",' + "[" * 9_000 + "]" * 9_000 + "]")
        await _closed(page)


async def test_setvar_and_reports_of_frontend_errors_are_dropped(plain_app: App) -> None:
    async with RawPage(plain_app.socket_url, visitor=token_urlsafe(32)) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.setvar", var_name="owner", value="staff")
        await page.fire(
            "reflex___state____state.reflex___state____frontend_event_exception_state.handle_frontend_exception",
            info="forged-log-line",
            component_stack="",
        )
        await page.settle()

        assert page.vars.get("owner") in ("assistant", None)
        assert "forged-log-line" not in plain_app.log


async def test_a_handler_that_does_not_exist_is_dropped_and_its_cookie_is_not_logged(plain_app: App) -> None:
    async with RawPage(plain_app.socket_url, headers={"Cookie": "secret=canary-cookie-1"}) as page:
        await page.hydrate()
        await page.fire(f"{CHAT}.no_such_handler", password="canary-password-1")
        await page.settle()

        assert "canary-cookie-1" not in plain_app.log
        assert "canary-password-1" not in plain_app.log


async def test_a_flood_of_a_thousand_events_ends_the_socket_and_hurts_nobody_else(plain_app: App) -> None:
    async with (
        RawPage(plain_app.socket_url, visitor=token_urlsafe(32)) as flood,
        RawPage(plain_app.socket_url, visitor=token_urlsafe(32)) as quiet,
    ):
        await flood.hydrate()
        with pytest.raises(websockets.ConnectionClosed):
            for _ in range(5_000):
                await flood.send(flood.event(f"{CHAT}.dismiss"))
            await _closed(flood)
            await flood.send(flood.event(f"{CHAT}.dismiss"))
        await quiet.hydrate()

        # 1006 where the answer to our next frame was already a reset.
        assert flood.connection.close_code in (1006, 1008)
        assert quiet.vars["ready"] is True


async def test_polling_and_uploading_have_no_door(plain_app: App) -> None:
    for path in ("/_event/?EIO=4&transport=polling", "/_upload", "/_all_routes"):
        assert await asyncio.to_thread(_status, plain_app.url + path, b"x") in (403, 404, 405), path


async def test_pages_carry_the_security_headers(plain_app: App) -> None:
    headers = await asyncio.to_thread(_headers, plain_app.url + "/")
    policy = headers["content-security-policy"]

    assert "unsafe-eval" not in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["access-control-allow-origin"] is None


async def _closed(page: RawPage) -> None:
    async with asyncio.timeout(10):
        await page.connection.wait_closed()


def _status(url: str, body: bytes | None = None) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=body), timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        return refusal.code


def _headers(url: str) -> Any:
    with urllib.request.urlopen(
        urllib.request.Request(url, headers={"Origin": "https://evil.example"})
    ) as answer:
        return answer.headers
