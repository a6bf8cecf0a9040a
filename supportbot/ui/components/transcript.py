"""The browser's side of a live transcript: it keeps what it was given, and the server sends only news.

A Reflex delta carries the whole value of each changed var, so a var must never hold more than what is new.
News come numbered, in a few vars by turns, so that what arrives together is taken in together; where a
number is missing all the same, the page asks for everything anew. There is nothing else in this script:
what is shown was decided, rendered and cleaned on the server.
"""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex_base.vars.base import VarData
from reflex_components_core.el.elements.typography import Div

from supportbot.ui.bubbles import Bubble
from supportbot.ui.components.button import button

PUT = """
// Appends HTML to what is `depth` elements deep at the end of `box`; below zero, the last element goes first.
const put = (box, depth, html) => {
  const made = document.createElement("template");
  made.innerHTML = html;
  if (depth < 0) {
    while (box.lastChild?.nodeType === Node.TEXT_NODE) box.lastChild.remove();
    box.lastElementChild?.remove();
  }
  let place = box;
  for (; depth > 0; depth -= 1) place = place.lastElementChild ?? place;
  const nodes = [...made.content.childNodes];
  place.append(...nodes);
  return nodes;
};
const putAll = (box, [, ...pieces]) => {
  for (let at = 0; at < pieces.length; at += 2) put(box, pieces[at], pieces[at + 1]);
};
"""

ASK_AGAIN = """
const askAgain = () => document.querySelector("[data-lost]")?.click();
const inOrder = (news, after) => news.filter((one) => one[0] > after).sort((a, b) => a[0] - b[0]);
"""

ANSWER_TEXT = """
// An answer's text. While it is written, its pieces come from elsewhere; then what differs is replaced.
const settle = (box, due) => {
  const had = [...box.childNodes], wanted = [...due.childNodes];
  let same = 0;
  while (same < had.length && same < wanted.length && had[same].isEqualNode(wanted[same])) same += 1;
  // The first that differs is mended inside, so that a selection in front of the difference stays.
  const old = had[same], fresh = wanted[same];
  if (old && fresh && old.cloneNode().isEqualNode(fresh.cloneNode())) {
    settle(old, fresh);
    same += 1;
  } else if (old?.data && fresh?.data?.startsWith(old.data)) {
    old.appendData(fresh.data.slice(old.data.length));
    same += 1;
  } else if (fresh?.data && old?.data?.startsWith(fresh.data)) {
    old.deleteData(fresh.data.length, old.data.length);
    same += 1;
  }
  for (const node of had.slice(same)) node.remove();
  box.append(...wanted.slice(same));
};
const AnswerText = ({ html, running, ...others }) => {
  const ref = useRef(null);
  useLayoutEffect(() => {
    if (running) return;
    const box = ref.current, made = document.createElement("template");
    made.innerHTML = html;
    if (box.innerHTML === made.innerHTML) return;
    box.normalize();
    settle(box, made.content);
  }, [html, running]);
  return jsx("div", { ref, ...others });
};
"""

ANSWER_FEED = """
// Puts the pieces of the running answer where they belong, and behind them the tail.
const AnswerFeed = ({ begun, pieces, tail }) => {
  useLayoutEffect(() => {
    const box = document.querySelector("[data-running] .doc");
    if (!box || !begun.length) return;
    if (box.grown?.since !== begun[0]) {
      box.replaceChildren();
      putAll(box, begun);
      box.grown = { since: begun[0], at: begun[0], nodes: [], tail: null };
    }
    const { grown } = box, news = inOrder(pieces, grown.at);
    if (!news.length && grown.tail === tail) return;
    for (const node of grown.nodes) node.remove();
    for (const piece of news) {
      if (piece[0] !== grown.at + 1) {
        grown.nodes = [];
        grown.tail = null;
        return askAgain();
      }
      putAll(box, piece);
      grown.at = piece[0];
    }
    grown.nodes = tail.length ? put(box, ...tail) : [];
    grown.tail = tail;
  });
  return null;
};
"""

