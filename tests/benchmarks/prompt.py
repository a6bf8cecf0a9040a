"""What the input of a conversation costs with the model's prompt cache, beside the same without it."""

from typing import Any

from supportbot.access import token_hash
from supportbot.conversations.transcript import Browser
from supportbot.desk import Desk, open_desk
from supportbot.models import Conversation
from supportbot.settings import Settings
from tests.benchmarks.arena import Arena
from tests.benchmarks.figures import Figure
from tests.servers.anthropic_server import RemoteServer

PART = "prompt, 12 turns"
FACTORS = {"input_tokens": 1.0, "cache_creation_input_tokens": 1.25, "cache_read_input_tokens": 0.1}
"""What a token of the input costs, by how the API counts it."""
VISITOR = "benchmark".ljust(43, "b")

QUESTIONS = (
    "Hi, I am thinking of moving my design team to Acme. What plans are there?",
    "We are nine people and two freelancers. Do the freelancers need a seat?",
    "And how is that billed if somebody joins in the middle of the month?",
    "Can I pay by invoice instead of a card?",
    "How do I get a refund if we change our minds after a week?",
    "Where do I find the invoices later?",
    "How do I invite everybody at once?",
    "One of them cannot sign in, the code is always wrong. What can she do?",
    "Can we require two-factor authentication for the whole team?",
    "Is there a way to import our boards from Trello?",
    "How do we connect Slack, and what does it post?",
    "Last one: how do I export everything if we ever leave?",
)

_SENTENCES = (
    "You find this under **Settings**, where every admin of the workspace can change it.",
    "The change counts from the next billing period, and the difference is shown before you confirm.",
    "People who only look need no seat; people who edit do, from the day they accept the invitation.",
    "It works on every plan, with one exception: on Starter the history ends after thirty days.",
    "If the page is missing, ask an owner, because members do not see billing and security.",
    "A confirmation goes to the address of the account, usually within a few minutes.",
)


async def measure(arena: Arena) -> list[Figure]:
    """Hold the conversation with the app's own pipeline and add up what the API would bill."""
    with RemoteServer.started() as upstream:
        settings = Settings(
            _env_file=None,
            database_url=f"sqlite:///{arena.folder}/prompt.db",
            anthropic_api_key="none",
            anthropic_base_url=upstream.url,
            messages_per_minute=1_000,
            log_level="WARNING",
        )
        async with open_desk(settings) as desk:
            await _talk(desk, upstream)
        used = [received.usage for received in upstream.requests if received.usage]
    billed = sum(_cost(usage) for usage in used)
    tokens = sum(usage.get(name, 0) for usage in used for name in FACTORS)
    read = sum(usage.get("cache_read_input_tokens", 0) for usage in used)
    return [
        Figure(PART, "calls to the model", len(used)),
        Figure(PART, "input in all", tokens, "tokens"),
        Figure(PART, "read from the cache", read / tokens * 100, "%"),
        Figure(PART, "cost of the input / without caching", billed / tokens, "×", 0.6),
    ]


async def _talk(desk: Desk, upstream: RemoteServer) -> None:
    conversation = visitor = None
    for number, question in enumerate(QUESTIONS):
        upstream.says(_answer(number), when=question)
        if conversation is None or visitor is None:
            conversation = await desk.intake.begin(
                token_hash(VISITOR), "127.0.0.1", question, str(number), Browser()
            )
            async with desk.database.reading() as session:
                row = await session.get(Conversation, conversation)
                assert row is not None
                visitor = row.visitor_id
        else:
            await desk.intake.say(conversation, visitor, "127.0.0.1", question, str(number))
        await desk.runner.idle()


def _answer(number: int) -> str:
    """Two short paragraphs and three steps: about 130 tokens, as support answers are."""
    said = [_SENTENCES[(number + step) % len(_SENTENCES)] for step in range(5)]
    return f"{said[0]} {said[1]}\n\n1. {said[2]}\n2. {said[3]}\n3. {said[4]}"


def _cost(usage: dict[str, Any]) -> float:
    return sum(factor * usage.get(name, 0) for name, factor in FACTORS.items())
