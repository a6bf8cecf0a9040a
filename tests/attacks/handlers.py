"""Every event handler a socket can name. A new one must be added here, and with it to the attacks."""

from tests.servers.raw_socket import CASE, CHAT, DESK, OUTBOX, QUEUE, RETURN_LINK, STATE

NOTICE = f"{STATE}.supportbot___ui___notices____notice_state"
LOOK = f"{STATE}.supportbot___ui___look____look_state"
SIGN_IN = f"{STATE}.supportbot___ui___sign_in___state____sign_in_state"

CUSTOMER_HANDLERS: dict[str, tuple[str, ...]] = {
    f"{CHAT}.open": (),
    f"{CHAT}.open_later": (),
    f"{CHAT}.follow": (),
    f"{CHAT}.send": ("form",),
    f"{CHAT}.stop": (),
    f"{CHAT}.try_again": (),
    f"{CHAT}.rate": ("message", "value"),
    f"{CHAT}.ask_for_person": ("form",),
    f"{CHAT}.keep_place": (),
    f"{CHAT}.no_longer_needed": (),
    f"{CHAT}.load_earlier": (),
    f"{CHAT}.catch_up": (),
    f"{CHAT}.typing": (),
    f"{CHAT}.dismiss": (),
    f"{RETURN_LINK}.open": (),
    f"{RETURN_LINK}.open_later": (),
    f"{RETURN_LINK}.send_code": (),
    f"{RETURN_LINK}.enter_code": ("form",),
    f"{RETURN_LINK}.dismiss": (),
    f"{NOTICE}.clear": (),
    f"{NOTICE}.show_fault": (),
    f"{NOTICE}.show_outage": (),
    f"{SIGN_IN}.open": (),
    f"{LOOK}.open": (),
}
STAFF_HANDLERS: dict[str, tuple[str, ...]] = {
    f"{QUEUE}.open": (),
    f"{QUEUE}.follow": (),
    f"{QUEUE}.show": ("shown",),
    f"{QUEUE}.dismiss": (),
    f"{CASE}.open": (),
    f"{CASE}.follow": (),
    f"{CASE}.claim": (),
    f"{CASE}.take_over": (),
    f"{CASE}.hand_back": (),
    f"{CASE}.resolve": (),
    f"{CASE}.reply": ("form",),
    f"{CASE}.typing": (),
    f"{CASE}.load_earlier": (),
    f"{CASE}.catch_up": (),
    f"{CASE}.dismiss": (),
    f"{DESK}.open": (),
    f"{DESK}.follow": (),
    f"{DESK}.set_away": ("on",),
    f"{DESK}.set_sounds": ("on",),
    f"{OUTBOX}.open": (),
    f"{OUTBOX}.follow": (),
    f"{OUTBOX}.send_again": ("message",),
    f"{OUTBOX}.send_all_again": (),
    f"{OUTBOX}.drop": ("message",),
    f"{OUTBOX}.undo": (),
    f"{OUTBOX}.dismiss": (),
}
