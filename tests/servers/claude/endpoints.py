"""The HTTP of the server: Anthropic's `/v1/messages`, and the script steered from outside."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from . import scripts, wire
from .backstage import Backstage, Received
from .playback import Playback, Reset
from .prompt_cache import CacheUse, tokens_in
from .scripts import Answer, Failure
from .timeline import draft
from .validation import complaint


def app(backstage: Backstage) -> Starlette:
    """Everything the server answers."""
    control = Control(backstage)
    return Starlette(
        routes=[
            Route("/v1/messages", Messages(backstage).create, methods=["POST"]),
            Route("/script", control.script, methods=["POST"]),
            Route("/requests", control.requests, methods=["GET"]),
            Route("/release", control.release, methods=["POST"]),
            Route("/reset", control.reset, methods=["POST"]),
        ],
        exception_handlers={HTTPException: _not_found(backstage), Exception: _mistake(backstage)},
    )


class Messages:
    """The Messages API."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    async def create(self, request: Request) -> ASGIApp:
        """Records the request, then refuses it, fails as scripted, or answers."""
        body = await _json(request)
        received = Received(body, dict(request.headers))
        self._backstage.requests.append(received)
        refusal = None if self._backstage.compatible else _refusal(request, body)
        if refusal:
            return _error(self._backstage, *refusal)
        reply = self._backstage.take(body)
        if isinstance(reply, Failure):
            return self._failure(reply)
        return self._in_reach(self._answer(reply, received))

    def _answer(self, answer: Answer, received: Received) -> Playback:
        body = received.body if isinstance(received.body, dict) else {}
        compatible = self._backstage.compatible
        # A compatible server takes bodies of any shape, and caches nothing that it would report.
        use = CacheUse(uncached=tokens_in(str(body))) if compatible else self._backstage.cache.look_up(body)
        drafted = draft(answer, body, use, self._backstage.new_id, compatible=compatible)
        received.usage = drafted.message["usage"]
        return Playback(
            drafted,
            stream=bool(body.get("stream")),
            request_id=self._backstage.new_id("req"),
            pauses=self._backstage.pauses,
            on_begin=lambda: self._backstage.cache.remember(use),
            on_left=lambda: setattr(received, "left_early", True),
            on_first_delta=lambda: setattr(received, "first_delta_at", time.monotonic()),
        )

    def _failure(self, failure: Failure) -> ASGIApp:
        if failure.status is None:
            return Reset()
        headers = {} if failure.retry_after is None else {"retry-after": f"{failure.retry_after:g}"}
        if failure.body is not None:
            return Response(failure.body, failure.status, headers, "text/html")
        return _error(self._backstage, failure.status, failure.message, failure.error_type, headers)

    def _in_reach(self, playback: Playback) -> ASGIApp:
        """The playback, known to the server while it runs so that it can be cut."""

        async def respond(scope: Any, receive: Any, send: Any) -> None:
            task = asyncio.current_task()
            assert task
            self._backstage.running.add(task)
            try:
                await playback(scope, receive, send)
            finally:
                self._backstage.running.discard(task)

        return respond


class Control:
    """Steers the server from another process."""

    def __init__(self, backstage: Backstage) -> None:
        self._backstage = backstage

    async def script(self, request: Request) -> Response:
        """Enqueues one reply or a list of them, such as `{"verb": "says", "text": "Hello"}`."""
        items = await _json(request)
        try:
            replies = [scripts.from_json(item) for item in (items if isinstance(items, list) else [items])]
        except (TypeError, ValueError) as mistake:
            return JSONResponse({"error": str(mistake)}, 400)
        for reply in replies:
            self._backstage.enqueue(reply)
        return JSONResponse({"waiting": len(self._backstage.script)})

    async def requests(self, request: Request) -> Response:
        """The requests for messages so far."""
        return JSONResponse([asdict(received) for received in self._backstage.requests])

    async def release(self, request: Request) -> Response:
        """Lets paused answers go on: one, or `?count=`."""
        self._backstage.release(int(request.query_params.get("count", 1)))
        return JSONResponse({})

    async def reset(self, request: Request) -> Response:
        """Forgets everything."""
        self._backstage.reset()
        return JSONResponse({})


def _refusal(request: Request, body: Any) -> tuple[int, str] | None:
    """Status and sentence, if the real API would not take the request."""
    bearer = request.headers.get("authorization", "").startswith("Bearer ")
    if not (bearer or request.headers.get("x-api-key")):
        return 401, "x-api-key header is required"
    if "anthropic-version" not in request.headers:
        return 400, "anthropic-version: header is required"
    wrong = complaint(body)
    return (400, wrong) if wrong else None


def _error(
    backstage: Backstage,
    status: int,
    message: str | None = None,
    error_type: str | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    request_id = backstage.new_id("req")
    kind = error_type or wire.ERROR_TYPES.get(status, "api_error")
    text = message or wire.MESSAGES.get(status, kind)
    every_header = {"request-id": request_id, **(headers or {})}
    return JSONResponse(wire.error(kind, text, request_id), status, every_header)


def _not_found(backstage: Backstage) -> Callable[[Request, Exception], Response]:
    def answer(request: Request, exception: Exception) -> Response:
        return _error(backstage, getattr(exception, "status_code", 404), "Not found")

    return answer


def _mistake(backstage: Backstage) -> Callable[[Request, Exception], Response]:
    """A mistake of this server or in its script must not look like a scripted failure, nor be retried."""

    def answer(request: Request, exception: Exception) -> Response:
        text = f"The test server made a mistake: {exception!r}"
        return _error(backstage, 500, text, headers={"x-should-retry": "false"})

    return answer


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        return None
