"""Every fault of the model: what the articles cover is an answer once; what nobody answers goes to people.

Through the real client, against a local server. And what an outage does to the desk: not more than it must.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest

from supportbot.conversations.transcript import Browser
from supportbot.database import Database
from supportbot.integrations.claude import Claude
from supportbot.models import Handoff, MessageState, ModelCall, Outcome, Reason, Trigger, Turn
from supportbot.turns import leases, record
from supportbot.turns.breaker import FAULTS, Breaker
from supportbot.turns.progress import CUT_SHORT, DECLINED
from tests.failures.conftest import claude_at
from tests.failures.stage import HOME, Stage
from tests.failures.test_every_way_to_people import WANTED
from tests.scripted import REFUNDS, ArticlesSay, FixedRetrieval, small_desk
from tests.servers.anthropic_server import AnthropicServer
from tests.servers.postgres import free_port

pytestmark = pytest.mark.anyio

PART = "They take five days,"
FALLBACK = "Our articles say: five days."


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong, scripted on the server for one request, and what we call it."""

    script: Callable[[AnthropicServer], None]
    code: str
    kit: dict[str, Any] = field(default_factory=dict)
    url: str = ""


def broken(how: Any, after: int) -> Callable[[AnthropicServer], None]:
    return lambda server: server.breaks_after(after, how, text=PART + " as a rule.", split_every=4)


IN_A_MOMENT = {"first_token_timeout": 0.3, "stall_timeout": 0.3}

BEFORE_THE_FIRST_WORD: dict[str, Fault] = {
    "429": Fault(lambda server: server.fails(429), "rate_limited"),
    "500": Fault(lambda server: server.fails(500), "server_error"),
    "529": Fault(lambda server: server.fails(529), "overloaded"),
    "connection refused": Fault(lambda _: None, "unreachable", url="nobody"),
    "connection reset": Fault(lambda server: server.hangs_up(), "unreachable"),
    "silence": Fault(lambda server: server.stays_silent(30), "timeout", IN_A_MOMENT),
    "only pings": Fault(broken("only_pings", 0), "timeout", IN_A_MOMENT),
    "broken stream": Fault(broken("reset", 0), "broken_stream"),
    "error event": Fault(broken("error_event", 0), "broken_stream"),
    "no message_stop": Fault(broken("clean_end", 0), "broken_stream"),
    "bad request": Fault(lambda server: server.fails(400), "refused_request"),
}
MISCONFIGURED: dict[str, Fault] = {
    "key refused": Fault(lambda server: server.fails(401), "key_refused"),
    "no credit": Fault(lambda server: server.fails(402), "no_credit"),
    "not allowed": Fault(lambda server: server.fails(403), "not_allowed"),
    "model unknown": Fault(lambda server: server.fails(404), "model_unknown"),
}
IN_THE_MIDDLE: dict[str, Fault] = {
    "reset": Fault(broken("reset", len(PART)), "broken_stream"),
    "hang-up": Fault(broken("hangup", len(PART)), "broken_stream"),
    "error event": Fault(broken("error_event", len(PART)), "broken_stream"),
    "no message_stop": Fault(broken("clean_end", len(PART)), "broken_stream"),
    "bad JSON": Fault(broken("bad_json", len(PART)), "broken_stream"),
    "stall": Fault(broken("stall", len(PART)), "stalled", IN_A_MOMENT),
}
AT_ALL = BEFORE_THE_FIRST_WORD | MISCONFIGURED


@pytest.fixture
async def stages(
    database: Database, server: AnthropicServer, claude: Claude
) -> AsyncIterator[Callable[..., Stage]]:
    """Makes stages whose model is the local server, called once for each answer."""
    nobody = claude_at(f"http://127.0.0.1:{free_port()}")

    def stage(fault: Fault, *, confident: bool = True) -> Stage:
        retrieval = FixedRetrieval(REFUNDS, confident=confident)
        assistant = nobody if fault.url else claude
        return Stage(small_desk(database, assistant=assistant, retrieval=retrieval, **fault.kit))

    yield stage
    await nobody.close()


