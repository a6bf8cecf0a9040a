"""Logging: one line an event, nothing forged, nothing secret."""

import logging
import re

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, NotSupportedError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f]")
_SECRET = re.compile(
    r"sk-ant-[\w-]+|whsec_[\w+/=]+|(?i:(?<=password['\"]: ['\"])[^'\"]*|(?<=secret['\"]: ['\"])[^'\"]*)"
)


class OneLine(logging.Formatter):
    """Writes control characters out, so that no customer can forge a line, and hides keys."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (the library's name)
        """The line without its traceback, which may have lines of its own."""
        record.message = _CONTROL.sub(lambda match: f"\\x{ord(match[0]):02x}", record.message)
        return super().formatMessage(record)

    def format(self, record: logging.LogRecord) -> str:
        """The whole entry, with keys and passwords removed."""
        return _SECRET.sub("[hidden]", super().format(record))


OUR_FAULTS = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""What a database that is there and well says of a statement that is wrong."""
SQLITE_SAYS = ("no such ", "syntax error", "has no column")
"""The same from SQLite, which calls it operational."""


def is_outage(error: BaseException) -> bool:
    """Whether an error says no more than that the database cannot be reached or is locked just now."""
    if isinstance(error, DBAPIError):
        said = str(error.orig)
        return not isinstance(error, OUR_FAULTS) and not any(words in said for words in SQLITE_SAYS)
    return isinstance(error, NoConnectionFree | OSError)  # time-outs are OSErrors too


def log_trouble(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log an error that was expected to be possible and is lived with.

    An outage is one line: whoever runs the server hears of it from `/ready`, and a traceback for each
    page that waits would bury everything else. Anything else is written down whole.
    """
    if is_outage(error):
        log.warning("%s: the database is away (%s)", what, type(error).__name__)
    else:
        log.error(what, exc_info=error)


def set_up_logging(level: str) -> None:
    """Send our log to the process's error stream. Calling it twice changes nothing."""
    logger = logging.getLogger("supportbot")
    logger.setLevel(level)
    if not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(OneLine("%(asctime)s %(levelname)s %(name)s %(message)s"))
        logger.addHandler(handler)
    logger.propagate = False
    # The SDK's transport would log every request's address.
    logging.getLogger("httpx2").setLevel(logging.WARNING)
