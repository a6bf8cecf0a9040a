"""The composition root: builds everything from the settings, inside each worker's lifespan.

Nothing is opened at import, because Reflex imports the app in a supervisor and forks. This is the one
place that chooses: which assistant, which database, which log.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from secrets import token_hex

from supportbot.carriers import Carriers, Net
from supportbot.conversations.live import LiveLog, MemoryLive
from supportbot.database import Database
from supportbot.escalations import policy
from supportbot.escalations.outlook import Outlooks, opens
from supportbot.escalations.releasing import release_abandoned
from supportbot.escalations.reply_mail import mail_unseen_replies
from supportbot.escalations.sorting import wake_due
from supportbot.escalations.telling import tell_of_unclaimed
from supportbot.house.current import House
from supportbot.house.sections import Company, Sections
from supportbot.ids import now
from supportbot.integrations.articles_only import ArticlesOnly
from supportbot.integrations.claude import Claude
from supportbot.integrations.meaning import load_embedder
from supportbot.integrations.redis_link import RedisLink
from supportbot.integrations.redis_live import RedisLive
from supportbot.integrations.redis_windows import RedisWindows
from supportbot.knowledge import import_runs, import_work
from supportbot.knowledge.collecting import Collector
from supportbot.knowledge.embedding import Embedder
from supportbot.knowledge.importing import ensure_sample
from supportbot.knowledge.retrieval import Retrieval
from supportbot.knowledge.vector_filling import Filler
from supportbot.migrations import upgrade
from supportbot.models import Channel
from supportbot.outbox import sweep
from supportbot.schedule import Every, Scheduler
from supportbot.settings import Settings
from supportbot.staff.presence import anybody_there
from supportbot.turns.article_help import ArticleHelp
from supportbot.turns.intake import Intake
from supportbot.turns.kit import TurnKit
from supportbot.turns.links import LinkRules
from supportbot.turns.prompt import system_prompt
from supportbot.turns.reply_help import ReplyHelp, drafting_rules
from supportbot.turns.runner import Runner
from supportbot.turns.try_out import Trial, try_out
from supportbot.usage.rate_limits import RateLimits

log = logging.getLogger(__name__)

SEND_EVERY = 3
"""Seconds between two looks into the outbox."""
LOOK_EVERY = 20
"""Seconds between two looks for hand-offs that nobody has claimed."""
LOOK_FOR_REPLIES_EVERY = 15
"""Seconds between two looks for replies that customers have not seen."""
COLLECT_EVERY = 20
"""Seconds between two looks for questions that had no good answer."""
IMPORT_EVERY = 5
"""Seconds between two looks for imports that wait for a worker; a new one is taken up sooner."""
FILL_EVERY = 2
"""Seconds between two looks for published passages that cannot be found by their meaning yet."""
WAKE_EVERY = 10
"""Seconds between two looks for conversations that were put off until now."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything a worker has, by the name of what it does."""

    settings: Settings
    house: House
    database: Database
    live: LiveLog
    rate_limits: RateLimits
    retrieval: Retrieval
    runner: Runner
    intake: Intake
    reply_help: ReplyHelp
    article_help: ArticleHelp
    scheduler: Scheduler
    carriers: Carriers
    outlooks: Outlooks
    """What somebody who waits can be told."""

    @property
    def channels(self) -> frozenset[Channel]:
        """What can leave the house at this moment: mail, webhooks, both or neither."""
        return self.carriers.channels

    @property
    def model_state(self) -> str:
        """How the model is doing: `ok`, `resting`, `misconfigured`; `none` if there is none."""
        return self.runner.kit.breaker.state.value if self.settings.has_model else "none"

    def try_out(self, company: Company, question: object) -> AsyncGenerator[Trial, None]:
        """Answer a sample question as if these values were saved; see `turns/try_out.py`."""
        return try_out(self.runner.kit, company, question)

    redis: RedisLink | None = None
    """What joins this worker with others; None if it is alone."""


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
    embedder = await asyncio.to_thread(load_embedder) if settings.semantic_search else None
    redis = RedisLink(settings.redis_url) if settings.redis_url else None
    live = RedisLive(redis) if redis else MemoryLive()
    try:
        if isinstance(live, RedisLive):
            await live.start()
        if settings.sample_articles and (loaded := await ensure_sample(database)):
            log.info("loaded %s sample articles of the fictional Acme", loaded)
        # Work the first time: nobody's first message is to wait for it, nor whoever else is served meanwhile.
        await asyncio.to_thread(policy.read, "Hello.")
        house = House(
            database,
            Sections.beginning(settings),
            plain_http=settings.webhook_plain_http,
            private_hosts=settings.webhook_private_hosts,
        )
        await house.start(live)
        _desk = build(settings, house, database, claude, live, redis, embedder)
        _desk.runner.start()
        _desk.scheduler.start()
        yield _desk
    finally:
        if _desk is not None:
            await _desk.scheduler.close()
            await _desk.runner.close()
            await _desk.house.close()
            await _desk.carriers.close()
        _desk = None
        if isinstance(live, RedisLive):
            await live.close()
        if redis is not None:
            await redis.close()
        if claude is not None:
            await claude.close()
        await database.close()