async def expect_quoted(stage: Stage) -> None:
    """The articles have answered in the model's place, and nobody was sent to people."""
    newest = await stage.newest()
    assert (newest.content, newest.state, newest.notice) == (FALLBACK, MessageState.COMPLETE, record.BUSY)
    await stage.expect_with_the_assistant()


# Before the first word


@pytest.mark.parametrize("fault", AT_ALL.values(), ids=AT_ALL.keys())
async def test_what_the_articles_do_not_answer_either_goes_to_people_at_once(
    stages: Callable[..., Stage], server: AnthropicServer, fault: Fault
) -> None:
    stage = stages(fault, confident=False)
    fault.script(server)

    await stage.says()

    await stage.expect_queued(Reason.FAULT, Trigger.FAULT, WANTED)
    (answer,) = await stage.desk.answers(stage.id)
    assert (answer.content, answer.state, answer.notice) == ("", MessageState.FAILED, record.LEFT_TO_PEOPLE)
    assert (await stage.desk.only(Turn)).error_code == fault.code
    assert (await stage.desk.only(ModelCall)).error == fault.code
    assert (await stage.desk.only(Outcome)).failed_answers == 1


@pytest.mark.parametrize("fault", BEFORE_THE_FIRST_WORD.values(), ids=BEFORE_THE_FIRST_WORD.keys())
async def test_what_the_articles_answer_is_an_answer_once(
    stages: Callable[..., Stage], server: AnthropicServer, fault: Fault
) -> None:
    stage = stages(fault)
    fault.script(server)
    await stage.says()
    await expect_quoted(stage)
    fault.script(server)

    await stage.says("And to a debit card?")

    assert (await stage.newest()).content == FALLBACK
    await stage.expect_queued(Reason.FAULT, Trigger.FAULT, WANTED)


@pytest.mark.parametrize("fault", MISCONFIGURED.values(), ids=MISCONFIGURED.keys())
async def test_while_owners_mend_the_settings_the_articles_go_on_answering(
    stages: Callable[..., Stage], server: AnthropicServer, fault: Fault
) -> None:
    stage = stages(fault)
    fault.script(server)

    for text in ("How long do refunds take?", "And to a debit card?", "And in June?"):
        await stage.says(text)
        await expect_quoted(stage)

    assert len(server.requests) == 1


@pytest.mark.parametrize("fault", BEFORE_THE_FIRST_WORD.values(), ids=BEFORE_THE_FIRST_WORD.keys())
async def test_a_good_answer_in_between_forgives_a_fault(
    stages: Callable[..., Stage], server: AnthropicServer, fault: Fault
) -> None:
    if fault.url:
        pytest.skip("whoever refuses connections gives no good answer")
    stage = stages(fault)
    fault.script(server)
    await stage.says()
    server.says("Five days.")
    await stage.says("Really?")
    fault.script(server)

    await stage.says("And to a debit card?")

    await expect_quoted(stage)


# In the middle


@pytest.mark.parametrize("fault", IN_THE_MIDDLE.values(), ids=IN_THE_MIDDLE.keys())
async def test_a_part_stays_and_can_be_tried_again_and_the_second_time_people_take_it(
    stages: Callable[..., Stage], server: AnthropicServer, fault: Fault
) -> None:
    stage = stages(fault)
    fault.script(server)
    await stage.says()
    newest = await stage.newest()
    assert (newest.content, newest.state, newest.notice) == (PART, MessageState.FAILED, leases.UNFINISHED)
    await stage.expect_with_the_assistant()
    fault.script(server)

    await stage.tries_again()

    assert [one.content for one in await stage.desk.answers(stage.id)] == [PART, PART]
    await stage.expect_queued(Reason.FAULT, Trigger.FAULT, WANTED)


# An end that is none


@pytest.mark.parametrize("text", ["", " \n"])
async def test_an_empty_answer_goes_to_people(
    stages: Callable[..., Stage], server: AnthropicServer, text: str
) -> None:
    stage = stages(Fault(lambda _: None, ""))
    server.says(text)

    await stage.says()

    await stage.expect_queued(Reason.FAULT, Trigger.FAULT, WANTED)
    assert (await stage.desk.only(Turn)).error_code == "empty_answer"


