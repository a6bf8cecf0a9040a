"""Long answers and long conversations in a real browser: nothing is built anew, nothing jumps."""

import asyncio
import re
from typing import Any

import pytest
from playwright.async_api import Browser, Page, expect
from sqlalchemy import create_engine, text

from supportbot.settings import Settings
from tests.browser.people import Customer, agent, customer
from tests.servers.anthropic_server import RemoteServer
from tests.servers.app import App
from tests.servers.claude.scripts import Answer, Text
from tests.servers.raw_socket import CHAT, RawPage

pytestmark = [pytest.mark.anyio, pytest.mark.browser]

SENTENCE = "You can change your plan at any time, and the price changes with your next invoice. "
ANSWERS = {
    "a paragraph": SENTENCE + "Open **Settings** and read [this](/help/plans) first. " + SENTENCE * 12,
    "a table": "| Plan | Price | People |\n| --- | ---: | --- |\n"
    + "".join(f"| Team {n} | {n} € a month | up to **{n}** people |\n" for n in range(40)),
    "code": "```python\n"
    + "".join(f"total_{n} = compute(price, {n})  # with tax\n" for n in range(40))
    + "```",
    "a list": "".join(
        f"{n}. **Step {n}**: open the settings and choose what to change.\n" for n in range(1, 30)
    ),
    "a list with air": "".join(f"{n}. **Step {n}**: open the settings and choose.\n\n" for n in range(1, 30)),
    "a mixture": f"## Plans\n\n{SENTENCE}\n\n- one\n  - nested\n- two\n\n> {SENTENCE}\n\n"
    f"| a | b |\n|---|---|\n| 1 | 2 |\n\n```\ncode\n```\n\n{SENTENCE * 4}",
}

WATCH = """
() => {
  window.seen = {removed: 0};
  const kept = new WeakSet();
  const inside = (node, tail, box) => {
    for (; node && node !== box; node = node.parentNode) if (tail.has(node)) return true;
  };
  new MutationObserver((changes) => {
    const box = [...document.querySelectorAll('article.assistant .doc')].at(-1);
    const tail = new Set(box?.grown?.nodes ?? []);
    for (const {removedNodes} of changes)
      for (const node of removedNodes)
        if (node.nodeType === 1 && kept.has(node) && !box.contains(node)) seen.removed += 1;
    const walk = document.createTreeWalker(box, NodeFilter.SHOW_ALL);
    while (walk.nextNode()) if (!inside(walk.currentNode, tail, box)) kept.add(walk.currentNode);
  }).observe(document.querySelector('[data-log]'), {childList: true, subtree: true});
}
"""
LAST = "[...document.querySelectorAll('article.assistant .doc')].at(-1)"
KINDS = (("a table", "table"), ("code", "pre"), ("a list", "ol"), ("a list with air", "ol"))


async def watch(page: Page) -> None:
    await page.evaluate(WATCH)


async def until(page: Page, expression: str, seconds: float = 15) -> None:
    """Wait until something is true in the page, whose policy forbids Playwright's own way."""
    async with asyncio.timeout(seconds):
        while not await page.evaluate(f"() => !!({expression})"):
            await asyncio.sleep(0.02)


async def seen(page: Page) -> dict[str, Any]:
    found: dict[str, Any] = await page.evaluate("window.seen")
    return found


async def started(alice: Customer, claude: RemoteServer) -> None:
    """A conversation with a first, short answer, so that the next one streams into a page that stands."""
    claude.reset()
    claude.enqueue(Answer([Text("Ask me anything.")]))
    await alice.ask("Hello, are you there?")
    await alice.expect_answer("Ask me anything.")