USE_TRANSCRIPT = """
// The transcript so far: what was loaded, and what came since, each message once and in order.
const merged = (list, one) => {
  const at = list.findIndex(({ id }) => id === one.id);
  if (one.state === "superseded") return list.filter(({ id }) => id !== one.id);
  if (at >= 0) return list.with(at, { ...list[at], ...one });
  if (one.seq === undefined) return list;
  const before = list.findLastIndex(({ seq }) => seq < one.seq);
  return list.toSpliced(before + 1, 0, one);
};
const dated = (list) => list.map((one, at) => {
  const previous_at = list[at - 1]?.at ?? "";
  return one.previous_at === previous_at ? one : { ...one, previous_at };
});
const useTranscript = (loaded, messages, news) => {
  const kept = useRef({});
  if (kept.current.loaded !== loaded) kept.current = { loaded, at: loaded, list: dated(messages) };
  const now = kept.current;
  for (const [number, ...changed] of inOrder(news, now.at)) {
    now.lost = number !== now.at + 1;
    if (now.lost) break;
    now.at = number;
    now.list = dated(changed.reduce(merged, now.list));
  }
  useEffect(() => {
    if (now.lost) askAgain();
  });
  return now.list;
};
"""

WHEN_SEEN = """
// Presses the button inside when it comes near the part one sees.
const WhenSeen = ({ again, ...others }) => {
  const ref = useRef(null);
  useEffect(() => {
    const root = ref.current.closest("[data-log]");
    const seen = ([entry]) => entry.isIntersecting && ref.current?.firstElementChild.click();
    const watch = new IntersectionObserver(seen, { root, rootMargin: "300px 0px 0px" });
    watch.observe(ref.current);
    return () => watch.disconnect();
  }, [again]);
  return jsx("div", { ref, ...others });
};
"""


class _Scripted(rx.Component):
    """A component of our own script."""

    def add_imports(self) -> dict[str, list[str]]:
        """React's hooks."""
        return {"react": ["useEffect", "useLayoutEffect", "useRef"]}


class AnswerText(_Scripted):
    """The text of an answer, running or ended; it stays in place when the one becomes the other."""

    tag = "AnswerText"

    html: rx.Var[str]
    running: rx.Var[bool]

    def add_custom_code(self) -> list[str]:
        """See above."""
        return [ANSWER_TEXT]


class AnswerFeed(_Scripted):
    """Shows nothing itself: it brings the running answer's pieces to its text."""

    tag = "AnswerFeed"

    begun: rx.Var[list[Any]]
    pieces: rx.Var[list[Any]]
    tail: rx.Var[list[Any]]

    def add_custom_code(self) -> list[str]:
        """See above."""
        return [ASK_AGAIN, PUT, ANSWER_FEED]


class WhenSeen(_Scripted):
    """Around a button that loads more: it is pressed when it comes into sight. `again` watches anew."""

    tag = "WhenSeen"

    again: rx.Var[Any]

    def add_custom_code(self) -> list[str]:
        """See above."""
        return [WHEN_SEEN]


class Kept(Div):
    """A transcript: its children may use the variable `kept`, the messages in order.

    Args of `create`: `state`, whose `LiveTranscript` it shows, besides a `div`'s.
    """

    _hooks: list[rx.Var[Any]]

    def add_imports(self) -> dict[str, list[str]]:
        """React's hooks."""
        return {"react": ["useEffect", "useRef"]}

    @classmethod
    def create(cls, *children: Any, state: Any, **props: Any) -> "Kept":
        """See the class."""
        component: Kept = super().create(*children, **props)
        news = rx.Var.create([state.news_0, state.news_1, state.news_2, state.news_3])
        used = [state.loaded, state.messages, news]
        component._hooks = [
            rx.Var(
                f"const kept = useTranscript({', '.join(str(var) for var in used)});",
                _var_data=VarData.merge(*(var._get_all_var_data() for var in used)),
            )
        ]
        return component

    def add_custom_code(self) -> list[str]:
        """See above."""
        return [ASK_AGAIN, USE_TRANSCRIPT]

    def add_hooks(self) -> list[rx.Var[Any]]:
        """The transcript, kept from one news to the next."""
        return self._hooks


def transcript(
    state: Any, said: Callable[[rx.Var[Bubble]], rx.Component], *, earlier: rx.Var[str] | str
) -> rx.Component:
    """The messages of a `LiveTranscript`, the running answer among them.

    Args:
        state: The state that shows it.
        said: Makes a message a component.
        earlier: The words of the button that loads older messages; it is also pressed by scrolling there.
    """
    return rx.fragment(
        rx.cond(
            state.has_earlier,
            WhenSeen.create(
                button(earlier, on_click=state.load_earlier, kind="quiet", class_name="earlier"),
                again=state.oldest,
            ),
        ),
        Kept.create(rx.foreach(rx.Var("kept").to(list[Bubble]), said), state=state),
        AnswerFeed.create(
            begun=state.begun,
            pieces=rx.Var.create([getattr(state, f"piece_{number}") for number in range(8)]),
            tail=state.tail,
        ),
        rx.el.button(type="button", hidden=True, on_click=state.catch_up, custom_attrs={"data-lost": ""}),
    )
