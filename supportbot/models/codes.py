"""The words that columns hold: who, what, why and how it ended."""

from enum import StrEnum


class Status(StrEnum):
    """Who a conversation belongs to, in one word; see "Who owns a conversation" in docs/architecture.md."""

    ACTIVE = "active"
    ESCALATED = "escalated"
    RESOLVED = "resolved"


class Role(StrEnum):
    """Who says a message."""

    USER = "user"
    ASSISTANT = "assistant"
    STAFF = "staff"
    SYSTEM = "system"


class Kind(StrEnum):
    """What a message is: words, a note customers never receive, or something that happened."""

    TEXT = "text"
    NOTE = "note"
    EVENT = "event"


class MessageState(StrEnum):
    """How far an assistant's message got. Everybody else's messages are complete from the start."""

    STREAMING = "streaming"
    COMPLETE = "complete"
    STOPPED = "stopped"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Reason(StrEnum):
    """Why a conversation went to people."""

    ASKED_FOR_PERSON = "asked_for_person"
    FRUSTRATED = "frustrated"
    LEGAL_THREAT = "legal_threat"
    SECURITY_CONCERN = "security_concern"
    REFUND_OR_ACCOUNT_CHANGE = "refund_or_account_change"
    MISSING_KNOWLEDGE = "missing_knowledge"
    CANNOT_RESOLVE = "cannot_resolve"
    POLICY = "policy"
    ABUSE = "abuse"
    FAULT = "fault"
    TURN_LIMIT = "turn_limit"
    BUDGET = "budget"
    TAKEN_OVER = "taken_over"


class Trigger(StrEnum):
    """Who or what moved a conversation to people."""

    MODEL = "model"
    CUSTOMER = "customer"
    POLICY = "policy"
    FAULT = "fault"
    STAFF = "staff"


class ClosedAs(StrEnum):
    """How a handoff ended."""

    RESOLVED = "resolved"
    HANDED_BACK = "handed_back"
    CANCELLED = "cancelled"


class ArticleState(StrEnum):
    """Who reads an article: nobody yet, everybody, or nobody any more."""

    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"


class Origin(StrEnum):
    """How a version of an article came about."""

    IMPORTED = "imported"
    WRITTEN = "written"
    RESTORED = "restored"
    DRAFTED = "drafted"


class ImportState(StrEnum):
    """How far an import is: its files are read, somebody has to decide, it is carried out, it is over."""

    READING = "reading"
    PLANNED = "planned"
    IMPORTING = "importing"
    DONE = "done"
    FAILED = "failed"
    DISCARDED = "discarded"


class Complaint(StrEnum):
    """What a customer found wrong with an answer, next to a thumb down."""

    NOT_MY_QUESTION = "not_my_question"
    INCORRECT = "incorrect"
    INCOMPLETE = "incomplete"
    UNCLEAR = "unclear"
    OTHER = "other"


class Channel(StrEnum):
    """How something leaves the house."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class StaffRole(StrEnum):
    """What a member of staff may do: admins also change settings and people."""

    AGENT = "agent"
    ADMIN = "admin"