@pytest.mark.parametrize("name", ANSWERS)
async def test_what_has_settled_is_left_alone_until_the_end_and_by_it(
    chromium: Browser, claude_app: App, claude: RemoteServer, name: str
) -> None:
    async with customer(chromium, claude_app) as alice:
        await started(alice, claude)
        await watch(alice.page)
        answer = ANSWERS[name]
        claude.enqueue(Answer([Text(answer, pace=0.01)]))
        await alice.ask("Tell me everything")
        await expect(alice.page.locator("[data-running] .doc")).not_to_be_empty()
        await until(alice.page, f"{LAST}.textContent.length > {len(answer) // 3}")
        before = await alice.page.evaluate(
            f"() => {{ const walk = document.createTreeWalker({LAST}, NodeFilter.SHOW_TEXT);"
            " let node; do node = walk.nextNode(); while (node.data.trim().length < 4);"
            " getSelection().setBaseAndExtent(node, 0, node, 4); return getSelection().toString(); }"
        )
        await alice.expect_quiet()

        assert len(before.strip()) >= 3
        assert await alice.page.evaluate("getSelection().toString()") == before
        found = await seen(alice.page)
        # A list that turns out to be a loose one is set anew once, with its first item.
        assert found["removed"] <= (8 if name == "a list with air" else 0), found
        shown = await alice.page.evaluate(f"{LAST}.innerHTML")
        await alice.page.reload()
        await alice.expect_quiet()
        await expect(alice.page.locator("article.assistant .doc").last).not_to_be_empty()
        assert await alice.page.evaluate(f"{LAST}.innerHTML") == shown


async def test_a_table_or_a_list_is_one_while_it_is_written(
    chromium: Browser, claude_app: App, claude: RemoteServer
) -> None:
    async with customer(chromium, claude_app) as alice:
        for name, element in (
            ("a table", "table"),
            ("code", "pre"),
            ("a list", "ol"),
            ("a list with air", "ol"),
        ):
            await alice.open("/")
            await started(alice, claude)
            claude.enqueue(Answer([Text(ANSWERS[name], pace=0.01)]))
            await alice.ask("Tell me everything")
            await until(alice.page, f"{LAST}.textContent.length > {len(ANSWERS[name]) // 2}")
            assert await alice.page.locator(f"[data-running] .doc {element}").count() == 1
            await alice.expect_quiet()


async def test_a_refresh_a_second_tab_and_the_desk_show_the_same_in_the_middle(
    chromium: Browser, claude_app: App, claude: RemoteServer
) -> None:
    async with customer(chromium, claude_app) as alice, agent(chromium, claude_app, "Stefan") as sam:
        await started(alice, claude)
        answer = ANSWERS["a table"] + "\n" + ANSWERS["a list"] + "\nThat is all there is to say."
        claude.enqueue(
            Answer(
                [
                    Text(
                        answer,
                        pace=0.01,
                    )
                ],
                pause_after=len(answer) // 3,
            )
        )
        await alice.ask("Tell me everything")
        await until(alice.page, f"{LAST}.textContent.length > 250")
        identity = alice.page.url.rpartition("/")[2]
        tab = await alice.another_tab()
        await sam.page.goto(f"{claude_app.url}/escalations/{identity}")
        for person in (tab, sam):
            await expect(person.page.locator("[data-running] .doc table")).to_be_visible()
        await alice.page.reload()
        await expect(alice.page.locator("[data-running] .doc table")).to_be_visible()
        half, before = "", None
        while half != before:  # until the model pauses
            await asyncio.sleep(0.7)
            half, before = await alice.page.evaluate(f"{LAST}.innerText"), half
        assert len(half) > 250
        for person in (tab, sam):
            assert await person.page.evaluate(f"{LAST}.innerText") == half
        claude.release()
        for person in (alice, tab, sam):
            await person.expect_in_log("That is all there is to say.")
        await alice.expect_quiet()
        ends = [await person.page.evaluate(f"{LAST}.innerHTML") for person in (alice, tab, sam)]
        assert ends[0] == ends[1] == ends[2]


async def test_a_page_that_missed_pieces_asks_for_them(
    chromium: Browser, claude_app: App, claude: RemoteServer
) -> None:
    async with customer(chromium, claude_app) as alice:
        await started(alice, claude)
        claude.enqueue(Answer([Text(ANSWERS["a paragraph"] + "The end.", pace=0.02)]))
        await alice.ask("Tell me everything")
        await until(alice.page, f"{LAST}.textContent.length > 150")
        # As if the browser had been too busy to take some in.
        await alice.page.evaluate(f"{LAST}.grown.at -= 20")
        await until(alice.page, f"{LAST}.textContent.length > 700")
        assert await alice.page.evaluate(f"{LAST}.innerText") in re.sub(
            r"\*\*|\[|\]\(.*?\)", "", ANSWERS["a paragraph"]
        )
        await alice.expect_answer("The end.")


