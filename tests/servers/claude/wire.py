"""Anthropic's wire format: pure functions from values to the bytes of server-sent events."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

ERROR_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}

MESSAGES = {
    401: "invalid x-api-key",
    403: "Your API key does not have permission to use the specified resource.",
    404: "The requested resource was not found.",
    429: "This request would exceed your organization's rate limit.",
    500: "Internal server error",
    529: "Overloaded",
}


def encode(value: Any) -> bytes:
    """JSON as the API sends it: compact, and UTF-8 without escapes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def event(kind: str, **fields: Any) -> bytes:
    """One server-sent event."""
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), encode({"type": kind, **fields}))


PING = event("ping")
DELTA = b"event: content_block_delta"
"""How the event begins that carries text, or a piece of anything else."""
MESSAGE_STOP = event("message_stop")
BAD_JSON = b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,"del\n\n'
BAD_UTF8 = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":0,'
    b'"delta":{"type":"text_delta","text":"\xff\xfe"}}\n\n'
)


def message_start(message: Mapping[str, Any]) -> bytes:
    """Opens the stream with the message as it is before any content."""
    return event("message_start", message=message)


def block_start(index: int, block: Mapping[str, Any]) -> bytes:
    """Opens a content block."""
    return event("content_block_start", index=index, content_block=block)


def block_stop(index: int) -> bytes:
    """Closes a content block."""
    return event("content_block_stop", index=index)


def text_delta(index: int, text: str) -> bytes:
    """Some more text."""
    return event("content_block_delta", index=index, delta={"type": "text_delta", "text": text})


def input_json_delta(index: int, partial_json: str) -> bytes:
    """Some more of a tool's input, as a piece of JSON text."""
    delta = {"type": "input_json_delta", "partial_json": partial_json}
    return event("content_block_delta", index=index, delta=delta)


def citations_delta(index: int, citation: Mapping[str, Any]) -> bytes:
    """A citation on the block."""
    return event("content_block_delta", index=index, delta={"type": "citations_delta", "citation": citation})


def message_delta(stop_reason: str, usage: Mapping[str, Any]) -> bytes:
    """How the message ended, and what it cost."""
    delta: dict[str, Any] = {"stop_reason": stop_reason, "stop_sequence": None}
    if stop_reason == "refusal":
        delta["stop_details"] = refusal_details()
    return event("message_delta", delta=delta, usage=usage)


def refusal_details() -> dict[str, Any]:
    """What a message that was refused carries besides its stop reason."""
    return {"type": "refusal", "category": None, "explanation": None}


def message(
    id: str,
    model: str,
    usage: Mapping[str, Any],
    content: Iterable[Mapping[str, Any]] = (),
    stop_reason: str | None = None,
) -> dict[str, Any]:
    """A message: whole, or as `message_start` shows it before it has content and an end."""
    whole = {
        "model": model,
        "id": id,
        "type": "message",
        "role": "assistant",
        "content": list(content),
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "usage": usage,
    }
    if stop_reason == "refusal":
        whole["stop_details"] = refusal_details()
    return whole


def error(error_type: str, text: str, request_id: str) -> dict[str, Any]:
    """An error body; the `error` event carries the same."""
    return {"type": "error", "error": {"type": error_type, "message": text}, "request_id": request_id}


def event_of_error(body: Mapping[str, Any]) -> bytes:
    """An error in the middle of a stream, from its body."""
    return b"event: error\ndata: %s\n\n" % encode(body)
