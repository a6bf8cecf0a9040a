"""Delivery: once when nothing crashes, at most once more for each crash, never silently not at all."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from supportbot import outbox
from supportbot.channels import MailServer, sender
from supportbot.database import Database
from supportbot.delivery import BACK_OFF, LEASE, LONGEST_WAIT, MOST_TRIES, DeliveryFailed, deliver
from supportbot.ids import new_id
from supportbot.integrations.email import Mailer
from supportbot.migrations import ROOT
from supportbot.models import Channel, Outbox
from supportbot.outbox import Outlets
from supportbot.schedule import Every, Scheduler
from tests.properties import LONG, ON_A_DATABASE
from tests.servers.smtp import mail_server
from tests.test_schedule import Clock

pytestmark = pytest.mark.anyio

START = datetime(2026, 5, 4, 12, tzinfo=UTC)
BOTH = Outlets(frozenset(Channel), "https://support.acme.example", "Acme")


class Post:
    """A carrier that notes what it delivers, and does what the test has planned for each try."""

    def __init__(self, *plans: DeliveryFailed | str | None) -> None:
        self.delivered: list[UUID] = []
        self.tries: list[UUID] = []
        self.plans = list(plans)
        self.stuck = asyncio.Event()

    async def send(self, message: Outbox) -> None:
        self.tries.append(message.id)
        plan = self.plans.pop(0) if self.plans else None
        if isinstance(plan, DeliveryFailed):
            raise plan
        if plan == "dies before":
            await self._dies()
        if plan == "breaks":
            raise ZeroDivisionError("canary-password")
        self.delivered.append(message.id)
        if plan == "dies after":
            await self._dies()
        await asyncio.sleep(0)

    async def _dies(self) -> None:
        # As after a kill: nothing more happens here, and nothing is recorded.
        self.stuck.set()
        await asyncio.Event().wait()


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.at = START
    return clock


@pytest.fixture(autouse=True)
def outlets(database: Database) -> None:
    outbox.open_outlets(database, BOTH)


async def write(database: Database, count: int = 1) -> list[UUID]:
    """So many webhooks, due from the clock's beginning."""
    ids = [new_id() for _ in range(count)]
    async with database.transaction() as session:
        for one in ids:
            session.add(
                Outbox(
                    id=one,
                    key=one.hex,
                    channel=Channel.WEBHOOK,
                    topic="handoff.requested",
                    next_attempt_at=START,
                    created_at=START,
                )
            )
    return ids


async def run(database: Database, post: Post, clock: Clock) -> int:
    return await deliver(database, Channel.WEBHOOK, post, asyncio.Event(), clock=clock)


async def run_until_killed(database: Database, post: Post, clock: Clock) -> None:
    """Let a worker send until it dies, or until nothing is due."""
    sending = asyncio.create_task(run(database, post, clock))
    dying = asyncio.create_task(post.stuck.wait())
    await asyncio.wait({sending, dying}, return_when=asyncio.FIRST_COMPLETED)
    if not sending.done():
        # What it did beside the fatal try has come to its end by now.
        await asyncio.sleep(0.05)
    for task in (sending, dying):
        task.cancel()
    await asyncio.gather(sending, dying, return_exceptions=True)


async def row(database: Database, one: UUID) -> Outbox:
    async with database.reading() as session:
        found = await session.get(Outbox, one)
    assert found is not None
    return found


async def test_what_is_due_is_sent_once_and_recorded(database: Database, clock: Clock) -> None:
    ids, post = await write(database, 11), Post()

    assert await run(database, post, clock) == 11
    assert await run(database, post, clock) == 0

    assert sorted(post.delivered) == sorted(ids)
    sent = await row(database, ids[0])
    assert (sent.sent_at, sent.attempts, sent.lease_until) == (START, 1, None)


async def test_what_a_mail_said_is_kept_until_it_is_sent_and_no_longer(
    database: Database, clock: Clock
) -> None:
    async with database.transaction() as session:
        session.add(
            Outbox(
                key="m",
                channel=Channel.MAIL,
                topic="replies.code",
                recipient="alice@acme.example",
                payload={"subject": "Your code", "body": "Your code is 123456"},
                next_attempt_at=START,
            )
        )
    post = Post(DeliveryFailed("unreachable"))

    await deliver(database, Channel.MAIL, post, asyncio.Event(), clock=clock)
    waiting = await row(database, post.tries[0])
    assert waiting.payload["body"] == "Your code is 123456"
    clock.at = waiting.next_attempt_at
    await deliver(database, Channel.MAIL, post, asyncio.Event(), clock=clock)

    sent = await row(database, post.tries[0])
    assert sent.sent_at == clock.at
    assert sent.payload == {"subject": "Your code"}


