"""A turn against a local server that speaks Anthropic's wire, through the real client."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest

from supportbot.database import Database
from supportbot.integrations.claude import Claude
from tests.people import ALICE, conversation_of, says
from tests.scripted import SmallDesk, small_desk
from tests.servers.anthropic_server import AnthropicServer

QUESTION = "How long do refunds take?"


@pytest.fixture(scope="package")
def running_server() -> Iterator[AnthropicServer]:
    with AnthropicServer() as server:
        yield server


@pytest.fixture
def server(running_server: AnthropicServer) -> Iterator[AnthropicServer]:
    yield running_server
    running_server.reset()


@pytest.fixture
async def claude(server: AnthropicServer) -> AsyncIterator[Claude]:
    claude = claude_at(server.url)
    yield claude
    await claude.close()


@pytest.fixture
async def asked(database: Database) -> UUID:
    """A conversation in which Alice waits for an answer."""
    conversation = await conversation_of(database, ALICE)
    await says(database, conversation.id, QUESTION)
    return conversation.id


def claude_at(url: str) -> Claude:
    claude = Claude(model="claude-sonnet-5-5", api_key="sk-ant-CANARY", base_url=url)
    # It stands for Anthropic's own, which cites what it uses.
    claude.cites_sources = True
    return claude


def desk_with(database: Database, claude: Claude, **kit: Any) -> SmallDesk:
    """A desk whose model is called as in production, only with shorter pauses."""
    return small_desk(database, assistant=claude, **{"call_again": (0.01, 0.02), **kit})
