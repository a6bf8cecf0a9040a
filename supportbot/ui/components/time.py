"""Times, said in the viewer's own zone by their own browser; hovering shows the exact moment.

The server sends ISO times in UTC. Everything here is an expression that runs in the page.
"""

import reflex as rx
from reflex_base.vars.function import FunctionStringVar
from reflex_components_core.el.elements.inline import Time

from supportbot.ui.text import t

# Words are in the page's language, in the reader's own variety of it if they have one (en-GB).
_LANGUAGE = (
    "(navigator.languages.find((l) => l.startsWith(document.documentElement.lang)) "
    "|| document.documentElement.lang)"
)
_CLOCK = FunctionStringVar.create(
    "((at) => at && new Date(at).toLocaleTimeString([], {hour: 'numeric', minute: '2-digit'}))"
)
_EXACT = FunctionStringVar.create(
    f"((at) => at && new Date(at).toLocaleString({_LANGUAGE}, {{dateStyle: 'full', timeStyle: 'long'}}))"
)
_SAME_DAY = FunctionStringVar.create(
    "((a, b) => !!a && !!b && new Date(a).toDateString() === new Date(b).toDateString())"
)
_DAY = FunctionStringVar.create(
    "((at, today, yesterday) => {"
    " const day = new Date(at), now = new Date();"
    " const midnight = (moment) => new Date(moment).setHours(0, 0, 0, 0);"
    " const days = Math.round((midnight(now) - midnight(day)) / 864e5);"
    " if (days === 0) return today;"
    " if (days === 1) return yesterday;"
    " const year = day.getFullYear() === now.getFullYear() ? undefined : 'numeric';"
    f" return day.toLocaleDateString({_LANGUAGE}, {{weekday: 'long', day: 'numeric', month: 'long', year}});"
    " })"
)
_AGO = FunctionStringVar.create(
    "((at, now) => {"
    " const minutes = Math.max(0, Math.floor((now - new Date(at)) / 6e4));"
    f" const say = new Intl.RelativeTimeFormat({_LANGUAGE}, {{numeric: 'auto', style: 'narrow'}});"
    " if (minutes < 1) return say.format(0, 'second');"
    " if (minutes < 60) return say.format(-minutes, 'minute');"
    " if (minutes < 1440) return say.format(-Math.floor(minutes / 60), 'hour');"
    " return say.format(-Math.floor(minutes / 1440), 'day');"
    " })"
)


def clock(at: rx.Var[str]) -> rx.Component:
    """The time of day, such as 14:05."""
    return Time.create(
        _CLOCK.call(at).to(str), date_time=at, title=_EXACT.call(at).to(str), class_name="time"
    )


def day(at: rx.Var[str]) -> rx.Var[str]:
    """The day in words: today, yesterday, or its date."""
    return _DAY.call(at, t("message.today"), t("message.yesterday")).to(str)


def other_day(at: rx.Var[str], previous_at: rx.Var[str]) -> rx.Var[bool]:
    """Whether a line between two days belongs above `at`; also true when nothing came before."""
    return ~_SAME_DAY.call(at, previous_at).to(bool)


class _Ago(Time):
    """A time that looks at the clock again every half minute."""

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


@rx.memo
def ago(at: rx.Var[str]) -> rx.Component:
    """How long ago, such as "5 min ago", kept true while the page is open. Call with `at=`."""
    return _Ago.create(
        _AGO.call(at, rx.Var("now")).to(str), date_time=at, title=_EXACT.call(at).to(str), class_name="time"
    )
