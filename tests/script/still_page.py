"""A page with the marks the script goes by, and no app behind it: what Reflex would do, the tests do."""

from pathlib import Path
from types import TracebackType
from typing import Any, Self

from playwright.async_api import Browser, Locator, Page, Route

SCRIPT = Path(__file__).parents[2] / "assets" / "supportbot.js"
ADDRESS = "http://support.example"

COMPOSER = """
<form data-composer data-draft="{draft}" data-accepted="{accepted}" data-limit="2000" data-typing="{typing}">
  <input type="hidden" name="page"><input type="hidden" name="referrer">
  <input type="hidden" name="client_key">
  <div class="field"><textarea name="message" id="message" aria-label="Message"></textarea>
  <button type="submit" aria-label="Send">Send</button></div>
  <span class="count" data-left="{{count}} left" data-over="{{count}} too many"></span>
  <button type="button" hidden data-typing-signal onclick="signals += 1">typing</button>
</form>
"""

DESK = """
<div class="desk"><header class="desk-bar" data-waiting="0" data-alert="" data-alert-text="" data-alert-url=""
  data-sounds="yes" data-quiet="no">
  <a href="#escalations" data-key="g e" data-command="Go to escalations">Escalations</a>
  <button data-opens="palette" data-key="/">Commands</button>
  <button data-opens="keys" data-key="?" data-command="Keys">Keys</button>
  <button data-notify data-command="Show notifications">Show notifications</button>
  <button popovertarget="menu">Sam</button>
  <div id="menu" popover><button data-command="Sign out" onclick="pressed.push('out')">Sign out</button></div>
</header>
<dialog id="palette" data-palette aria-label="Commands">
  <input type="text" role="combobox" aria-label="What do you want to do?" aria-controls="palette-list">
  <ul id="palette-list" role="listbox" data-find="Search for “{{words}}”"
    data-search="/escalations?search="></ul>
</dialog>
<dialog id="keys" aria-label="Keys"><button data-closes="keys">Close</button></dialog>
{content}</div>
"""

PAGE = """<!doctype html><html lang="en"><head><title>Acme support</title>
<link rel="icon" href="/favicon.svg">
<script>var sent = [], signals = 0, pressed = [], sounded = [], notified = [];
AudioContext.prototype.createOscillator = new Proxy(AudioContext.prototype.createOscillator, {{
  apply: (make, audio) => (sounded.push(audio.state), make.apply(audio)) }});
{before}</script>
<script src="/supportbot.js"></script>
<style>[data-log] {{ height: 200px; overflow: auto; overflow-anchor: none }} .line {{ height: 100px }}
textarea {{ max-height: 100px }}</style>
</head><body>
<button data-opens="person">Talk to a person</button>
<dialog id="person"><form><input type="hidden" name="page"><input type="hidden" name="referrer">
  <input name="name" aria-label="Name"><button type="button" data-closes="person">Not now</button>
  <button>Ask</button></form></dialog>
<form id="suggestion"><input type="hidden" name="page"><input type="hidden" name="referrer">
  <input type="hidden" name="client_key"><input type="hidden" name="message" value="How do I get a refund?">
  <button>How do I get a refund?</button></form>
<div role="log" data-log tabindex="0"></div>
<button data-newest>Newest</button>
<main>{composer}</main>
{desk}
<div role="status" data-voice></div>
<script>
  window.__reflex = {reflex};
  document.addEventListener("submit", (event) => sent.push(Object.fromEntries(new FormData(event.target))));
</script>
</body></html>"""


def composer(*, draft: str = "new", accepted: str = "", typing: str = "no") -> str:
    """The composer as the components render it."""
    return COMPOSER.format(draft=draft, accepted=accepted, typing=typing)


def message(identity: str, role: str, words: str, name: str = "") -> str:
    """A message as the components render it."""
    return (
        f'<article class="line" data-message="{identity}" data-role="{role}"><span class="name">{name}</span>'
        f'<div class="rx-Html doc bubble">{words}</div>'
        '<button data-copy="Copied">Copy</button></article>'
    )


def running(words: str) -> str:
    """The answer that is being written."""
    return (
        f'<article class="line" data-running data-role="assistant"><div class="doc">{words}</div></article>'
    )


def desk(content: str = "") -> str:
    """The frame of the desk as the components render it, around a page's own content."""
    return DESK.format(content=content)


