"""Play a story through the product's own verbs, then move what was written to when it happened."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from secrets import token_urlsafe
from typing import Any
from uuid import UUID

from sqlmodel import SQLModel, col, select

from supportbot import access
from supportbot.commands.demo_stories.steps import (
    Answers,
    Assigns,
    BreaksOff,
    Claims,
    DeskStep,
    Escalates,
    HandsBack,
    IsStopped,
    Junks,
    KeepsPlace,
    NoLongerWaits,
    Notes,
    Reads,
    Replies,
    Resolves,
    Says,
    Snoozes,
    Step,
    Story,
    Tags,
    TakesOver,
)
from supportbot.conversations import transcript
from supportbot.conversations.live import MemoryLive
from supportbot.conversations.seen import mark_read
from supportbot.conversations.transcript import Browser
from supportbot.conversations.visitors import introduce
from supportbot.database import Database
from supportbot.escalations import brief as briefs
from supportbot.escalations import handoff, notes, sorting
from supportbot.ids import new_id, now
from supportbot.knowledge.retrieval import Hit
from supportbot.models import (
    Article,
    Conversation,
    ConversationTag,
    Evidence,
    Handoff,
    Message,
    MessageState,
    ModelCall,
    Outcome,
    Rating,
    Staff,
    Summary,
    Turn,
    Visitor,
)
from supportbot.quality import ratings
from supportbot.turns import grounds, leases, record
from supportbot.turns.grounds import Ground
from supportbot.turns.record import Tally
from supportbot.usage.pricing import cost

MARK = "demo-"
"""What the external ids of made-up visitors begin with: this is how the next run knows them."""

REOPEN_WITHIN = timedelta(hours=72)

_TIMES: dict[type[SQLModel], tuple[str, ...]] = {
    Message: ("created_at",),
    Turn: ("started_at", "ended_at"),
    ModelCall: ("created_at",),
    Handoff: ("requested_at", "assistant_meanwhile_at", "claimed_at", "closed_at"),
    Outcome: ("created_at", "updated_at", "resolved_at", "reopened_at"),
    Rating: ("created_at",),
    Summary: ("created_at",),
    ConversationTag: ("created_at",),
}


async def already_there(database: Database) -> bool:
    """Whether the database holds a story."""
    async with database.reading() as session:
        query = select(Visitor.id).where(col(Visitor.external_id).startswith(MARK)).limit(1)
        return (await session.exec(query)).first() is not None


async def play(database: Database, staff: dict[str, Staff], model: str, story: Story, number: int) -> None:
    """Make one conversation, with `staff` by their addresses, answered by `model`."""
    playing = _Playing(database, staff, model, story)
    await playing.begin(number)
    for step in story.steps:
        if isinstance(step, int | float):
            playing.clock += timedelta(minutes=step)
        else:
            await playing.do(step)
    await playing.move_to_its_time()


class _Playing:
    """A story on stage: its conversation and the clock of the story beside the real one."""

    def __init__(self, database: Database, staff: dict[str, Staff], model: str, story: Story) -> None:
        self.database = database
        self.live = MemoryLive()
        self.staff = staff
        self.model = model
        self.story = story
        self.conversation = UUID(int=0)
        self.visitor = UUID(int=0)
        self.clock = now() - timedelta(minutes=story.ago)
        self.moments: list[tuple[datetime, datetime]] = []

    async def begin(self, number: int) -> None:
        """The customer opens the page."""
        self._moment()
        browser = Browser(self.story.page, self.story.browser, self.story.referrer, self.story.language)
        token = access.token_hash(token_urlsafe(32))
        conversation = await transcript.start(self.database, token, browser)
        self.conversation, self.visitor = conversation.id, conversation.visitor_id
        await introduce(self.database, self.visitor, self.story.name, self.story.email)
        async with self.database.transaction() as session:
            visitor = await session.get_one(Visitor, self.visitor)
            visitor.external_id = f"{MARK}{number:03d}"

    async def do(self, step: Step) -> None:
        """One step, at the story's present time; nothing happens at the same moment as something else."""
        self.clock += timedelta(seconds=1)
        self._moment()
        where = (self.database, self.live, self.conversation)
        match step:
            case Says(text):
                await transcript.customer_says(*where, text, f"demo:{new_id()}", reopen=_reopen)
                await briefs.refresh(*where)
            case Answers(text, sources, rated):
                await self._answer(text, MessageState.COMPLETE, sources=sources, rated=rated)
            case BreaksOff(text):
                await self._answer(text, MessageState.FAILED, notice=leases.UNFINISHED)
            case IsStopped(text, by_staff):
                notice = record.STOPPED_FOR_PEOPLE if by_staff else record.STOPPED
                await self._answer(text, MessageState.STOPPED, notice=notice)
            case Escalates(reason, trigger, brief):
                await handoff.escalate(*where, reason=reason, trigger=trigger, brief=brief)
            case KeepsPlace():
                await handoff.keep_place(*where)
            case NoLongerWaits():
                await handoff.no_longer_needed(*where)
            case Reads(by):
                await self._has_read(self.staff[by])
            case _:
                await self._at_the_desk(step, self.staff[step.by])

    async def _at_the_desk(self, step: DeskStep, by: Staff) -> None:
        """What a member of staff does, having read what there is."""
        where = (self.database, self.live, self.conversation)
        match step:
            case Claims():
                await handoff.claim(*where, by)
            case TakesOver():
                await handoff.take_over(*where, by)
            case Replies(_, text):
                await handoff.reply(*where, by, text, str(new_id()))
            case HandsBack(_, note):
                await handoff.hand_back(*where, by, note)
            case Resolves():
                await handoff.resolve(*where, by)
            case Notes(_, text):
                await notes.note(*where, by, text, str(new_id()))
            case Tags(_, tags):
                for tag in tags:
                    await sorting.tag(*where, by, tag)
            case Assigns(_, to, note):
                await handoff.assign(*where, by, self.staff[to].id, note)
            case Snoozes(_, minutes):
                await sorting.snooze(*where, by, now() + timedelta(minutes=minutes))
            case Junks():
                await sorting.junk(*where, by)
        await self._has_read(by)

    async def _has_read(self, by: Staff) -> None:
        async with self.database.reading() as session:
            conversation = await session.get_one(Conversation, self.conversation)
        await mark_read(self.database, by, self.conversation, conversation.last_seq)

    async def move_to_its_time(self) -> None:
        """Everything was written just now; the clock of the story says when it happened."""
        async with self.database.transaction() as session:
            for table, fields in _TIMES.items():
                mine = select(table).where(table.conversation_id == self.conversation)  # type: ignore[attr-defined]
                for row in (await session.exec(mine)).all():
                    self._move(row, fields)
            rested_on = select(Evidence).join(Message, col(Message.id) == Evidence.message_id)
            for row in await session.exec(rested_on.where(Message.conversation_id == self.conversation)):
                self._move(row, ("created_at",))
            self._move(await session.get_one(Visitor, self.visitor), ("created_at",))
            conversation = await session.get_one(Conversation, self.conversation)
            self._move(conversation, ("created_at", "updated_at", "junk_at"))
            # Made-up customers have made-up addresses: nobody is to be mailed about what they missed.
            conversation.customer_seen_seq = conversation.last_seq

    async def _answer(
        self,
        text: str,
        state: MessageState,
        *,
        notice: str = "",
        sources: tuple[str, ...] = (),
        rated: int = 0,
    ) -> None:
        begun = await record.begin(
            self.database, self.live, self.conversation, runner="demo", assistant="claude", model=self.model
        )
        if begun is None:
            raise ValueError(f"nothing to answer in the story of {self.story.name or 'a visitor'}")
        rests_on = await self._passages(sources)
        latency = 900 + 12 * len(text)
        self.clock += timedelta(milliseconds=latency)
        self._moment()
        tally = Tally(
            text=text,
            assistant="claude",
            model=self.model,
            stop_reason="end_turn" if state == MessageState.COMPLETE else None,
            error_code="broken_stream" if state == MessageState.FAILED else None,
            notice=notice,
            first_token_ms=620 + len(text) % 400,
            latency_ms=latency,
            confident=bool(sources) or None,
            grounds=[Ground(one, cited=True) for one in rests_on],
            sources=grounds.sources(rests_on),
            calls=[self._call(begun.turn_id, text, latency)],
        )
        await record.commit(self.database, self.live, begun, tally, state)
        if rated:
            async with self.database.reading() as session:
                message = await session.get_one(Message, begun.message.id)
            await ratings.rate(self.database, self.live, message, rated)

    async def _passages(self, sections: tuple[str, ...]) -> list[Hit]:
        """The passages an answer cites; of articles that are not here, at least what they are called."""
        hits = [_passage(number, section) for number, section in enumerate(sections)]
        of_these = select(Article).where(col(Article.slug).in_([hit.slug for hit in hits]))
        async with self.database.reading() as session:
            here = {article.slug: article for article in (await session.exec(of_these)).all()}
        return [
            replace(hit, article_id=here[hit.slug].id, version=here[hit.slug].version)
            if hit.slug in here
            else hit
            for hit in hits
        ]

    def _call(self, turn: UUID, text: str, latency: int) -> ModelCall:
        output = len(text) // 4 + 12
        price: Decimal = cost(self.model, input_tokens=640, output_tokens=output, cache_read_tokens=1_900)
        return ModelCall(
            purpose="turn",
            conversation_id=self.conversation,
            turn_id=turn,
            model=self.model,
            input_tokens=640,
            output_tokens=output,
            cache_read_tokens=1_900,
            cost=price,
            latency_ms=latency,
        )

    def _moment(self) -> None:
        """From this real moment on, the story's clock shows what it shows now."""
        self.moments.append((now(), self.clock))

    def _move(self, row: Any, fields: tuple[str, ...]) -> None:
        for field in fields:
            written = getattr(row, field)
            if written is not None:
                real, wanted = next(
                    (one for one in reversed(self.moments) if one[0] <= written), self.moments[0]
                )
                setattr(row, field, wanted + (written - real))


def _passage(number: int, section: str) -> Hit:
    """A passage from its article's title, slug and heading: "Title|slug#Heading"."""
    title, _, rest = section.partition("|")
    slug, _, heading = rest.partition("#")
    anchor = "-".join("".join(c if c.isalnum() or c in " -" else "" for c in heading.lower()).split())
    return Hit(number, UUID(int=0), slug, title, heading, anchor, "", 1.0)


async def _reopen(change: Any) -> None:
    await handoff.reopen_for_customer(change, REOPEN_WITHIN)