def build(
    settings: Settings,
    house: House,
    database: Database,
    claude: Claude | None,
    live: LiveLog,
    redis: RedisLink | None,
    embedder: Embedder | None = None,
) -> Desk:
    """Put the parts together. What owners can change is asked of the house at the moment of use."""
    net = Net(settings.webhook_url or "", settings.webhook_private_hosts)
    carriers = Carriers(database, house, settings.public_url, net)
    worker = token_hex(8)
    limits = RateLimits(lambda: house.limits, shared=RedisWindows(redis) if redis else None)
    retrieval = Retrieval(
        database, embedder, synonyms=lambda: house.search.synonyms, name=lambda: house.company.name
    )
    articles_only = ArticlesOnly()
    runner = Runner(
        TurnKit(
            database=database,
            live=live,
            retrieval=retrieval,
            assistant=claude or articles_only,
            fallback=articles_only,
            writer=claude,
            system=lambda: system_prompt(house.company),
            runner=worker,
            may_call_model=limits.model_call,
            prices=settings.model_prices,
            deadline=settings.turn_deadline,
            first_token_timeout=settings.first_token_timeout,
            stall_timeout=settings.stall_timeout,
            opens=opens(house),
            link_rules=lambda: LinkRules(house.company.link_hosts, settings.public_url),
        )
    )
    intake = Intake(
        database=database,
        live=live,
        limits=limits,
        runner=runner,
        reopen_to_staff=lambda: timedelta(hours=house.targets.reopen_to_staff_hours),
        opens=opens(house),
    )
    scheduler = Scheduler(database, _jobs(house, database, live, carriers, embedder), runner=worker)
    reply_help = ReplyHelp(
        runner.kit,
        rules=lambda: drafting_rules(house.company),
        link=lambda path: settings.public_url.rstrip("/") + path if path.startswith("/") else path,
    )
    return Desk(
        settings=settings,
        house=house,
        database=database,
        live=live,
        rate_limits=limits,
        retrieval=retrieval,
        runner=runner,
        intake=intake,
        reply_help=reply_help,
        article_help=ArticleHelp(runner.kit, company=lambda: house.company.name),
        scheduler=scheduler,
        carriers=carriers,
        outlooks=Outlooks(database, house, anybody_there),
        redis=redis,
    )


def _jobs(
    house: House, database: Database, live: LiveLog, carriers: Carriers, embedder: Embedder | None
) -> list[Every]:
    """What recurs."""
    collector = Collector(database)
    fillers = [Filler(database, embedder)] if embedder else []

    def unclaimed(_: asyncio.Event) -> Awaitable[int]:
        after = timedelta(minutes=house.targets.claim_within_minutes)
        return tell_of_unclaimed(database, live, after, now())

    def unseen_replies(_: asyncio.Event) -> Awaitable[int]:
        after = timedelta(minutes=house.targets.reply_mail_after_minutes)
        return mail_unseen_replies(database, after, now())

    return [
        Every("outbox.sweep", timedelta(hours=1), lambda _: sweep(database, now())),
        # A job for each channel: a mail server that hangs holds up no webhook.
        *(
            Every(
                f"outbox.{channel}",
                timedelta(seconds=SEND_EVERY),
                partial(carriers.deliver, channel),
                wanted=partial(_is_open, carriers, channel),
            )
            for channel in Channel
        ),
        # Without any channel too: the open pages of the desk are told.
        Every("handoff.unclaimed", timedelta(seconds=LOOK_EVERY), unclaimed),
        Every("cases.release", timedelta(seconds=LOOK_EVERY), lambda _: release_abandoned(database, live)),
        Every("gaps.collect", timedelta(seconds=COLLECT_EVERY), lambda _: collector.collect(now())),
        Every(import_runs.JOB, timedelta(seconds=IMPORT_EVERY), partial(import_work.work, database)),
        Every("cases.wake", timedelta(seconds=WAKE_EVERY), lambda _: wake_due(database, live, now())),
        Every(
            "replies.mail",
            timedelta(seconds=LOOK_FOR_REPLIES_EVERY),
            unseen_replies,
            wanted=partial(_is_open, carriers, Channel.MAIL),
        ),
        *(Every("articles.vectors", timedelta(seconds=FILL_EVERY), filler.work) for filler in fillers),
    ]


def _is_open(carriers: Carriers, channel: Channel) -> bool:
    return channel in carriers.channels


def _claude(settings: Settings) -> Claude | None:
    if not settings.has_model:
        log.info("no model is configured: answers are quoted from the articles")
        return None
    key = settings.anthropic_api_key
    return Claude(
        model=settings.anthropic_model,
        api_key=key.get_secret_value() if key else None,
        base_url=settings.anthropic_base_url,
        stall=max(settings.stall_timeout, settings.first_token_timeout),
    )