async def test_scrolling_up_loads_what_was_said_before_and_stays_where_it_was(
    chromium: Browser, claude_app: App, claude: RemoteServer
) -> None:
    async with customer(chromium, claude_app) as alice:
        await started(alice, claude)
        many_messages(claude_app, alice.page.url.rpartition("/")[2], 200)
        await alice.page.reload()
        await alice.expect_in_log("line 199 ")
        log = "document.querySelector('[data-log]')"
        assert await alice.page.locator("[data-message]").count() <= 80
        for _ in range(6):
            before = await alice.page.locator("[data-message]").count()
            first = await alice.page.evaluate("document.querySelector('[data-message]').dataset.message")
            top = f"document.querySelector('[data-message=\"{first}\"]').getBoundingClientRect().top"
            was = await alice.page.evaluate(f"(() => {{ {log}.scrollTop = 120; return {top}; }})()")
            try:
                await until(alice.page, f"document.querySelectorAll('[data-message]').length > {before}", 3)
            except TimeoutError:
                break
            await alice.page.wait_for_timeout(150)
            assert abs(await alice.page.evaluate(top) - was) < 3
        await alice.expect_in_log("Hello, are you there?")
        await alice.expect_in_log("line 0 ")
        assert await alice.page.get_by_role("button", name="earlier").count() == 0
        texts = await alice.page.locator("[data-message]").evaluate_all(
            "all => all.map(one => one.dataset.message)"
        )
        assert len(texts) == len(set(texts)) == 202


async def test_over_the_socket_long_answers_cost_what_short_ones_do(
    claude_app: App, claude: RemoteServer
) -> None:
    words = (SENTENCE * 40).split()

    async def bytes_for_each(count: int) -> float:
        claude.reset()
        answer = " ".join((words * 8)[:count])
        claude.enqueue(Answer([Text(answer, pace=0.005)]))
        visitor = f"raw-{count}-".ljust(43, "x")
        async with RawPage(claude_app.socket_url, visitor=visitor) as start:
            await start.hydrate()
            await start.fire(
                f"{CHAT}.send", form={"message": "Tell me everything", "client_key": f"raw{count}"}
            )
            await start.until(lambda: re.search(r"/c/[0-9a-f-]{36}", start.everything))
            path = re.search(r"/c/[0-9a-f-]{36}", start.everything)[0]  # type: ignore[index]
        async with RawPage(claude_app.socket_url, path=path, visitor=visitor) as page:
            await page.hydrate()
            before = len(page.frames)
            await page.until(lambda: page.vars.get("last_role") == "assistant", 60)
            return sum(len(frame.encode()) for frame in page.frames[before:]) / len(answer.encode())

    short, long = await bytes_for_each(200), await bytes_for_each(1000)

    assert short <= 20
    assert long <= 1.2 * short


def many_messages(app: App, conversation: str, count: int) -> None:
    """Lines said by both, written straight into the database."""
    engine = create_engine(Settings(database_url=app.environment["DATABASE_URL"]).sync_database_url)
    with engine.begin() as connection:
        (row,) = connection.execute(
            text("SELECT * FROM message WHERE conversation_id = :id ORDER BY seq DESC LIMIT 1"),
            {"id": conversation.replace("-", "")},
        ).mappings()
        names = list(row)
        insert = text(
            f"INSERT INTO message ({', '.join(names)}) VALUES ({', '.join(':' + n for n in names)})"
        )
        for number in range(count):
            new = dict(row) | {
                "id": f"{number + 1:032x}",
                "seq": row["seq"] + number + 1,
                "role": ("user", "assistant")[number % 2],
                "content": f"line {number} " + "and some more words " * (number % 30),
                "client_key": None,
            }
            connection.execute(insert, new)
        connection.execute(
            text("UPDATE conversation SET last_seq = :last WHERE id = :id"),
            {"last": row["seq"] + count, "id": conversation.replace("-", "")},
        )
    engine.dispose()
