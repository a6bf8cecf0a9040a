"""The composition root: builds everything from the settings, inside each worker's lifespan.

Nothing is opened at import, because Reflex imports the app in a supervisor and forks. This is the one
place that chooses: which assistant, which database, which log.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_hex

from supportbot.conversations.live import LiveLog, MemoryLive
from supportbot.database import Database
from supportbot.integrations.articles_only import ArticlesOnly
from supportbot.integrations.claude import Claude
from supportbot.knowledge.importing import ensure_sample
from supportbot.knowledge.retrieval import Retrieval
from supportbot.migrations import upgrade
from supportbot.settings import Settings
from supportbot.turns.intake import Intake
from supportbot.turns.prompt import system_prompt
from supportbot.turns.runner import Runner
from supportbot.turns.turn import TurnKit
from supportbot.usage.rate_limits import RateLimits

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a worker has, by the name of what it does."""

    settings: Settings
    database: Database
    live: LiveLog
    rate_limits: RateLimits
    retrieval: Retrieval
    runner: Runner
    intake: Intake


_desk: Desk | None = None


def desk() -> Desk:
    """This worker's desk.

    Raises:
        RuntimeError: outside the app's lifespan.
    """
    if _desk is None:
        raise RuntimeError("the desk is only open while the app runs")
    return _desk


@asynccontextmanager
async def open_desk(settings: Settings) -> AsyncIterator[Desk]:
    """Migrate the database, build the desk, and close everything at the end."""
    global _desk
    await asyncio.to_thread(upgrade, settings.sync_database_url)
    database = Database.from_settings(settings)
    claude = _claude(settings)
    try:
        if settings.sample_articles and (loaded := await ensure_sample(database)):
            log.info("loaded %s sample articles of the fictional Acme", loaded)
        _desk = build(settings, database, claude)
        _desk.runner.start()
        yield _desk
    finally:
        if _desk is not None:
            await _desk.runner.close()
        _desk = None
        if claude is not None:
            await claude.close()
        await database.close()


def build(settings: Settings, database: Database, claude: Claude | None) -> Desk:
    """Put the parts together."""
    live = MemoryLive()
    limits = RateLimits(settings)
    retrieval = Retrieval(database)
    articles_only = ArticlesOnly()
    runner = Runner(
        TurnKit(
            database=database,
            live=live,
            retrieval=retrieval,
            assistant=claude or articles_only,
            fallback=articles_only,
            writer=claude,
            system=system_prompt(
                assistant=settings.assistant_name,
                company=settings.company_name,
                facts=settings.company_facts,
            ),
            runner=token_hex(8),
            may_call_model=limits.model_call,
            prices=settings.model_prices,
            deadline=settings.turn_deadline,
            first_token_timeout=settings.first_token_timeout,
            stall_timeout=settings.stall_timeout,
        )
    )
    intake = Intake(
        database=database,
        live=live,
        limits=limits,
        runner=runner,
        reopen_to_staff=timedelta(hours=settings.reopen_to_staff_hours),
    )
    return Desk(settings, database, live, limits, retrieval, runner, intake)


def _claude(settings: Settings) -> Claude | None:
    if not settings.has_model:
        log.info("no model is configured: answers are quoted from the articles")
        return None
    key = settings.anthropic_api_key
    return Claude(
        model=settings.anthropic_model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.anthropic_base_url,
        stall=settings.stall_timeout,
    )
