"""How mails and webhooks leave. The password and the secret go in here and never come out."""

from typing import Any

import reflex as rx

from supportbot.desk import desk
from supportbot.errors import SupportError
from supportbot.house import versions
from supportbot.house.sections import Sending
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import Form, SectionPage, form_of

FIELDS_BY_WORDS: tuple[tuple[str, str], ...] = (
    ("secret", "webhook_secret"),
    ("webhook", "webhook_url"),
    ("sender", "mail_from"),
    ("user and the password", "mail_user"),
    ("encryption", "mail_security"),
    ("password", "mail_password"),
    ("mail server", "mail_host"),
)
"""What refusals about several fields together speak of, and the field to say them at."""


class SendingState(StaffPage, SectionPage, rx.State):
    """The page of sending."""

    mail_host: str = ""
    mail_port: str = ""
    mail_security: str = "starttls"
    mail_user: str = ""
    mail_from: str = ""
    webhook_url: str = ""
    has_password: bool = False
    has_secret: bool = False

    trying: str = ""
    mail_tried: str = ""
    webhook_tried: str = ""
    mail_sent: bool = False
    webhook_sent: bool = False

    @rx.event
    async def touched(self):
        """Something was typed. What, stays in the browser until it is saved or tried."""
        staff, gone = await self._enter()
        if staff is not None and self.standing != "meanwhile":
            self.standing, self.sentence, self.wrong = "unsaved", "", ""
        return gone

    @rx.event
    async def try_mail(self, form: dict[str, Any]):
        """Send a test mail to oneself with what is typed."""
        self.mail_tried = ""
        tried = await self._try(form, "mail")
        if isinstance(tried, tuple):
            self.mail_sent, self.mail_tried = tried
            return None
        return tried

    @rx.event
    async def try_webhook(self, form: dict[str, Any]):
        """Send a test webhook with what is typed."""
        self.webhook_tried = ""
        tried = await self._try(form, "webhook")
        if isinstance(tried, tuple):
            self.webhook_sent, self.webhook_tried = tried
            return None
        return tried

    async def _try(self, form: Any, way: str) -> Any:
        staff, gone = await self._enter()
        if staff is None or (typed := form_of(form)) is None:
            return gone
        self.wrong, self.sentence = "", ""
        carriers = desk().carriers
        try:
            await desk().rate_limits.generic("settings.test", str(staff.id), 6)
            sending = await versions.draft(desk().database, "sending", typed)
            assert isinstance(sending, Sending)  # noqa: S101
            send = carriers.try_mail if way == "mail" else carriers.try_webhook
            tried = await send(sending, staff)
        except SupportError as refusal:
            return False, refusal.sentence
        return tried.sent, tried.sentence

    def _section(self) -> str:
        return "sending"

    def _show(self, section: Sending) -> None:
        self.mail_host, self.mail_user = section.mail_host, section.mail_user
        self.mail_port = str(section.mail_port or "")
        self.mail_security, self.mail_from = section.mail_security, section.mail_from
        self.webhook_url = section.webhook_url
        self.has_password = section.mail_password is not None
        self.has_secret = section.webhook_secret is not None
        self.mail_tried = self.webhook_tried = ""

    def _content(self, typed: Form) -> Form:
        return typed

    def _wrong_field(self, refusal: SupportError) -> tuple[str, int]:
        named, row = super()._wrong_field(refusal)
        return named or field_of(refusal.sentence), row


def field_of(sentence: str) -> str:
    """The field a refusal speaks of; empty if of none in particular."""
    words = sentence.lower()
    return next((name for said, name in FIELDS_BY_WORDS if said in words), "")
