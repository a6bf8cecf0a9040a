"""Every word a page shows, by key, in the visitor's language (English for now).

One state var holds the catalogue and is sent once a page; components ask for `t("key")`, which fails
at compile time when the key is unknown. A gap in braces is filled in the browser: `t("key", place=var)`.
The gaps for the company's and the assistant's name fill themselves, with what is in effect (`look.py`).
"""

import reflex as rx

from supportbot.ui.look import LookState
from supportbot.ui.text_articles import ARTICLES
from supportbot.ui.text_desk import DESK
from supportbot.ui.text_gaps import GAPS
from supportbot.ui.text_import import IMPORT
from supportbot.ui.text_settings import SETTINGS

_company, _assistant = "{company}", "{assistant}"
_OURS = {"company": LookState.company, "assistant": LookState.assistant}

CHAT: dict[str, str] = {
    "chat.company": _company,
    "chat.support": "support",
    "chat.home": f"{_company} support, start page",
    "chat.skip": "Skip to the message field",
    "chat.log": "Conversation",
    "chat.heading": f"Your conversation with {_company} support",
    "chat.title": f"{_company} support",
    "chat.title.unknown": "Support",
    # the start
    "chat.who": f"{_assistant} is an AI assistant and answers at once, from our help articles. "
    "You can ask for a person at any time.",
    "chat.suggestions": "Often asked",
    "chat.about": "Your question will be about:",
    "chat.about.other": "Ask about something else",
    "chat.about.placeholder": "Ask about this article",
    "chat.searched": "You searched for",
    "chat.help": "All help articles",
    # past conversations
    "chat.past": "Your conversations",
    "chat.past.none": "Conversations from this browser will be listed here.",
    "chat.past.continue": "Continue",
    "chat.past.untitled": "A conversation",
    "chat.past.escalated": "With our team",
    "chat.past.resolved": "Closed",
    "chat.new": "New conversation",
    # a conversation
    "chat.loading": "Loading your conversation…",
    "chat.earlier": "Show earlier messages",
    "chat.newest": "Newest",
    "chat.thinking": "Looking in our articles…",
    "chat.thinking.late": "Still working on your answer. It takes a little longer than usual…",
    "chat.reading": "Reading your new message…",
    "chat.stop": "Stop",
    "chat.stop.label": "Stop this answer",
    "chat.try_again": "Try again",
    "chat.typing": "{name} is writing…",
    "chat.hint.assistant": f"{_assistant} is an AI and can be wrong.",
    "chat.hint.waiting": "A person will answer here.",
    "chat.hint.staff": "You are writing with {name}.",
    "chat.hint.closed": "Write here to open this conversation again.",
    "chat.placeholder": "Write a message",
    # asking for a person
    "chat.person": "Talk to a person",
    "chat.person.title": "Talk to a person",
    "chat.person.intro": "Our team gets this conversation as it is, so you need not explain it twice, and "
    "answers here. Both fields may stay empty.",
    "chat.person.intro_waiting": "Our team has this conversation already. If you like, say who you are.",
    "chat.person.name": "Your name",
    "chat.person.email": "Your e-mail address",
    "chat.person.optional": "optional",
    "chat.person.ask": "Ask for a person",
    "chat.person.pass_on": "Pass it on",
    "chat.person.cancel": "Not now",
    # waiting
    "chat.waiting.next": "You are next",
    "chat.waiting.place": "You are number {place} in the queue",
    "chat.waiting.title": "A person has been asked for",
    "chat.waiting.body": "You can close this page and come back to it in this browser.",
    "chat.waiting.keep": f"Keep my place and ask {_assistant} meanwhile",
    "chat.waiting.cancel": "I no longer need a person",
    "chat.meanwhile.body": f"Until a person is free, {_assistant}, our AI assistant, answers you.",
    # how long it takes, and whether anybody is there
    "chat.expected.minute": "Usually it takes no more than a minute.",
    "chat.expected.within_minutes": "Usually it takes no more than {high} minutes.",
    "chat.expected.minutes": "Usually it takes {low} to {high} minutes.",
    "chat.expected.within_hours": "Usually it takes no more than {high} hours.",
    "chat.expected.hours": "Usually it takes {low} to {high} hours.",
    "chat.expected.day": "It can take more than a day.",
    "chat.expected.longer": "It takes longer than usual this time. You have not been forgotten.",
    "chat.away.today": "Our team is back today at {time}",
    "chat.away.tomorrow": "Our team is back tomorrow at {time}",
    "chat.away.later": "Our team is back on {day} at {time}",
    "chat.away.closed": "Our team is not here at the moment",
    "chat.away.nobody": "Nobody from our team is at the desk right now",
    "chat.away.next": "Your place is kept: you are next.",
    "chat.away.place": "Your place is kept: you are number {place} in the queue.",
    # what was passed on
    "chat.brief": "What our team reads first",
    "chat.brief.yours": "What our team reads first, in your words",
    "chat.brief.none": "You have not said yet what it is about.",
    "chat.brief.say": "Say what it is about",
    "chat.brief.correct": "Correct this",
    "chat.brief.field": "What our team should know",
    "chat.brief.send": "Pass it on",
    "chat.brief.sent": "Our team reads your words now.",
    # where to write to
    "chat.address": "Your e-mail address",
    "chat.address.in_case": "Leave your address in case you have to go",
    "chat.address.why": "We will write to you when somebody has answered.",
    "chat.address.why_by_hand": "Our team can then write to you when you have left.",
    "chat.address.save": "Save",
    "chat.address.kept": "We will write to {email} when somebody has answered.",
    "chat.address.kept_by_hand": "Our team can reach you at {email}.",
    "chat.address.change": "Use another address",
    # talking, done
    "chat.staff.title": "{name} is here",
    "chat.staff.body": f"You are talking with a person from {_company} now. {_assistant} stays out of it.",
    "chat.closed.title": "This conversation is closed",
    "chat.closed.body": "If something is left, just write here and it opens again.",
    # lost
    "chat.missing.title": "We could not find this conversation",
    "chat.missing.body": "It may have been started in another browser, or the address is not complete. "
    "Conversations stay in the browser they were started in.",
    "chat.missing.start": "Start a new conversation",
    "chat.loading.late": "This takes longer than usual. We keep trying.",
    "chat.live_lost": "New messages are not coming through at the moment. We are trying again.",
}