class StillPage:
    """One page in a browser of its own, and what a test does to it."""

    def __init__(self, chromium: Browser, **options: Any) -> None:
        self.chromium = chromium
        self.options = options
        self.troubles: list[str] = []

    async def __aenter__(self) -> Self:
        self.context = await self.chromium.new_context(
            **{"viewport": {"width": 800, "height": 600}, **self.options}
        )
        self.page: Page = await self.context.new_page()
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.context.close()
        if kind is None:
            assert self.troubles == []

    async def open(
        self,
        path: str = "/",
        *,
        field: str | None = None,
        before: str = "",
        reflex: str = "{}",
        desk: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:
        """Load the page; `before` runs in it ahead of the script."""
        html = PAGE.format(
            composer=composer() if field is None else field, before=before, reflex=reflex, desk=desk
        )

        async def answer(route: Route) -> None:
            if route.request.url.endswith(".js"):
                await route.fulfill(body=SCRIPT.read_text(), content_type="text/javascript; charset=utf-8")
            else:
                await route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=headers or {})

        await self.page.unroute("**/*")
        await self.page.route("**/*", answer)
        await self.page.goto(ADDRESS + path)

    @property
    def field(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_role("textbox", name="Message")

    async def say(self, words: str) -> None:
        """Write and press Enter."""
        await self.field.fill(words)
        await self.field.press("Enter")

    async def sent(self) -> list[dict[str, str]]:
        """What Reflex would have read of each form that was sent."""
        return await self.page.evaluate("sent")

    async def accept(self, key: str) -> None:
        """The server says that it has stored a message."""
        await self.mark("data-accepted", key)

    async def mark(self, name: str, value: str) -> None:
        """React changes an attribute of the composer."""
        await self.page.evaluate(
            "([name, value]) => document.querySelector('[data-composer]').setAttribute(name, value)",
            [name, value],
        )

    async def desk(self, **marks: object) -> None:
        """The desk's state changes: `waiting=3, alert=17`."""
        await self.page.evaluate(
            "(marks) => Object.assign(document.querySelector('.desk-bar').dataset, marks)",
            {_camel(name): str(value) for name, value in marks.items()},
        )

    async def insert(self, number: int, words: str, mode: str = "add", into: str = "") -> None:
        """The server offers words for the field, or more of them."""
        await self.page.evaluate(
            """([number, words, mode, into]) => {
                const source = document.querySelector("[data-insert]")
                    || document.body.appendChild(document.createElement("span"));
                source.hidden = true;
                source.dataset.insert = mode;
                source.dataset.insertInto = into;
                source.textContent = words;
                source.dataset.insertNumber = number;
            }""",
            [number, words, mode, into],
        )

    async def icon(self) -> str:
        """Where the tab's icon comes from."""
        return await self.page.evaluate("document.querySelector('link[rel=icon]').href")

    async def sounds(self) -> list[str]:
        """The tones that were made, by the state of the sound system at that moment."""
        return await self.page.evaluate("sounded")

    async def log(self, html: str, where: str = "beforeend") -> None:
        """React puts something into the transcript."""
        await self.page.evaluate(
            "([html, where]) => document.querySelector('[data-log]').insertAdjacentHTML(where, html)",
            [html, where],
        )

    async def run(self, words: str) -> None:
        """React shows the running answer so far, or takes it away."""
        await self.page.evaluate("document.querySelector('[data-running]')?.remove()")
        if words:
            await self.log(running(words))

    async def voice(self) -> str:
        """What was last said politely."""
        return await self.page.locator("[data-voice]").inner_text()

    async def kept(self, name: str) -> str | None:
        """What the browser keeps under a name of ours."""
        return await self.page.evaluate("(name) => localStorage.getItem('supportbot.' + name)", name)

    async def navigate(self, path: str, field: str) -> None:
        """Reflex goes to another page without loading: a new address, a new composer."""
        await self.page.evaluate(
            "([path, field]) => { history.pushState({}, '', path);"
            " document.querySelector('main').innerHTML = field; }",
            [path, field],
        )

    async def hide(self, hidden: bool) -> None:
        """The tab goes behind another one, or comes back."""
        await self.page.evaluate(
            "(hidden) => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
            " document.dispatchEvent(new Event('visibilitychange')); }",
            hidden,
        )


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(one.capitalize() for one in others)
