"""What surrounds every page: the state of the connection, the last resort's sentence, the polite voice.

Reflex's own would show toasts, which our content security policy forbids, and stack traces.
"""

from collections.abc import Callable
from typing import Any

import reflex as rx
from reflex_base.constants import Hooks
from reflex_components_core.base.error_boundary import ErrorBoundary
from reflex_components_core.core.banner import has_connection_errors

from supportbot.ui.components.button import button
from supportbot.ui.components.notice import refusal
from supportbot.ui.notices import NoticeState
from supportbot.ui.text import t


class _ConnectionLine(rx.el.Div):
    """Says that the connection is lost, and for a moment that it is back. Quick reconnects stay unsaid."""

    def add_imports(self) -> dict[str, list[str]]:
        """React's hooks for remembering."""
        return {"react": ["useEffect", "useRef", "useState"]}

    def add_hooks(self) -> list[Any]:
        """`back` is true for a moment after the errors are gone."""
        return [
            Hooks.CONNECT_ERRORS,
            f"const lost = {has_connection_errors!s};",
            "const wasLost = useRef(false);",
            "const [back, setBack] = useState(false);",
            "useEffect(() => {"
            " setBack(wasLost.current && !lost);"
            " wasLost.current = lost;"
            " const gone = setTimeout(() => setBack(false), 4000);"
            " return () => clearTimeout(gone);"
            " }, [lost]);",
        ]


@rx.memo
def surroundings() -> rx.Component:
    """Shown above every page, most of the time with nothing in it."""
    return rx.el.div(
        _ConnectionLine.create(
            rx.cond(has_connection_errors, rx.el.p(t("shared.offline"), class_name="notice offline")),
            rx.cond(rx.Var("back").to(bool), rx.el.p(t("shared.online"), class_name="notice online")),
            role="status",
        ),
        refusal(NoticeState.sentence, NoticeState.count, NoticeState.clear),
        # The one polite voice: the page's script speaks through it.
        rx.el.div(role="status", class_name="unseen", custom_attrs={"data-voice": ""}),
        class_name="surroundings",
    )


def broken_page() -> rx.Component:
    """Instead of a page that threw an error while it was drawn. It may rely on nothing but words."""
    return rx.el.main(
        rx.el.h1(t("shared.broken.title")),
        rx.el.p(t("shared.broken.body")),
        button(
            t("shared.broken.reload"),
            kind="primary",
            on_click=rx.call_function(rx.Var("(() => window.location.reload())")),
        ),
        class_name="broken",
    )


APP_WRAPS: dict[tuple[int, str], Callable[[bool], rx.Component | None]] = {
    (55, "ErrorBoundary"): lambda _stateful: ErrorBoundary.create(fallback_render=broken_page()),
    (5, "Overlay"): lambda stateful: rx.fragment(surroundings()) if stateful else None,
}
"""For `rx.App(app_wraps=…)`, in Reflex's order."""
