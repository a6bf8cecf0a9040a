"""Opening, closing and changing accounts at the desk."""

import pytest

from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.models import StaffRole
from supportbot.staff import accounts, passwords

GOOD = "correct horse battery"

pytestmark = pytest.mark.anyio


async def test_the_first_account_is_an_admin_and_the_next_is_not(database: Database) -> None:
    assert not await accounts.any_account(database)

    sam, _ = await accounts.add(database, "sam@example.com", password=GOOD)
    ann, _ = await accounts.add(database, "ann@example.com", password=GOOD)

    assert (sam.role, ann.role) == (StaffRole.ADMIN, StaffRole.AGENT)
    assert await accounts.count(database) == 2


async def test_an_account_without_a_password_gets_one_that_is_told_once(database: Database) -> None:
    sam, made_up = await accounts.add(database, "sam@example.com")

    assert made_up is not None
    assert await passwords.matches(made_up, sam.password_hash)
    assert made_up not in sam.password_hash


async def test_a_given_password_is_not_told_again(database: Database) -> None:
    _, made_up = await accounts.add(database, "sam@example.com", password=GOOD)

    assert made_up is None


async def test_an_address_has_one_spelling(database: Database) -> None:
    sam, _ = await accounts.add(database, "  Sam.Jones@Example.COM ", password=GOOD)

    assert (sam.email, sam.name) == ("sam.jones@example.com", "Sam Jones")
    with pytest.raises(Refused, match=r"already an account for sam\.jones@example\.com"):
        await accounts.add(database, "SAM.JONES@example.com", password=GOOD)


@pytest.mark.parametrize(
    "email",
    [
        *("", "sam", "@example.com", "sam@", "a b@example.com", "sam@\x00", "\ud800@example.com"),
        *("sam@example.com\r\nBcc: x@y", "a" * 250 + "@example.com"),
    ],
)
async def test_what_cannot_be_an_address_is_refused(database: Database, email: str) -> None:
    with pytest.raises(Refused, match="does not look like an e-mail address"):
        await accounts.add(database, email, password=GOOD)


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "Sam\x1b[2J", "Sam\nAnn"])
async def test_a_name_must_be_fit_to_be_shown(database: Database, name: str) -> None:
    with pytest.raises(Refused, match="A name needs"):
        await accounts.add(database, "sam@example.com", name=name, password=GOOD)


@pytest.mark.parametrize("length", [0, 9, 201])
async def test_a_password_has_ten_to_two_hundred_characters(database: Database, length: int) -> None:
    with pytest.raises(Refused, match=f"A password needs 10 to 200 characters; this one has {length}"):
        await accounts.add(database, "sam@example.com", password="x" * length)


async def test_a_new_password_replaces_the_old_one(database: Database) -> None:
    await accounts.add(database, "sam@example.com", password=GOOD)

    made_up = await accounts.set_password(database, "SAM@example.com")

    (sam,) = await accounts.everyone(database)
    assert await passwords.matches(made_up or "", sam.password_hash)
    assert not await passwords.matches(GOOD, sam.password_hash)


async def test_the_only_admin_cannot_be_shut_out(database: Database) -> None:
    await accounts.add(database, "sam@example.com", password=GOOD)

    with pytest.raises(Refused, match="only admin"):
        await accounts.disable(database, "sam@example.com")

    await accounts.add(database, "ann@example.com", role=StaffRole.ADMIN, password=GOOD)
    await accounts.disable(database, "sam@example.com")
    with pytest.raises(Refused, match="only admin"):
        await accounts.disable(database, "ann@example.com")


async def test_a_disabled_account_can_be_opened_again(database: Database) -> None:
    await accounts.add(database, "sam@example.com", password=GOOD)
    await accounts.add(database, "ann@example.com", password=GOOD)

    ann = await accounts.disable(database, "ann@example.com")
    assert ann.disabled_at is not None
    ann = await accounts.enable(database, "ann@example.com")
    assert ann.disabled_at is None


async def test_an_unknown_account_is_not_found(database: Database) -> None:
    for change in (accounts.disable, accounts.enable, accounts.set_password):
        with pytest.raises(NotFound, match="no account"):
            await change(database, "nobody@example.com")


async def test_a_password_typed_on_another_keyboard_is_the_same() -> None:
    stored = await passwords.hashed("gru\u0308\u00dfe aus ko\u0308ln")

    assert await passwords.matches("gr\u00fc\u00dfe aus k\u00f6ln", stored)


async def test_a_password_of_nonsense_matches_nothing_and_raises_nothing() -> None:
    stored = await passwords.hashed(GOOD)

    for nonsense in ("", "\ud800", "\x00", "x" * 10_000):
        assert not await passwords.matches(nonsense, stored)


async def test_made_up_passwords_differ_and_are_good_enough() -> None:
    made_up = {passwords.one_time() for _ in range(100)}

    assert len(made_up) == 100
    assert {len(password) for password in made_up} == {19}