async def test_a_refusal_says_so_and_a_second_one_goes_to_people(
    stages: Callable[..., Stage], server: AnthropicServer
) -> None:
    stage = stages(Fault(lambda _: None, ""))
    server.refuses()
    await stage.says()
    assert (await stage.newest()).notice == DECLINED
    await stage.expect_with_the_assistant()
    server.refuses()

    await stage.says("Why not?")

    await stage.expect_queued(Reason.CANNOT_RESOLVE, Trigger.POLICY, WANTED)


async def test_an_answer_cut_at_its_longest_is_one_and_can_be_gone_on_with(
    stages: Callable[..., Stage], server: AnthropicServer
) -> None:
    stage = stages(Fault(lambda _: None, ""))
    for _ in range(3):
        server.says("First, open the page and", stop_reason="max_tokens")
        await stage.says("Go on.")
        assert (await stage.newest()).notice == CUT_SHORT

    await stage.expect_with_the_assistant()


# What an outage does to the desk


def resting() -> Breaker:
    """A breaker that has opened just now."""
    breaker = Breaker()
    for _ in range(FAULTS):
        breaker.failed(breaker.ask(monotonic()), monotonic())
    return breaker


OUTAGES: dict[str, Callable[[], dict[str, Any]]] = {
    "the breaker is open": lambda: {"breaker": resting()},
    "everybody's calls are used up": lambda: {"may_call_model": False},
}


def in_an_outage(database: Database, outage: str, *, confident: bool) -> Stage:
    retrieval = FixedRetrieval(REFUNDS, confident=confident)
    return Stage(small_desk(database, retrieval=retrieval, **OUTAGES[outage]()))


@pytest.mark.parametrize("outage", OUTAGES)
async def test_what_the_articles_answer_meanwhile_sends_nobody_to_people(
    database: Database, outage: str
) -> None:
    stage = in_an_outage(database, outage, confident=True)

    for number in range(5):
        await stage.says(f"How long do refunds take for order {number}?")
        await expect_quoted(stage)


@pytest.mark.parametrize("outage", OUTAGES)
async def test_who_is_left_without_an_answer_twice_goes_to_people(database: Database, outage: str) -> None:
    stage = in_an_outage(database, outage, confident=False)
    await stage.says()
    await expect_quoted(stage)

    await stage.says("Is there nobody who knows about refunds?")

    await stage.expect_queued(Reason.FAULT, Trigger.FAULT, "Wanted: “")
    assert (await stage.newest()).notice == record.LEFT_TO_PEOPLE
    assert stage.assistant.requests == []


@pytest.mark.parametrize("outage", OUTAGES)
async def test_courtesies_send_nobody_to_people(database: Database, outage: str) -> None:
    stage = in_an_outage(database, outage, confident=False)

    for text in ("Hello!", "Thanks", "thank you very much", "Danke", "OK"):
        await stage.says(text)

    await stage.expect_with_the_assistant()


async def test_many_customers_of_an_outage_are_not_as_many_hand_offs(database: Database) -> None:
    breaker = resting()
    for number in range(12):
        retrieval = FixedRetrieval(REFUNDS, confident=number % 2 == 0)
        desk = small_desk(database, breaker=breaker, retrieval=retrieval)
        await desk.intake.begin(f"{number:064}", HOME, "How long do refunds take?", "key", Browser())
        await desk.runner.idle()

    assert len(await desk.rows(Turn)) == 12
    assert await desk.rows(Handoff) == []


async def test_without_a_model_nothing_of_this_holds(database: Database) -> None:
    articles = ArticlesSay()
    retrieval = FixedRetrieval(REFUNDS, confident=False)
    stage = Stage(small_desk(database, assistant=articles, fallback=articles, retrieval=retrieval))

    for _ in range(3):
        await stage.says()

    await stage.expect_with_the_assistant()