RETURN: dict[str, str] = {
    "return.loading": "Opening your conversation…",
    "return.title": "Open your conversation",
    "return.why": "This browser does not know your conversation yet. We can send a code to {address}, the "
    "address this link was mailed to, so that nobody else can read it.",
    "return.send": "Send me a code",
    "return.sent": "We have sent a code to {address}. It can be used for ten minutes, and may take a "
    "moment to arrive.",
    "return.code": "Code from the mail",
    "return.enter": "Open the conversation",
    "return.send_again": "Send another code",
    "return.not_you": "You do not know what this is about? Then somebody has given your address to "
    f"{_company} support, by mistake perhaps. You can simply close this page.",
    "return.over.title": "This link no longer works",
    "return.over.body": "A link from our mails opens a conversation once, within seven days. In the browser "
    "you wrote from, your conversation is still there.",
    "return.over.start": "Write to us",
}

MESSAGE: dict[str, str] = {
    "message.you": "You",
    "message.assistant": _assistant,
    "message.ai": "AI",
    "message.team": _company,
    "message.today": "Today",
    "message.yesterday": "Yesterday",
    "message.sources": "From our articles",
    "message.found": "Articles we found for this question",
    "message.copy": "Copy this answer",
    "message.copied": "Copied",
    "message.good": "This answer helped",
    "message.bad": "This answer did not help",
    "message.field": "Message",
    "message.send": "Send",
    "message.sending": "Sending…",
    "message.sending_late": "This takes longer than usual. Your message is kept here.",
    "message.left": "{count} characters left",
    "message.over": "{count} characters too many",
}

COMPLAINT: dict[str, str] = {
    "complaint.title": "What was wrong? You need not say.",
    "complaint.not_my_question": "Not what I asked",
    "complaint.incorrect": "Not correct",
    "complaint.incomplete": "Something is missing",
    "complaint.unclear": "Hard to understand",
    "complaint.other": "Something else",
    "complaint.comment": "In your own words, if you like",
    "complaint.send": "Send",
    "complaint.not_now": "No, thanks",
    "complaint.thanks": "Thank you. Our team reads this.",
}

SHARED: dict[str, str] = {
    "shared.close": "Close",
    "shared.dismiss": "Dismiss",
    "shared.offline": "Connection lost. What you write is kept; we are trying again.",
    "shared.online": "Connected again.",
    "shared.broken.title": "This page could not be shown",
    "shared.broken.body": "Something went wrong on our side. What you wrote is kept.",
    "shared.broken.reload": "Load it again",
}

CUSTOMERS: dict[str, str] = {**CHAT, **RETURN, **MESSAGE, **COMPLAINT, **SHARED}
"""What customers' pages show, and what all pages do."""
ENGLISH: dict[str, str] = {**CUSTOMERS, **DESK, **SETTINGS, **ARTICLES, **GAPS, **IMPORT}


class Text(rx.State):
    """The catalogue of the visitor's language.

    Without the words of the staff pages, which are twice as many: every page would carry them, because a
    page is sent the vars of all states. They are built into the pages that show them.
    """

    words: dict[str, str] = CUSTOMERS


def t(key: str, **gaps: rx.Var[str] | str) -> rx.Var[str]:
    """The words for a key, with what belongs into their gaps.

    Raises:
        KeyError: while compiling, if nobody has written them.
    """
    if key not in ENGLISH:
        raise KeyError(key)
    words = Text.words[key] if key in CUSTOMERS else rx.Var.create(ENGLISH[key]).to(str)
    ours = {name: value for name, value in _OURS.items() if "{" + name + "}" in ENGLISH[key]}
    for name, value in {**ours, **gaps}.items():
        # Not `replace`: it would read a dollar sign in a name as a pattern of its own.
        words = words.split("{" + name + "}").join(value)
    return words


def page_title() -> rx.Var[str]:
    """What stands above a customer's page in the browser; no company's name until it is known."""
    known = rx.cond(LookState.title != "", LookState.title, t("chat.title"))
    return rx.cond(LookState.company != "", known, t("chat.title.unknown")).to(str)
