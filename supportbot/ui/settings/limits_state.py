"""How much anybody may use, and what the desk promises itself."""

import reflex as rx

from supportbot.house.sections import Limits, Targets
from supportbot.ui.session import StaffPage
from supportbot.ui.settings.section_state import SectionPage


class LimitsState(StaffPage, SectionPage, rx.State):
    """The form of the limits."""

    messages: int = 0
    messages_address: int = 0
    calls: int = 0

    def _section(self) -> str:
        return "limits"

    def _show(self, section: Limits) -> None:
        self.messages, self.messages_address = (
            section.messages_per_minute,
            section.messages_per_minute_address,
        )
        self.calls = section.model_calls_per_minute


class TargetsState(StaffPage, SectionPage, rx.State):
    """The form of the targets, on the same page."""

    claim: int = 0
    reopen: int = 0
    reply_mail: int = 0

    def _section(self) -> str:
        return "targets"

    def _show(self, section: Targets) -> None:
        self.claim, self.reopen = section.claim_within_minutes, section.reopen_to_staff_hours
        self.reply_mail = section.reply_mail_after_minutes
