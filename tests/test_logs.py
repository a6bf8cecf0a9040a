"""What the log makes of an outage, and of a fault of ours."""

import logging

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from supportbot.logs import OneLine, is_outage, log_trouble

LOG = logging.getLogger("tests.logs")


@pytest.mark.parametrize(
    "error",
    [
        OperationalError("SELECT 1", {}, Exception("database is locked")),
        DBAPIError("SELECT 1", {}, Exception("the database system is shutting down")),
        NoConnectionFree(),
        ConnectionRefusedError(),
        TimeoutError(),
        OSError("Multiple exceptions"),
    ],
)
def test_an_outage_is_one_line(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    log_trouble(LOG, "a page could not be loaded", error)

    assert is_outage(error)
    (line,) = caplog.records
    assert (line.levelno, line.exc_info) == (logging.WARNING, None)
    assert line.getMessage().startswith("a page could not be loaded: the database is away")


@pytest.mark.parametrize(
    "error",
    [
        IntegrityError("INSERT", {}, Exception("duplicate key")),
        ProgrammingError("SELEC", {}, Exception("syntax error")),
        OperationalError("SELECT", {}, Exception("no such table: summary")),
        ValueError("a fault of ours"),
        KeyError("id"),
    ],
)
def test_a_fault_of_ours_is_written_down_whole(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    log_trouble(LOG, "a page could not be loaded", error)

    assert not is_outage(error)
    (line,) = caplog.records
    assert line.levelno == logging.ERROR
    assert line.exc_info
    assert line.exc_info[1] is error


@pytest.mark.parametrize(
    "line",
    [
        "{'mail_password': 'open sesame', 'mail_user': 'support'}",
        "{'webhook_secret': 'open sesame'}",
        "signed with whsec_opensesameopensesame+/=",
        "sk-ant-opensesame",
    ],
)
def test_what_was_typed_as_a_secret_is_hidden(line: str) -> None:
    record = logging.LogRecord("supportbot", logging.ERROR, "", 0, "an event: %s", (line,), None)

    shown = OneLine("%(message)s").format(record)

    assert "[hidden]" in shown
    assert "sesame" not in shown
