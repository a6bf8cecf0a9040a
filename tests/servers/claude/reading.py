"""What a request says: small questions to its body, which may be any JSON at all."""

from collections.abc import Iterator
from typing import Any


def blocks(content: Any) -> list[Any]:
    """Content as blocks: a string is shorthand for one text block."""
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    return content if isinstance(content, list) else []


def messages(body: Any) -> list[Any]:
    """The request's messages, or none."""
    found = body.get("messages") if isinstance(body, dict) else None
    return found if isinstance(found, list) else []


def located_blocks(body: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every content block of the messages with its place, those inside tool results included."""
    for number, message in enumerate(messages(body)):
        for index, block in enumerate(blocks(message.get("content")) if isinstance(message, dict) else []):
            if not isinstance(block, dict):
                continue
            place = f"messages.{number}.content.{index}"
            yield place, block
            if block.get("type") == "tool_result":
                for at, inner in enumerate(blocks(block.get("content"))):
                    if isinstance(inner, dict):
                        yield f"{place}.tool_result.content.{at}", inner


def search_results(body: Any) -> list[dict[str, Any]]:
    """The search results in the order in which citations count them."""
    return [block for _, block in located_blocks(body) if block.get("type") == "search_result"]


def last_user_text(body: Any) -> str:
    """The newest text of the customer."""
    for message in reversed(messages(body)):
        if isinstance(message, dict) and message.get("role") == "user":
            content = blocks(message.get("content"))
            texts = [block["text"] for block in content if isinstance(block, dict) and "text" in block]
            if texts:
                return str(texts[-1])
    return ""
