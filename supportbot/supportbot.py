"""The app: every page with its address, title and what it loads, and what surrounds them."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx
from reflex.utils import prerequisites
from reflex.utils.exec import is_prod_mode
from reflex_base.config import get_config

from supportbot.desk import open_desk
from supportbot.logs import set_up_logging
from supportbot.settings import settings
from supportbot.ui import routes
from supportbot.ui.account.page import account
from supportbot.ui.account.state import AccountState
from supportbot.ui.chat.page import conversation, start
from supportbot.ui.chat.state import ChatState
from supportbot.ui.desk.state import DeskState
from supportbot.ui.escalations.case_page import case
from supportbot.ui.escalations.case_state import CaseState
from supportbot.ui.escalations.list_page import escalations
from supportbot.ui.escalations.list_state import QueueState
from supportbot.ui.gaps.page import gaps
from supportbot.ui.gaps.state import GapsState
from supportbot.ui.look import LookState
from supportbot.ui.notices import last_resort
from supportbot.ui.outbox.page import outbox
from supportbot.ui.outbox.state import OutboxState
from supportbot.ui.pages import forget
from supportbot.ui.return_link.page import return_link
from supportbot.ui.return_link.state import ReturnLinkState
from supportbot.ui.settings.company_page import company
from supportbot.ui.settings.company_state import CompanyState
from supportbot.ui.settings.hours_page import hours
from supportbot.ui.settings.hours_state import HoursState
from supportbot.ui.settings.limits_page import limits
from supportbot.ui.settings.limits_state import LimitsState, TargetsState
from supportbot.ui.settings.look_page import look as look_page
from supportbot.ui.settings.look_state import LookPageState
from supportbot.ui.settings.people_page import people
from supportbot.ui.settings.people_state import PeopleState
from supportbot.ui.settings.replies_page import replies
from supportbot.ui.settings.replies_state import RepliesState
from supportbot.ui.settings.sending_page import sending
from supportbot.ui.settings.sending_state import SendingState
from supportbot.ui.settings.versions_page import versions
from supportbot.ui.settings.versions_state import VersionsState
from supportbot.ui.sign_in.page import sign_in
from supportbot.ui.sign_in.state import SignInState
from supportbot.ui.surroundings import APP_WRAPS
from supportbot.ui.text import page_title
from supportbot.ui.welcome.page import welcome
from supportbot.ui.welcome.state import WelcomeState
from supportbot.web.application import guarded, plain_routes

set_up_logging(settings().log_level)
log = logging.getLogger(__name__)


@asynccontextmanager
async def open_for_business() -> AsyncIterator[None]:
    """Each worker's life: migrations first, then the desk; only then is anybody served."""
    async with open_desk(settings()):
        yield


def _page_origins() -> frozenset[str]:
    """Where pages come from in development: a server of their own, on the same machine."""
    if is_prod_mode():
        return frozenset()
    port = get_config().frontend_port or 3000
    return frozenset(f"http://{host}:{port}" for host in ("localhost", "127.0.0.1"))


app = rx.App(
    stylesheets=["/supportbot.css", "/desk.css", "/settings.css", "/gaps.css"],
    head_components=[
        # An on-screen keyboard makes the page smaller instead of covering the field.
        rx.el.meta(
            name="viewport",
            content="width=device-width, initial-scale=1, interactive-widget=resizes-content",
        ),
        # The owner's colour, before the page is alive: else it would be ours for a moment.
        rx.el.link(rel="stylesheet", href="/look.css"),
        rx.el.script(src="/supportbot.js"),
        rx.el.link(rel="icon", href="/favicon.svg", type="image/svg+xml"),
    ],
    html_lang="en",
    api_transformer=[
        plain_routes(_page_origins()),
        guarded(
            settings(),
            _page_origins(),
            prerequisites.get_web_dir() / "build" / "client",
            lambda name: name in app._registration_context.event_handlers,
            forget,
        ),
    ],
    backend_exception_handler=last_resort,
    # Reflex would wrap every page in its own notices, which need what our content security policy forbids.
    toaster=None,
    app_wraps=APP_WRAPS,
)
app.register_lifespan_task(open_for_business)

look = LookState.open
app.add_page(start, route=routes.HOME, title=page_title(), on_load=[look, ChatState.open])
app.add_page(conversation, route=routes.CONVERSATION, title=page_title(), on_load=[look, ChatState.open])
app.add_page(
    return_link,
    route=routes.RETURN_LINK,
    title=page_title(),
    meta=[{"name": "robots", "content": "noindex"}],
    on_load=[look, ReturnLinkState.open],
)
app.add_page(sign_in, route=routes.SIGN_IN, title="Sign in", on_load=[look, SignInState.open])

# The look, then the page's own, then what every page of the desk hears.
app.add_page(
    escalations,
    route=routes.ESCALATIONS,
    title="Escalations",
    on_load=[look, QueueState.open, DeskState.open],
)
app.add_page(
    case,
    route=routes.ESCALATION,
    title="Conversation",
    # With the list one came from, which stands beside it.
    on_load=[look, CaseState.open, QueueState.open, DeskState.open],
)
app.add_page(gaps, route=routes.GAPS, title="Gaps", on_load=[look, GapsState.open, DeskState.open])
app.add_page(outbox, route=routes.OUTBOX, title="Outbox", on_load=[look, OutboxState.open, DeskState.open])
app.add_page(
    welcome,
    route=routes.WELCOME,
    title="Welcome",
    meta=[{"name": "robots", "content": "noindex"}],
    on_load=[look, WelcomeState.open],
)
app.add_page(
    account, route=routes.ACCOUNT, title="My account", on_load=[look, AccountState.open, DeskState.open]
)
for page, route, title, states in (
    (company, routes.SETTINGS, "Company and assistant", [CompanyState]),
    (hours, routes.HOURS, "Opening hours", [HoursState]),
    (replies, routes.REPLIES, "Kept replies", [RepliesState]),
    (look_page, routes.LOOK, "Look", [LookPageState]),
    (limits, routes.LIMITS, "Targets and limits", [LimitsState, TargetsState]),
    (sending, routes.SENDING, "Sending", [SendingState]),
    (people, routes.PEOPLE, "People", [PeopleState]),
    (versions, routes.VERSIONS, "Versions", [VersionsState]),
):
    app.add_page(
        page, route=route, title=title, on_load=[look, *(state.open for state in states), DeskState.open]
    )