async def test_other_channels_and_later_rows_are_left_alone(database: Database, clock: Clock) -> None:
    (later,), post = await write(database), Post()
    async with database.transaction() as session:
        await outbox.mail(session, key="m", topic="t", to="a@b.example", subject="s", body="b")
        found = await session.get(Outbox, later)
        assert found is not None
        found.next_attempt_at = START + timedelta(seconds=1)

    assert await run(database, post, clock) == 0


async def test_a_failure_is_tried_again_later_and_later_and_then_given_up(
    database: Database, clock: Clock
) -> None:
    (one,), post = await write(database), Post(*[DeliveryFailed("timeout") for _ in range(MOST_TRIES)])
    waits = []
    for _ in range(MOST_TRIES):
        assert await run(database, post, clock) == 1
        assert await run(database, post, clock) == 0
        noted = await row(database, one)
        waits.append(noted.next_attempt_at - clock.at)
        clock.at = noted.next_attempt_at

    assert tuple(waits[:-1]) == BACK_OFF
    assert (noted.attempts, noted.last_error, noted.failed_at) == (MOST_TRIES, "timeout", clock.at)
    clock.moves(LONGEST_WAIT)
    assert await run(database, post, clock) == 0


async def test_one_that_will_never_be_taken_is_not_tried_again(database: Database, clock: Clock) -> None:
    (one,), post = await write(database), Post(DeliveryFailed("gone", permanent=True))

    await run(database, post, clock)

    noted = await row(database, one)
    assert (noted.failed_at, noted.last_error, noted.attempts) == (START, "gone", 1)


@pytest.mark.parametrize(
    ("asked", "waits"),
    [(None, BACK_OFF[0]), (5, BACK_OFF[0]), (600, timedelta(seconds=600)), (999_999, LONGEST_WAIT)],
)
async def test_a_receiver_may_ask_for_more_time(
    database: Database, clock: Clock, asked: float | None, waits: timedelta
) -> None:
    (one,), post = await write(database), Post(DeliveryFailed("server_busy", retry_after=asked))

    await run(database, post, clock)

    assert (await row(database, one)).next_attempt_at == START + waits


