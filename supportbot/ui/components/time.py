"""Times, said in the viewer's own zone by their own browser; hovering shows the exact moment.

The server sends ISO times in UTC. Everything here is an expression that runs in the page.
"""

import reflex as rx
from reflex_base.vars.function import FunctionStringVar
from reflex_components_core.el.elements.inline import Time

from supportbot.ui.text import t

# Words are in the page's language, in the reader's own variety of it if they have one (en-GB).
LANGUAGE = (
    "(navigator.languages.find((l) => l.startsWith(document.documentElement.lang)) "
    "|| document.documentElement.lang)"
)
CLOCK = FunctionStringVar.create(
    "((at) => at && new Date(at).toLocaleTimeString([], {hour: 'numeric', minute: '2-digit'}))"
)
EXACT = FunctionStringVar.create(
    f"((at) => at && new Date(at).toLocaleString({LANGUAGE}, {{dateStyle: 'full', timeStyle: 'long'}}))"
)
SAME_DAY = FunctionStringVar.create(
    "((a, b) => !!a && !!b && new Date(a).toDateString() === new Date(b).toDateString())"
)
DAY = FunctionStringVar.create(
    "((at, today, yesterday) => {"
    " const day = new Date(at), now = new Date();"
    " const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);"
    " const days = Math.round((midnight(now) - midnight(day)) / 864e5);"
    " if (days === 0) return today;"
    " if (days === 1) return yesterday;"
    " const year = day.getFullYear() === now.getFullYear() ? undefined : 'numeric';"
    f" return day.toLocaleDateString({LANGUAGE}, {{weekday: 'long', day: 'numeric', month: 'long', year}});"
    " })"
)
AHEAD = FunctionStringVar.create(
    "((at, now, today, tomorrow, later, past) => {"
    " const then = new Date(at), midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);"
    " if (!at || then <= now) return past;"
    " const days = Math.round((midnight(then) - midnight(now)) / 864e5);"
    " const year = then.getFullYear() === new Date(now).getFullYear() ? undefined : 'numeric';"
    " const date = days < 7 ? {} : {day: 'numeric', month: 'long', year};"
    f" const day = then.toLocaleDateString({LANGUAGE}, {{weekday: 'long', ...date}});"
    " const time = then.toLocaleTimeString([], {hour: 'numeric', minute: '2-digit'});"
    " const words = days === 0 ? today : days === 1 ? tomorrow : later;"
    " return words.replace('{day}', day).replace('{time}', time);"
    " })"
)


def clock(at: rx.Var[str]) -> rx.Component:
    """The time of day, such as 14:05."""
    return Time.create(CLOCK.call(at).to(str), date_time=at, title=EXACT.call(at).to(str), class_name="time")


def day(at: rx.Var[str]) -> rx.Var[str]:
    """The day in words: today, yesterday, or its date."""
    return DAY.call(at, t("message.today"), t("message.yesterday")).to(str)


def other_day(at: rx.Var[str], previous_at: rx.Var[str]) -> rx.Var[bool]:
    """Whether a line between two days belongs above `at`; also true when nothing came before."""
    return ~SAME_DAY.call(at, previous_at).to(bool)


class Ticking(Time):
    """A time that looks at the clock again every half minute: its children may use the variable `now`."""

    def add_imports(self) -> dict[str, list[str]]:
        """React's hooks for a clock."""
        return {"react": ["useEffect", "useState"]}

    def add_hooks(self) -> list[str]:
        """A clock of its own for each time on the page."""
        return [
            "const [now, setNow] = useState(() => Date.now());",
            "useEffect(() => { const tick = setInterval(() => setNow(Date.now()), 30000);"
            " return () => clearInterval(tick); }, []);",
        ]
