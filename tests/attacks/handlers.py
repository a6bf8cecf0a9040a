"""Every event handler a socket can name. A new one must be added here, and with it to the attacks."""

from tests.servers.raw_socket import CASE, CHAT, DESK, GAPS, OUTBOX, QUEUE, RETURN_LINK, STATE

NOTICE = f"{STATE}.supportbot___ui___notices____notice_state"
LOOK = f"{STATE}.supportbot___ui___look____look_state"
SIGN_IN = f"{STATE}.supportbot___ui___sign_in___state____sign_in_state"
WELCOME = f"{STATE}.supportbot___ui___welcome___state____welcome_state"
ACCOUNT = f"{STATE}.supportbot___ui___account___state____account_state"
_SETTINGS = f"{STATE}.supportbot___ui___settings"
COMPANY = f"{_SETTINGS}___company_state____company_state"
HOURS = f"{_SETTINGS}___hours_state____hours_state"
REPLIES = f"{_SETTINGS}___replies_state____replies_state"
LOOK_PAGE = f"{_SETTINGS}___look_state____look_page_state"
LIMITS = f"{_SETTINGS}___limits_state____limits_state"
TARGETS = f"{_SETTINGS}___limits_state____targets_state"
SENDING = f"{_SETTINGS}___sending_state____sending_state"
PEOPLE = f"{_SETTINGS}___people_state____people_state"
VERSIONS = f"{_SETTINGS}___versions_state____versions_state"

