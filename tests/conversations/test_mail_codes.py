"""Codes and masked addresses, as far as they are pure."""

from typing import Any

import pytest

from supportbot.conversations.mail_codes import digits, hashed, masked, matches, new_code
from supportbot.ids import new_id

TOKEN, LINK = "t" * 43, new_id()


def test_a_code_has_six_digits_and_is_another_each_time() -> None:
    codes = [new_code() for _ in range(50)]

    assert all(len(code) == 6 and code.isdecimal() for code in codes)
    assert len(set(codes)) > 40


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        (" 123 456 ", "123456"),
        ("123-456", "123456"),
        ("\u0661\u0662\u0663\u0664\u0665\u0666", "123456"),
        ("\uff11\uff12\uff13456", "123456"),
        ("My code is 123456.", "123456"),
        ("", ""),
        ("none", ""),
        ("\u00b2\u2460", ""),
        ("\ud800123456", "123456"),
        (None, ""),
        (123456, ""),
        ({"code": "123456"}, ""),
        (["123456"], ""),
    ],
)
def test_the_digits_are_read_however_they_are_typed(typed: Any, read: str) -> None:
    assert digits(typed) == read


def test_nobody_sends_us_more_than_a_code() -> None:
    assert len(digits("1" * 1_000_000)) == 40


def test_a_code_is_right_for_its_link_and_its_token_only() -> None:
    stored = hashed("123456", TOKEN, LINK)

    assert matches("123456", TOKEN, LINK, stored)
    assert not matches("123457", TOKEN, LINK, stored)
    assert not matches("123456", "u" * 43, LINK, stored)
    assert not matches("123456", TOKEN, new_id(), stored)
    assert not matches("", TOKEN, LINK, "")
    assert not matches("123456", "\ud800", LINK, stored)
    assert "123456" not in stored


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("alice@example.com", "a•••@e•••.com"),
        ("a@b.co", "a•••@b•••.co"),
        ("alice.the.first@mail.acme.co.uk", "a•••@m•••.uk"),
        ("ägidius@bücher.example", "ä•••@b•••.example"),
    ],
)
def test_a_masked_address_tells_its_owner_which_it_is_and_nobody_what(email: str, shown: str) -> None:
    assert masked(email) == shown
