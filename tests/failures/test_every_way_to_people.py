"""Every way to people: each ends queued, with a reason, a brief and words of the server's own.

The faults of the model have a table of their own, in `test_faults_and_people.py`.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from supportbot.conversations.transcript import Browser
from supportbot.database import Database
from supportbot.escalations.acknowledging import welcome_back
from supportbot.escalations.extracting import NOTHING_WRITTEN
from supportbot.escalations.policy import MOST_ANSWERS
from supportbot.models import Reason, Trigger
from supportbot.turns.assistant import REASONS
from tests.failures.stage import HOME, QUESTION, Stage
from tests.people import ALICE
from tests.scripted import small_desk

pytestmark = pytest.mark.anyio

WANTED = "Wanted: “How long do refunds take for order 88123?"


@dataclass(frozen=True)
class Way:
    """One way to people: what happens, and what has to come of it."""

    happens: Callable[[Stage], Awaitable[None]]
    reason: Reason
    trigger: Trigger
    brief: str = WANTED
    told: str = ""


def words(text: str, reason: Reason, trigger: Trigger = Trigger.POLICY) -> Way:
    """The customer's own words, before any model is asked."""

    async def happens(stage: Stage) -> None:
        await stage.says(text)
        assert stage.assistant.requests == []

    return Way(happens, reason, trigger, "Wanted: ")


def tool(reason: Reason) -> Way:
    """The assistant calls for people, without a word of its own."""

    async def happens(stage: Stage) -> None:
        stage.assistant.calls_tool("escalate", {"reason": str(reason), "brief": "Alice wants order 88123."})
        await stage.says()

    return Way(happens, reason, Trigger.MODEL, "Wanted: Alice wants order 88123.\nTried: ")


async def the_button(stage: Stage) -> None:
    stage.assistant.says("Five days.")
    await stage.says()
    await stage.presses_the_button()


async def the_button_before_a_word(stage: Stage) -> None:
    await stage.presses_the_button()


async def the_button_in_the_middle_of_an_answer(stage: Stage) -> None:
    stage.assistant.says("They take").pauses()
    stage.id = await stage.desk.intake.begin(ALICE.token_hash, HOME, QUESTION, "key", Browser())
    await stage.assistant.paused()
    await stage.presses_the_button()


async def the_button_after_it_was_resolved(stage: Stage) -> None:
    await the_button_in_the_middle_of_an_answer(stage)
    await stage.is_resolved()
    await stage.presses_the_button()


async def coming_back_after_it_was_resolved(stage: Stage) -> None:
    await stage.presses_the_button()
    await stage.is_resolved()
    await stage.says()


async def the_control_word(stage: Stage) -> None:
    stage.assistant.says("[ESC", "ALATE] One moment.")
    await stage.says()


async def a_tool_call_that_is_no_json(stage: Stage) -> None:
    stage.assistant.calls_tool("escalate", None)
    await stage.says()


async def a_tool_that_fails(stage: Stage) -> None:
    stage.assistant.calls_tool("refund_order", {"order": 88123}).says("It is done.")
    await stage.says()


async def two_thumbs_down(stage: Stage) -> None:
    stage.assistant.says("Five days.").then.says("Five.")
    for text in (QUESTION, "Really?"):
        await stage.says(text)
        await stage.expect_with_the_assistant()
        await stage.rates_the_last_answer(-1)


async def a_failed_answer_and_a_thumb_down(stage: Stage) -> None:
    stage.assistant.says("They take").fails("broken_stream").then.says("Five days.")
    await stage.says()
    await stage.tries_again()
    await stage.rates_the_last_answer(-1)


async def a_complaint_after_a_thumb_down(stage: Stage) -> None:
    stage.assistant.says("Five days.")
    await stage.says()
    await stage.rates_the_last_answer(-1)
    await stage.says("That did not help me at all.")


async def an_answer_too_many(stage: Stage) -> None:
    for number in range(MOST_ANSWERS):
        stage.assistant.says("Five days.").then  # noqa: B018
        await stage.says(QUESTION if number == 0 else f"And order 8812{number}?")
    await stage.expect_with_the_assistant()
    await stage.says("And order 99999?")