async def test_a_fault_of_ours_stops_no_other_and_keeps_its_text_to_the_log(
    database: Database, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    ids, post = await write(database, 3), Post("breaks")

    await run(database, post, clock)

    noted = [await row(database, one) for one in ids]
    assert sorted(one.last_error for one in noted) == ["", "", "internal"]
    assert len(post.delivered) == 2
    assert "canary" in caplog.text


async def test_a_try_that_never_ends_is_ended(
    database: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supportbot.delivery.SENDING_SECONDS", 0.05)
    (one,), post = await write(database), Post("dies before")

    await run(database, post, clock)

    assert (await row(database, one)).last_error == "timeout"


async def test_somebody_elses_lease_is_respected_until_it_has_passed(
    database: Database, clock: Clock
) -> None:
    (one,), died = await write(database), Post("dies after")
    await run_until_killed(database, died, clock)
    other = Post()

    clock.moves(LEASE)
    assert await run(database, other, clock) == 0
    clock.moves(timedelta(seconds=1))
    assert await run(database, other, clock) == 1

    assert died.delivered + other.delivered == [one, one]  # twice, and with one id
    assert (await row(database, one)).sent_at == clock.at


async def test_one_that_kills_every_worker_is_given_up(database: Database, clock: Clock) -> None:
    (one,) = await write(database)
    for _ in range(MOST_TRIES):
        await run_until_killed(database, Post("dies before"), clock)
        clock.moves(LEASE + timedelta(seconds=1))
    last = Post()

    await run(database, last, clock)

    noted = await row(database, one)
    assert last.tries == []
    assert (noted.failed_at, noted.last_error, noted.attempts) == (clock.at, "interrupted", MOST_TRIES)


async def test_two_workers_at_once_send_each_row_once(database: Database, clock: Clock) -> None:
    ids, posts = await write(database, 40), [Post(), Post()]
    other = Database(str(database.engine.url.render_as_string(hide_password=False)))

    # The senders themselves, without the job's lease before them, as after a lease that was lost.
    await asyncio.gather(run(database, posts[0], clock), run(other, posts[1], clock))
    await other.close()

    assert sorted(posts[0].delivered + posts[1].delivered) == sorted(ids)
    assert all([(await row(database, one)).sent_at for one in ids])


async def test_two_workers_schedulers_send_each_row_once(database: Database, clock: Clock) -> None:
    ids, post = await write(database, 25), Post()

    def scheduler(name: str, on: Database) -> Scheduler:
        def send(stopping: asyncio.Event) -> object:
            return deliver(on, Channel.WEBHOOK, post, stopping, clock=clock)

        job = Every("outbox.webhook", timedelta(seconds=3), send)  # type: ignore[arg-type]
        return Scheduler(on, [job], runner=name, clock=clock)

    other = Database(str(database.engine.url.render_as_string(hide_password=False)))
    workers = [scheduler("one", database), scheduler("two", other)]
    for _ in range(3):
        await asyncio.gather(*(one.run_due() for one in workers))
        clock.moves(timedelta(seconds=3))
    await other.close()

    assert sorted(post.delivered) == sorted(ids)


async def test_a_worker_about_to_stop_begins_no_more(database: Database, clock: Clock) -> None:
    await write(database, 10)
    stopping, post = asyncio.Event(), Post()
    stopping.set()

    assert await deliver(database, Channel.WEBHOOK, post, stopping, clock=clock) == 0


async def test_dropped_while_it_is_being_sent_cannot_be_and_later_it_can(
    database: Database, clock: Clock
) -> None:
    (one,), post = await write(database), Post(DeliveryFailed("timeout"))
    await run(database, post, clock)

    assert await outbox.drop(database, [one]) == 1

    clock.moves(timedelta(days=1))
    assert await run(database, Post(), clock) == 0


PLANS = st.lists(st.sampled_from(["delivers", "dies before", "dies after", "fails"]), min_size=1, max_size=5)


async def crashes_at_random(database: Database, plans: list[str]) -> None:
    """Workers that die at random: a row is sent once more only when a death met it between two steps."""
    clock = Clock()
    clock.at = START
    ids = await write(database, 3)
    delivered: Counter[UUID] = Counter()
    deaths: Counter[UUID] = Counter()
    left = list(plans)
    for _ in range(40):
        turns: list[DeliveryFailed | str | None] = [
            DeliveryFailed("timeout") if one == "fails" else None if one == "delivers" else one
            for one in left[:1]
        ]
        left = left[1:]
        post = Post(*turns)
        await run_until_killed(database, post, clock)
        delivered.update(post.delivered)
        # A kill meets everything its worker has in hand: sent, and not yet recorded.
        deaths.update([one for one in post.delivered if (await row(database, one)).sent_at is None])
        clock.moves(timedelta(hours=7))
        if not left and all([(await row(database, one)).sent_at for one in ids]):
            break

    for one in ids:
        assert 1 <= delivered[one] <= 1 + deaths[one], (plans, delivered, deaths)
        assert (await row(database, one)).sent_at is not None
    async with database.transaction() as session:
        for found in (await session.exec(select(Outbox))).all():
            await session.delete(found)


@ON_A_DATABASE
@given(plans=PLANS)
async def test_a_crash_costs_at_most_one_duplicate(database: Database, plans: list[str]) -> None:
    await crashes_at_random(database, plans)


@pytest.mark.soak
@LONG
@given(plans=PLANS)
async def test_a_crash_costs_at_most_one_duplicate_many_times(database: Database, plans: list[str]) -> None:
    await crashes_at_random(database, plans)


KILLED = """
import asyncio, os, signal, sys
from supportbot.channels import MailServer, sender
from supportbot.database import Database
from supportbot.delivery import deliver
from supportbot.integrations.email import Mailer
from supportbot.models import Channel

class Fatal(Mailer):
    async def send(self, message):
        await super().send(message)
        os.kill(os.getpid(), signal.SIGKILL)

async def main():
    mailer = Fatal(MailServer.from_url(sys.argv[2]), sender("support@acme.example"))
    await deliver(Database(sys.argv[1]), Channel.MAIL, mailer, asyncio.Event())

asyncio.run(main())
"""


async def test_a_server_killed_between_sending_and_recording(
    database: Database, tmp_path: Path, clock: Clock
) -> None:
    async with database.transaction() as session:
        await outbox.mail(session, key="m", topic="t", to="sam@acme.example", subject="s", body="b\n")
    url = str(database.engine.url.render_as_string(hide_password=False))
    with mail_server() as server:
        killed = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", KILLED, url, server.url],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            timeout=60,
        )
        assert killed.returncode == -signal.SIGKILL
        mailer = Mailer(MailServer.from_url(server.url), sender("support@acme.example"))
        at_once = await deliver(database, Channel.MAIL, mailer, asyncio.Event())
        clock.at = datetime.now(UTC) + LEASE
        later = await deliver(database, Channel.MAIL, mailer, asyncio.Event(), clock=clock)

        assert (at_once, later) == (0, 1)
        assert len({mail["Message-ID"] for mail in server.mails}) == 1
        assert len(server.mails) == 2
