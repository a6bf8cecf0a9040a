"""The local Anthropic server keeps its promises, seen through Anthropic's own SDK."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anthropic
import httpx2
import pytest
from anthropic.types import Message
from hypothesis import given
from hypothesis import strategies as st

from tests.servers.anthropic_server import AnthropicServer, RemoteServer, Text, Tool, cited
from tests.servers.claude import scripts
from tests.servers.claude.prompt_cache import PromptCache

ESCALATE = {"name": "escalate", "description": "Ask a person.", "input_schema": {"type": "object"}}
REFUNDS = {
    "type": "search_result",
    "source": "/help/refunds",
    "title": "Refunds",
    "content": [
        {"type": "text", "text": "Refunds take 5 days. "},
        {"type": "text", "text": "Ask us after 7."},
    ],
    "citations": {"enabled": True},
}


@pytest.fixture(scope="module")
def running_server() -> Iterator[AnthropicServer]:
    with AnthropicServer() as server:
        yield server


@pytest.fixture
def server(running_server: AnthropicServer) -> Iterator[AnthropicServer]:
    yield running_server
    running_server.reset()


@pytest.fixture
async def client(server: AnthropicServer) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with client_of(server.url) as client:
        yield client


def client_of(url: str, **options: Any) -> anthropic.AsyncAnthropic:
    return anthropic.AsyncAnthropic(**{"base_url": url, "api_key": "test", "max_retries": 0, **options})


def asking(content: Any = "How long do refunds take?", **fields: Any) -> dict[str, Any]:
    messages = [{"role": "user", "content": content}]
    return {"model": "claude-haiku-5-5", "max_tokens": 500, "messages": messages, **fields}


async def events_of(client: anthropic.AsyncAnthropic, **fields: Any) -> list[Any]:
    return [event async for event in await client.messages.create(**asking(**fields), stream=True)]


async def deltas_of(client: anthropic.AsyncAnthropic, **fields: Any) -> list[str]:
    events = await events_of(client, **fields)
    return [e.delta.text for e in events if e.type == "content_block_delta" and e.delta.type == "text_delta"]


async def answer_of(client: anthropic.AsyncAnthropic, **fields: Any) -> Message:
    async with client.messages.stream(**asking(**fields)) as stream:
        return await stream.get_final_message()


async def what_came_before_the_fault(client: anthropic.AsyncAnthropic) -> tuple[str, Exception | None]:
    text = ""
    try:
        async for event in await client.messages.create(**asking(), stream=True):
            if event.type == "content_block_delta" and event.delta.type == "text_delta":
                text += event.delta.text
    except Exception as fault:
        return text, fault
    return text, None


# What is said


@pytest.mark.anyio
async def test_a_stream_has_the_events_of_the_api_in_their_order(server, client):
    server.says("Hello there.")
    kinds = [event.type for event in await events_of(client)]
    assert kinds == [
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ]


@pytest.mark.anyio
async def test_a_ping_follows_the_start_of_the_first_block(server):
    server.says("Hello")
    headers = {"x-api-key": "test", "anthropic-version": "2023-06-01"}
    async with httpx2.AsyncClient(headers=headers) as raw:
        answer = await raw.post(f"{server.url}/v1/messages", json=asking(stream=True))
    lines = [line for line in answer.text.splitlines() if line.startswith("event: ")]
    opening = ("message_start", "content_block_start", "ping", "content_block_delta")
    assert lines[:4] == [f"event: {kind}" for kind in opening]
    assert answer.headers["content-type"].startswith("text/event-stream")


@pytest.mark.anyio
async def test_text_streams_word_by_word_and_answers_follow_their_script(server, client):
    server.says("One moment, please.")
    server.says("Done.")
    assert await deltas_of(client) == ["One ", "moment, ", "please."]
    assert await deltas_of(client) == ["Done."]
    assert server.unspoken == []


@pytest.mark.anyio
async def test_a_script_says_where_the_text_is_split(server, client):
    server.says("[ESCALATE]", splits=[1, 3, 5])
    server.says("Grüße 👋", split_every=1)
    assert await deltas_of(client) == ["[", "ES", "CA", "LATE]"]
    assert await deltas_of(client) == list("Grüße 👋")


@given(text=st.text(), every=st.integers(1, 5), splits=st.lists(st.integers(0, 20), unique=True).map(sorted))
def test_pieces_joined_are_the_text(text, every, splits):
    assert "".join(Text(text).pieces()) == text
    assert "".join(Text(text, split_every=every).pieces()) == text
    inside = [split for split in splits if split <= len(text)]
    assert "".join(Text(text, splits=inside).pieces()) == text


@pytest.mark.anyio
async def test_deltas_arrive_one_by_one_at_the_scripted_pace(server, client):
    server.says("abcdef", split_every=1, pace=0.03)
    started = time.monotonic()
    arrived = []
    async with client.messages.stream(**asking()) as stream:
        async for _ in stream.text_stream:
            arrived.append(time.monotonic() - started)
    assert all(0.03 * number <= at < 0.03 * number + 0.1 for number, at in enumerate(arrived, 1))


@pytest.mark.anyio
async def test_an_answer_pauses_until_it_is_released(server, client):
    server.says("First twenty chars.. and the rest.", pause_after=20)
    async with client.messages.stream(**asking()) as stream:
        text = ""
        while len(text) < 20:
            text += await anext(stream.text_stream)
        assert text == "First twenty chars.."
        following = asyncio.ensure_future(anext(stream.text_stream))
        await asyncio.sleep(0.1)
        assert not following.done()
        server.release()
        assert await following == " "  # the word was cut where the pause came
        assert await stream.get_final_text() == "First twenty chars.. and the rest."


@pytest.mark.anyio
async def test_a_release_may_come_before_the_pause(server, client):
    server.says("Hello", pause_after=5)
    server.release()
    assert (await answer_of(client)).content[0].text == "Hello"


@pytest.mark.anyio
async def test_a_citation_names_the_passage_of_the_request(server, client):
    server.cites("Refunds take 5 days.", search_result=0, start_block=0, end_block=2)
    answer = await answer_of(client, content=[REFUNDS, {"type": "text", "text": "How long?"}])
    assert answer.content[0].text == "Refunds take 5 days."
    assert answer.content[0].citations[0].model_dump() == {
        "type": "search_result_location",
        "cited_text": "Refunds take 5 days. Ask us after 7.",
        "search_result_index": 0,
        "source": "/help/refunds",
        "title": "Refunds",
        "start_block_index": 0,
        "end_block_index": 2,
    }


@pytest.mark.anyio
@pytest.mark.parametrize("first", [True, False])
async def test_a_citation_can_say_everything_itself_and_come_before_or_after_the_text(server, client, first):
    server.cites("Soon.", 1, 2, 3, cited_text="soon", source="/s", title="S", citation_first=first)
    deltas = [event.delta for event in await events_of(client) if event.type == "content_block_delta"]
    assert [delta.type == "citations_delta" for delta in deltas] == [first, not first]
    citation = next(delta.citation for delta in deltas if delta.type == "citations_delta")
    assert (citation.source, citation.title, citation.cited_text) == ("/s", "S", "soon")
    assert (citation.search_result_index, citation.start_block_index) == (1, 2)


@pytest.mark.anyio
async def test_a_tool_is_called_in_pieces_after_some_text(server, client):
    server.calls_tool("escalate", {"reason": "legal_threat"}, text_before="One moment.")
    answer = await answer_of(client, tools=[ESCALATE])
    text, call = answer.content
    assert (text.text, call.name, call.input) == ("One moment.", "escalate", {"reason": "legal_threat"})
    assert answer.stop_reason == "tool_use"
    server.calls_tool("escalate", {"reason": "legal_threat"})
    deltas = [e.delta for e in await events_of(client, tools=[ESCALATE]) if e.type == "content_block_delta"]
    pieces = [delta.partial_json for delta in deltas]
    assert pieces[0] == ""
    assert len(pieces) > 3


@pytest.mark.anyio
async def test_a_tool_call_can_carry_broken_json(server, client):
    server.calls_tool("escalate", raw_json='{"reason": legal')
    with pytest.raises(ValueError, match="Unable to parse tool parameter JSON"):
        await answer_of(client)
    server.calls_tool("escalate", raw_json='{"reason": legal')
    whole = await client.messages.create(**asking())
    assert whole.content[0].input == {"INVALID_JSON": '{"reason": legal'}


@pytest.mark.anyio
async def test_an_answer_can_have_many_parts(server, client):
    server.answers(
        [Text("Hello. "), cited("5 days."), Text("More?"), Tool("escalate", {"a": [1]}), Tool("search")],
        pause_after=10,
    )
    server.release()
    answer = await answer_of(client, content=[REFUNDS, {"type": "text", "text": "How long?"}])
    assert [block.type for block in answer.content] == ["text", "text", "text", "tool_use", "tool_use"]
    assert answer.content[1].citations[0].source == "/help/refunds"
    assert (answer.content[3].input, answer.content[4].input) == ({"a": [1]}, {})
    assert answer.content[3].id != answer.content[4].id


@pytest.mark.anyio
async def test_an_answer_can_be_refused_cut_short_or_empty(server, client):
    server.refuses()
    server.says("And so on", stop_reason="max_tokens")
    server.says("")
    refused, cut_short, empty = [await answer_of(client) for _ in range(3)]
    assert (refused.stop_reason, refused.stop_details.type, refused.content) == ("refusal", "refusal", [])
    assert (cut_short.stop_reason, cut_short.content[0].text) == ("max_tokens", "And so on")
    assert (empty.stop_reason, empty.content) == ("end_turn", [])


@pytest.mark.anyio
async def test_the_whole_answer_comes_at_once_when_it_is_not_streamed(server, client):
    server.calls_tool("escalate", {"reason": "policy"}, text_before="One moment.")
    answer = await client.messages.create(**asking(tools=[ESCALATE]))
    assert [block.type for block in answer.content] == ["text", "tool_use"]
    assert answer.content[1].input == {"reason": "policy"}
    assert answer.stop_reason == "tool_use"
    assert answer._request_id.startswith("req_")


@pytest.mark.anyio
async def test_a_reply_can_be_meant_for_one_request_and_given_several_times(server, client):
    server.says("A summary.", when="Summarise")
    server.says("Hello.", times=2)
    assert await deltas_of(client) == ["Hello."]
    assert await deltas_of(client, system="Summarise this.") == ["A ", "summary."]
    assert await deltas_of(client) == ["Hello."]


# What goes wrong


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("status", "error", "error_type"),
    [
        (401, anthropic.AuthenticationError, "authentication_error"),
        (403, anthropic.PermissionDeniedError, "permission_error"),
        (404, anthropic.NotFoundError, "not_found_error"),
        (429, anthropic.RateLimitError, "rate_limit_error"),
        (500, anthropic.InternalServerError, "api_error"),
        (529, anthropic.APIStatusError, "overloaded_error"),
    ],
)
async def test_a_failure_before_the_first_byte_is_the_sdk_error(server, client, status, error, error_type):
    server.fails(status, retry_after=2)
    with pytest.raises(error) as caught:
        await events_of(client)
    assert (caught.value.status_code, caught.value.type) == (status, error_type)
    assert caught.value.response.headers["retry-after"] == "2"
    assert caught.value.request_id == caught.value.body["request_id"]


@pytest.mark.anyio
async def test_a_failure_can_have_its_own_type_words_or_page(server, client):
    server.fails(400, "billing_error", message="Your credit balance is too low.")
    server.fails(502, body="<h1>Bad gateway</h1>")
    with pytest.raises(anthropic.BadRequestError, match="credit balance") as caught:
        await answer_of(client)
    assert caught.value.type == "billing_error"
    with pytest.raises(anthropic.InternalServerError, match="Bad gateway"):
        await answer_of(client)


@pytest.mark.anyio
async def test_the_sdk_retries_what_fails_and_then_succeeds(server):
    server.fails(529, retry_after=0.01)
    server.hangs_up()
    server.says("Here now.")
    async with client_of(server.url, max_retries=2) as client:
        assert (await answer_of(client)).content[0].text == "Here now."
    assert len(server.requests) == 3


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("how", "fault"),
    [
        ("reset", httpx2.ReadError),
        ("hangup", httpx2.RemoteProtocolError),
        ("error_event", anthropic.APIStatusError),
        ("bad_json", ValueError),
        ("bad_utf8", UnicodeDecodeError),
        ("clean_end", type(None)),
    ],
)
async def test_a_stream_breaks_after_exactly_so_many_characters(server, client, how, fault):
    for characters in (0, 40):
        server.breaks_after(characters, how)
        text, caught = await what_came_before_the_fault(client)
        assert len(text) == characters
        assert isinstance(caught, fault)


@pytest.mark.anyio
async def test_an_error_in_the_middle_has_status_200_and_its_own_type(server, client):
    server.breaks_after(10, "error_event", error_type="rate_limit_error")
    _, fault = await what_came_before_the_fault(client)
    assert (fault.status_code, fault.type) == (200, "rate_limit_error")


@pytest.mark.anyio
async def test_a_stream_that_ends_cleanly_before_its_end_has_no_stop_reason(server, client):
    server.breaks_after(40, "clean_end")
    assert (await answer_of(client)).stop_reason is None


@pytest.mark.anyio
@pytest.mark.parametrize("how", ["stall", "only_pings"])
async def test_a_stalled_stream_is_silent_until_the_client_gives_up(server, how):
    server.breaks_after(12, how)
    async with client_of(server.url, timeout=0.3) as client:
        before = asyncio.ensure_future(what_came_before_the_fault(client))
        await asyncio.wait({before}, timeout=0.6)
        if how == "only_pings":  # pings keep the SDK's read time-out from ever coming
            assert not before.done()
            before.cancel()
        else:
            text, fault = await before
            assert (len(text), type(fault)) == (12, httpx2.ReadTimeout)
    await server.until_left()


@pytest.mark.anyio
@pytest.mark.parametrize("how", ["reset", "hangup", "error_event", "bad_json", "bad_utf8", "clean_end"])
async def test_an_answer_that_is_not_streamed_breaks_too(server, client, how):
    server.breaks_after(40, how)
    with pytest.raises((anthropic.APIError, ValueError)):
        await client.messages.create(**asking())


@pytest.mark.anyio
@pytest.mark.parametrize("options", [{}, {"headers_first": False}, {"ping_every": 0.05}])
async def test_the_server_accepts_and_stays_silent(server, client, options):
    server.stays_silent(0.2, "Here.", **options)
    started = time.monotonic()
    async with client.messages.stream(**asking()) as stream:
        opened = time.monotonic() - started
        assert await stream.get_final_text() == "Here."
    assert time.monotonic() - started >= 0.2
    assert (opened >= 0.2) is (not options.get("headers_first", True))


@pytest.mark.anyio
async def test_the_server_notices_that_a_client_left(server, client):
    server.says("Hello there, this goes on.", pause_after=6)
    async with client.messages.stream(**asking()) as stream:
        await anext(stream.text_stream)
    await server.until_left()
    server.says("Hello.")
    await answer_of(client)
    assert [request.left_early for request in server.requests] == [True, False]


# What the request must be, and what is remembered of it


@pytest.mark.anyio
async def test_requests_are_recorded_with_body_and_headers(server, client):
    await answer_of(client, system="Be kind.", extra_headers={"x-trace": "7"})
    (request,) = server.requests
    assert (request.text, request.body["system"]) == ("How long do refunds take?", "Be kind.")
    assert request.body["stream"] is True
    assert (request.headers["authorization"], request.headers["x-trace"]) == ("Bearer test", "7")


def without(block: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key != name}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"messages": []}, "at least one message"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, 'must use the "user" role'),
        ({"messages": [{"role": "user", "content": ""}]}, "non-empty content"),
        ({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}, "prefill"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]}, "must be non-empty"),
        ({"messages": [{"role": "user", "content": " "}]}, "non-whitespace"),
        ({"messages": "hello"}, "at least one message"),
        ({"messages": ["hello"]}, "messages.0.role"),
        ({"max_tokens": None}, "wrong shape|max_tokens"),
        ({"extra_body": {"temperature": "warm"}}, "temperature: Input should be a valid number"),
        ({"extra_body": {"temperature": 3}}, "temperature: range"),
        ({"system": [{"type": "text", "text": ""}]}, "system: text content blocks"),
        ({"tools": [{"name": "no spaces please", "input_schema": {}}]}, "tools.0.custom.name"),
        ({"tools": [{"name": "escalate"}]}, "input_schema: Field required"),
        ({"tools": [ESCALATE, ESCALATE]}, "unique"),
        ({"content": [without(REFUNDS, "source")]}, "search_result.source: Field required"),
        ({"content": [without(REFUNDS, "title")]}, "search_result.title: Field required"),
        ({"content": [without(REFUNDS, "content")]}, "search_result.content: Field required"),
        ({"content": [REFUNDS, without(REFUNDS, "citations")]}, "on all search_result blocks or on none"),
        ({"content": [{"type": "tool_result", "tool_use_id": "toolu_1"}]}, "unexpected `tool_use_id`"),
        ({"system": [{"type": "text", "text": "a", "cache_control": {"type": "ephemeral"}}] * 5}, "Found 5"),
    ],
)
async def test_a_request_that_the_api_would_refuse_is_refused(server, client, wrong, sentence):
    with pytest.raises(anthropic.BadRequestError, match=sentence) as caught:
        await answer_of(client, **wrong)
    assert caught.value.type == "invalid_request_error"
    assert len(server.requests) == 1


@pytest.mark.anyio
async def test_a_tool_call_must_be_answered_and_max_tokens_be_given(server, client):
    call = {"type": "tool_use", "id": "toolu_1", "name": "escalate", "input": {}}
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": [REFUNDS]}
    talk = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": [call]}]
    await answer_of(client, messages=[*talk, {"role": "user", "content": [result]}])
    with pytest.raises(anthropic.BadRequestError, match="without `tool_result` blocks"):
        await answer_of(client, messages=[*talk, {"role": "user", "content": "Well?"}])
    with pytest.raises(anthropic.BadRequestError, match="max_tokens: Field required"):
        await answer_of(client, max_tokens=anthropic.omit)


@pytest.mark.anyio
async def test_a_key_is_required_in_either_header(server, client):
    async with httpx2.AsyncClient(headers={"anthropic-version": "2023-06-01"}) as raw:
        address = f"{server.url}/v1/messages"
        unkeyed = await raw.post(address, json=asking())
        keyed = await raw.post(address, json=asking(), headers={"x-api-key": "test"})
    assert (unkeyed.status_code, unkeyed.json()["error"]["type"]) == (401, "authentication_error")
    assert keyed.status_code == 200
    assert (await answer_of(client)).stop_reason == "end_turn"  # the SDK sends a bearer token


# What it costs


@pytest.mark.anyio
async def test_usage_is_computed_or_as_scripted(server, client):
    server.says("Twelve chars")
    server.says("Hi", usage={"input_tokens": 7, "output_tokens": 9, "cache_read_input_tokens": 100})
    computed, scripted = [(await answer_of(client, content="x" * 400)).usage for _ in range(2)]
    assert (computed.input_tokens, computed.output_tokens) == (100, 5)
    assert (computed.cache_read_input_tokens, computed.cache_creation_input_tokens) == (0, 0)
    assert (scripted.input_tokens, scripted.output_tokens, scripted.cache_read_input_tokens) == (7, 9, 100)


@pytest.mark.anyio
async def test_a_marked_prefix_is_written_to_the_cache_once_and_then_read(server, client):
    facts = {"type": "text", "text": "f" * 8_000, "cache_control": {"type": "ephemeral"}}
    usages = [
        (await answer_of(client, content=content, system=[facts])).usage for content in ("aaaa", "bbbb")
    ]
    first, second = [
        (u.cache_creation_input_tokens, u.cache_read_input_tokens, u.input_tokens) for u in usages
    ]
    assert (first, second) == ((2_000, 0, 1), (0, 2_000, 1))
    changed = await answer_of(client, content="aaaa", system=[{**facts, "text": "g" * 8_000}])
    assert changed.usage.cache_read_input_tokens == 0
    assert changed.usage.cache_creation.ephemeral_5m_input_tokens == 2_000


def marked(text: str, **marker: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "cache_control": {"type": "ephemeral", **marker}}


def test_a_growing_conversation_reads_the_prefix_of_its_last_turn():
    cache = PromptCache(minimum=0)
    first = cache.look_up(asking([marked("a" * 40)], system=[marked("s" * 80, ttl="1h")]))
    assert (first.read, first.written_1h, first.written_5m, first.uncached) == (0, 20, 10, 0)
    cache.remember(first)
    grown = [
        *asking([{"type": "text", "text": "a" * 40}])["messages"],
        {"role": "assistant", "content": "b" * 40},
    ]
    grown.append({"role": "user", "content": [marked("c" * 40)]})
    second = cache.look_up(asking(messages=grown, system=[marked("s" * 80, ttl="1h")]))
    assert (second.read, second.written_5m, second.uncached) == (30, 20, 0)


def test_a_cached_prefix_expires_and_reading_renews_it():
    now = 0.0
    cache = PromptCache(clock=lambda: now, minimum=0)
    request = asking([marked("a" * 40)])
    for now, expected in ((0.0, 0), (299.0, 10), (598.0, 10), (899.0, 0)):  # noqa: B007
        use = cache.look_up(request)
        cache.remember(use)
        assert use.read == expected


def test_a_prefix_below_the_minimum_is_not_cached_and_its_marker_does_no_harm():
    cache = PromptCache()
    short = asking([marked("a" * 40)], system=[marked("s" * 4_000)])
    use = cache.look_up(short)
    cache.remember(use)
    assert (use.read, use.written_5m, use.uncached) == (0, 0, 1_010)
    assert cache.look_up(short).read == 0
    long = asking([marked("a" * 400)], system=[marked("s" * 4_000)])
    use = cache.look_up(long)
    cache.remember(use)
    assert (use.read, use.written_5m, use.uncached) == (0, 1_100, 0)
    assert cache.look_up(long).read == 1_100


def test_a_prefix_is_cached_exactly_or_not_at_all():
    cache = PromptCache(minimum=0)
    tool = {"name": "escalate", "input_schema": {"type": "object"}}
    request = asking([marked("a" * 40)], system=[marked("s" * 80)], tools=[tool])
    cache.remember(cache.look_up(request))
    assert cache.look_up(request).uncached == 0
    assert cache.look_up({**request, "tools": [{**tool, "description": "Changed."}]}).read == 0
    assert cache.look_up({**request, "model": "claude-opus-5-5"}).read == 0
    # What comes first is still the same: tools, then system, then messages.
    another = asking([marked("b" * 40)], system=request["system"], tools=[tool])
    assert 0 < cache.look_up(another).read == cache.look_up(request).read - 10


@pytest.mark.parametrize(("blocks", "found"), [(18, True), (25, False)])
def test_an_earlier_prefix_is_found_up_to_twenty_blocks_back(blocks, found):
    cache = PromptCache(minimum=0)
    cache.remember(cache.look_up(asking([marked("a" * 40)])))
    grown = [{"type": "text", "text": "a" * 40}, *[{"type": "text", "text": "b" * 40}] * blocks]
    use = cache.look_up(asking([*grown, marked("c" * 40)]))
    assert use.read == (10 if found else 0)


# Unscripted, compatible, and from outside


@pytest.mark.anyio
async def test_an_unscripted_answer_echoes_the_question_and_cites_the_first_passage():
    with AnthropicServer(length=600) as server:
        async with client_of(server.url) as client:
            answer = await answer_of(client, content=[REFUNDS, {"type": "text", "text": "How long?"}])
            uncited = await answer_of(client, content=[without(REFUNDS, "citations")])
    assert sum(len(block.text) for block in answer.content) == 600
    assert "How long?" in answer.content[0].text
    assert answer.content[1].text == "Refunds take 5 days. "
    assert answer.content[1].citations[0].title == "Refunds"
    assert not any(block.citations for block in uncited.content)


@pytest.mark.anyio
async def test_a_compatible_server_ignores_what_such_servers_ignore():
    with AnthropicServer(compatible=True) as server:
        server.calls_tool("escalate", {}, text_before="One moment.")
        server.cites("5 days.", stop_reason="max_tokens")
        server.says("")
        async with client_of(server.url) as client:
            called, quoted, empty = [
                await answer_of(client, content=[REFUNDS], tools=[ESCALATE]) for _ in range(3)
            ]
            assert (await answer_of(client, messages=[])).stop_reason == "end_turn"
    assert [block.type for block in called.content] == ["text"]
    assert quoted.content[0].citations is None
    assert {answer.stop_reason for answer in (called, quoted, empty)} == {"end_turn"}
    assert empty.content[0].text == ""
    assert called.usage.cache_read_input_tokens is None


def test_every_reply_survives_the_journey_as_json():
    replies = [
        scripts.answers(
            [Text("a", splits=(1,)), cited("b"), Tool("c", {"d": [1]})], usage={"input_tokens": 1}
        ),
        scripts.breaks_after(3, "bad_json", when="x", times=2),
        scripts.fails(429, retry_after=2),
        scripts.hangs_up(),
    ]
    assert [scripts.from_json(scripts.to_json(reply)) for reply in replies] == replies


@pytest.mark.anyio
async def test_a_server_in_another_process_is_steered_in_the_same_words():
    with RemoteServer.started("--length", "120", "--pace", "0") as server:
        server.answers([Text("Wait for it."), Tool("escalate", {"reason": "policy"})], pause_after=4)
        server.fails(529)
        async with client_of(server.url) as client:
            answering = asyncio.ensure_future(answer_of(client))
            await server.until_asked()
            server.release()
            assert (await answering).content[1].input == {"reason": "policy"}
            with pytest.raises(anthropic.APIStatusError):
                await answer_of(client)
            assert [request.text for request in server.requests] == ["How long do refunds take?"] * 2
            server.says("Never heard.")
            server.reset()
            assert len((await answer_of(client)).content[0].text) < 120


@pytest.mark.anyio
async def test_a_script_can_be_typed_by_hand(server, client):
    async with httpx2.AsyncClient(base_url=server.url) as raw:
        typed = [{"verb": "says", "text": "Hi"}, {"verb": "answers", "parts": [{"text": "Yo"}]}]
        assert (await raw.post("/script", json=typed)).json() == {"waiting": 2}
        wrong = await raw.post("/script", json={"verb": "sings"})
    assert (wrong.status_code, "one of answers, says" in wrong.text) == (400, True)
    assert await deltas_of(client) == ["Hi"]
    assert await deltas_of(client) == ["Yo"]


@pytest.mark.anyio
async def test_a_server_starts_and_stops_at_once_even_while_it_answers():
    started = time.monotonic()
    with AnthropicServer() as server:
        server.breaks_after(5, "stall")
        async with client_of(server.url) as client, client.messages.stream(**asking()) as stream:
            await anext(stream.text_stream)
            server.stop()
            with pytest.raises(httpx2.TransportError):
                await stream.get_final_text()
    assert time.monotonic() - started < 1


@pytest.mark.anyio
async def test_many_streams_at_once_keep_their_pace(server):
    server.says("word " * 25, pace=0.02, times=50)
    async with client_of(server.url) as client:
        started = time.monotonic()
        answers = await asyncio.gather(*(answer_of(client) for _ in range(50)))
    assert {answer.content[0].text for answer in answers} == {"word " * 25}
    assert time.monotonic() - started < 3