CUSTOMER_HANDLERS: dict[str, tuple[str, ...]] = {
    f"{CHAT}.open": (),
    f"{CHAT}.open_later": (),
    f"{CHAT}.follow": (),
    f"{CHAT}.send": ("form",),
    f"{CHAT}.stop": (),
    f"{CHAT}.try_again": (),
    f"{CHAT}.rate": ("message", "value"),
    f"{CHAT}.complain": ("form",),
    f"{CHAT}.ask_no_more": (),
    f"{CHAT}.ask_for_person": ("form",),
    f"{CHAT}.keep_place": (),
    f"{CHAT}.no_longer_needed": (),
    f"{CHAT}.correct_brief": ("form",),
    f"{CHAT}.leave_address": ("form",),
    f"{CHAT}.seen": (),
    f"{CHAT}.load_earlier": (),
    f"{CHAT}.catch_up": (),
    f"{CHAT}.typing": (),
    f"{CHAT}.dismiss": (),
    f"{RETURN_LINK}.open": (),
    f"{RETURN_LINK}.open_later": (),
    f"{RETURN_LINK}.send_code": (),
    f"{RETURN_LINK}.enter_code": ("form",),
    f"{RETURN_LINK}.dismiss": (),
    f"{LOOK}.open": (),
    f"{NOTICE}.clear": (),
    f"{NOTICE}.show_fault": (),
    f"{NOTICE}.show_outage": (),
    f"{SIGN_IN}.open": (),
    f"{WELCOME}.open": (),
}
ADMIN_HANDLERS: dict[str, tuple[str, ...]] = {
    **{
        f"{section}.{handler}": arguments
        for section in (COMPANY, HOURS, REPLIES, LOOK_PAGE, LIMITS, TARGETS, SENDING)
        for handler, arguments in (
            ("open", ()),
            ("typed", ("form",)),
            ("save", ("form",)),
            ("take_theirs", ()),
        )
    },
    f"{COMPANY}.try_it": ("form",),
    f"{HOURS}.add_opening": ("weekday", "form"),
    f"{HOURS}.remove_opening": ("row", "form"),
    f"{HOURS}.add_holiday": ("form",),
    f"{HOURS}.remove_holiday": ("row", "form"),
    f"{REPLIES}.add": ("form",),
    f"{REPLIES}.remove": ("row", "form"),
    f"{REPLIES}.move": ("row", "by", "form"),
    f"{LOOK_PAGE}.pick": ("form",),
    f"{LOOK_PAGE}.own_colour": ("form",),
    f"{LOOK_PAGE}.no_logo": ("form",),
    f"{SENDING}.touched": (),
    f"{SENDING}.try_mail": ("form",),
    f"{SENDING}.try_webhook": ("form",),
    f"{PEOPLE}.open": (),
    f"{PEOPLE}.invite": ("form",),
    f"{PEOPLE}.invite_again": ("person",),
    f"{PEOPLE}.reset_password": ("person",),
    f"{PEOPLE}.set_role": ("person", "role"),
    f"{PEOPLE}.close_account": ("person",),
    f"{PEOPLE}.open_account": ("person",),
    f"{PEOPLE}.dismiss": (),
    f"{VERSIONS}.open": (),
    f"{VERSIONS}.show": ("of",),
    f"{VERSIONS}.compare": ("version",),
    f"{VERSIONS}.restore": ("version",),
    f"{VERSIONS}.dismiss": (),
}
"""For admins only: an agent who fires them learns and changes nothing."""
STAFF_HANDLERS: dict[str, tuple[str, ...]] = {
    f"{QUEUE}.open": (),
    f"{QUEUE}.follow": (),
    f"{QUEUE}.find": ("form",),
    f"{QUEUE}.narrow": ("name", "to"),
    f"{QUEUE}.show_more": (),
    f"{QUEUE}.claim": ("conversation",),
    f"{QUEUE}.dismiss": (),
    f"{CASE}.open": (),
    f"{CASE}.follow": (),
    f"{CASE}.claim": (),
    f"{CASE}.take_over": (),
    f"{CASE}.assign": ("form",),
    f"{CASE}.hand_back": ("form",),
    f"{CASE}.resolve": (),
    f"{CASE}.reopen": (),
    f"{CASE}.snooze": ("until",),
    f"{CASE}.wake": (),
    f"{CASE}.junk": (),
    f"{CASE}.not_junk": (),
    f"{CASE}.undo": (),
    f"{CASE}.tag": ("form",),
    f"{CASE}.untag": ("tag",),
    f"{CASE}.reply": ("form",),
    f"{CASE}.note": ("form",),
    f"{CASE}.use_canned": ("chosen",),
    f"{CASE}.draft": (),
    f"{CASE}.stop_draft": (),
    f"{CASE}.summarise": (),
    f"{CASE}.keep_summary": (),
    f"{CASE}.drop_summary": (),
    f"{CASE}.mark_wrong": ("form",),
    f"{CASE}.unmark_wrong": ("message",),
    f"{CASE}.draft_article": (),
    f"{CASE}.read": (),
    f"{CASE}.typing": (),
    f"{CASE}.load_earlier": (),
    f"{CASE}.catch_up": (),
    f"{CASE}.dismiss": (),
    f"{DESK}.open": (),
    f"{DESK}.follow": (),
    f"{DESK}.set_away": ("on",),
    f"{DESK}.set_sounds": ("on",),
    f"{GAPS}.open": (),
    f"{GAPS}.follow": (),
    f"{GAPS}.narrow": ("name", "to"),
    f"{GAPS}.show_more": (),
    f"{GAPS}.put_away": ("gap",),
    f"{GAPS}.bring_back": ("gap",),
    f"{GAPS}.undo": (),
    f"{GAPS}.draft": ("gap",),
    f"{GAPS}.dismiss": (),
    f"{OUTBOX}.open": (),
    f"{OUTBOX}.follow": (),
    f"{OUTBOX}.send_again": ("message",),
    f"{OUTBOX}.send_all_again": (),
    f"{OUTBOX}.drop": ("message",),
    f"{OUTBOX}.undo": (),
    f"{OUTBOX}.dismiss": (),
    f"{ACCOUNT}.open": (),
    f"{ACCOUNT}.rename": ("form",),
    f"{ACCOUNT}.choose_picture": ("form",),
    f"{ACCOUNT}.no_picture": (),
    f"{ACCOUNT}.change_password": ("form",),
    f"{ACCOUNT}.sign_out_elsewhere": (),
    **ADMIN_HANDLERS,
}