async def two_refusals_of_the_model(stage: Stage) -> None:
    stage.assistant.ends("refusal").then.ends("refusal")
    await stage.says()
    assert (await stage.newest()).notice
    await stage.expect_with_the_assistant()
    await stage.says("Why not?")


async def two_failures_the_second_with_its_server(stage: Stage) -> None:
    stage.assistant.says("They take").fails("broken_stream").then.says("They").pauses()
    await stage.says()
    await stage.is_answered_on_a_server_that_dies()


async def a_search_that_fails(stage: Stage) -> None:
    stage.desk.retrieval.error = RuntimeError("no such index")
    await stage.says()


ASKED, HELPLESS, BROKEN = Reason.ASKED_FOR_PERSON, Reason.CANNOT_RESOLVE, Reason.FAULT

WAYS: dict[str, Way] = {
    "asking in words": words("Let me talk to a human, please.", ASKED, Trigger.CUSTOMER),
    "a demand only people can meet": words("I want my money back", Reason.REFUND_OR_ACCOUNT_CHANGE),
    "a legal threat": words("You will hear from my lawyer.", Reason.LEGAL_THREAT),
    "a security concern": words("Somebody hacked my account!", Reason.SECURITY_CONCERN),
    "being left alone": words("Nobody answers my emails, this is the third time I write!", Reason.FRUSTRATED),
    "the button": Way(the_button, ASKED, Trigger.CUSTOMER),
    "the button before a word": Way(the_button_before_a_word, ASKED, Trigger.CUSTOMER, NOTHING_WRITTEN),
    "the button while answering": Way(the_button_in_the_middle_of_an_answer, ASKED, Trigger.CUSTOMER),
    "the button after the end": Way(
        the_button_after_it_was_resolved,
        ASKED,
        Trigger.CUSTOMER,
        "The customer has written nothing more since then.\nTried: the team resolved it before",
    ),
    "coming back": Way(coming_back_after_it_was_resolved, ASKED, Trigger.POLICY, WANTED, welcome_back()),
    **{f"the model's tool: {reason}": tool(reason) for reason in REASONS},
    "the model's tool, garbled": Way(a_tool_call_that_is_no_json, HELPLESS, Trigger.MODEL),
    "the model's control word": Way(the_control_word, HELPLESS, Trigger.MODEL),
    "a tool that fails": Way(a_tool_that_fails, BROKEN, Trigger.FAULT),
    "two thumbs down": Way(two_thumbs_down, HELPLESS, Trigger.POLICY),
    "a failure and a thumb down": Way(a_failed_answer_and_a_thumb_down, HELPLESS, Trigger.POLICY),
    "a thumb down and a complaint": Way(a_complaint_after_a_thumb_down, Reason.FRUSTRATED, Trigger.POLICY),
    "an answer too many": Way(an_answer_too_many, Reason.TURN_LIMIT, Trigger.POLICY),
    "two refusals": Way(two_refusals_of_the_model, HELPLESS, Trigger.POLICY),
    "two failures, one with its server": Way(two_failures_the_second_with_its_server, BROKEN, Trigger.FAULT),
    "a fault of our own": Way(a_search_that_fails, BROKEN, Trigger.FAULT),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_it_ends_queued_with_reason_brief_and_acknowledgement(database: Database, way: Way) -> None:
    stage = Stage(small_desk(database))

    await way.happens(stage)

    await stage.expect_queued(way.reason, way.trigger, way.brief, told=way.told)


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_what_has_been_settled_sends_nobody_there_again(database: Database, way: Way) -> None:
    """After "I no longer need a person" the assistant answers, until there is a new reason."""
    stage = Stage(small_desk(database))
    await way.happens(stage)
    stage.gets_a_new_assistant()

    await stage.no_longer_needs_a_person()
    await stage.says("And how do I change my plan?")

    await stage.expect_with_the_assistant()
    assert (await stage.newest()).content == stage.ANSWER
