"""Who is signed in, and who no longer is."""

import asyncio
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlmodel import select

from supportbot import ids
from supportbot.database import Database
from supportbot.errors import NotSignedIn, RateLimited
from supportbot.models import StaffRole, StaffSession
from supportbot.staff import accounts, passwords
from supportbot.staff.sign_in import (
    LONGEST_COOKIE_HEADER,
    PLAIN_COOKIE,
    SECURE_COOKIE,
    SignedIn,
    sign_in,
    sign_out,
    staff_from_cookie,
    token_hash_of,
)

EMAIL, PASSWORD, ADDRESS = "sam@example.com", "correct horse battery", "192.0.2.1"

pytestmark = pytest.mark.anyio


class Unlimited:
    """Lets everybody try, and notes what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    async def sign_in(self, email: str, address: str) -> None:
        self.told.append(f"try {email} {address}")

    async def signed_in(self, email: str, address: str) -> None:
        self.told.append(f"success {email} {address}")


class UsedUp(Unlimited):
    async def sign_in(self, email: str, address: str) -> None:
        raise RateLimited("Please wait 12 seconds.", retry_after=12)


@pytest.fixture
async def desk(database: Database) -> Database:
    """A database in which Sam, an admin, and Ann, an agent, have accounts."""
    await accounts.add(database, EMAIL, name="Sam", password=PASSWORD)
    await accounts.add(database, "ann@example.com", name="Ann", password=PASSWORD)
    return database


async def come_in(database: Database, email: str = EMAIL, password: str = PASSWORD) -> str:
    return await sign_in(database, Unlimited(), email, password, ADDRESS)


async def who(database: Database, header: str | None) -> SignedIn | None:
    return await staff_from_cookie(database, header, secure=False)


def cookie(token: str) -> str:
    return f"{PLAIN_COOKIE}={token}"


async def test_the_cookie_tells_who_is_at_the_desk(desk: Database) -> None:
    token = await come_in(desk, " SAM@example.com ")

    sam = await who(desk, cookie(token))

    assert sam is not None
    assert (sam.name, sam.email, sam.role, sam.is_admin) == ("Sam", EMAIL, StaffRole.ADMIN, True)


async def test_only_a_hash_of_the_token_is_stored(desk: Database) -> None:
    token = await come_in(desk)

    async with desk.reading() as session:
        (row,) = await session.exec(select(StaffSession))
    assert token not in row.token_hash
    assert len(token) == 43


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (EMAIL, "not the password"),
        (EMAIL, ""),
        ("nobody@example.com", PASSWORD),
        ("not an address", PASSWORD),
        ("sam@example.com\x00", PASSWORD),
        ("\ud800@example.com", "\ud800"),
    ],
)
async def test_all_wrong_credentials_get_the_same_words(desk: Database, email: str, password: str) -> None:
    with pytest.raises(NotSignedIn) as refusal:
        await come_in(desk, email, password)

    assert refusal.value.sentence == "The e-mail address or the password is not right."


async def test_unknown_disabled_and_mistyped_accounts_cost_the_same_work(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await accounts.disable(desk, "ann@example.com")
    checked: list[str] = []
    verify = passwords._argon2.verify

    def counting(password: bytes, stored: str) -> bool:
        checked.append(stored.rpartition("$")[0].rpartition("$")[0])
        return verify(password, stored)

    monkeypatch.setattr(passwords._argon2, "verify", counting)
    for email in (EMAIL, "ann@example.com", "nobody@example.com", "nonsense"):
        with pytest.raises(NotSignedIn):
            await come_in(desk, email, "not the password")

    assert len(checked) == 4
    assert len(set(checked)) == 1, "all with the same parameters"


async def test_a_try_over_the_limit_is_refused_even_with_the_right_password(desk: Database) -> None:
    with pytest.raises(RateLimited):
        await sign_in(desk, UsedUp(), EMAIL, PASSWORD, ADDRESS)


async def test_every_try_is_counted_and_only_a_success_is_forgiven(desk: Database) -> None:
    limits = Unlimited()
    with pytest.raises(NotSignedIn):
        await sign_in(desk, limits, EMAIL, "not the password", ADDRESS)
    await sign_in(desk, limits, EMAIL, PASSWORD, ADDRESS)

    tried, succeeded = f"try {EMAIL} {ADDRESS}", f"success {EMAIL} {ADDRESS}"
    assert limits.told == [tried, tried, succeeded]


async def test_a_session_ends_by_itself(desk: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    token = await sign_in(desk, Unlimited(), EMAIL, PASSWORD, ADDRESS, hours=12)
    later = ids.now() + timedelta(hours=11, minutes=59)
    monkeypatch.setattr("supportbot.staff.sign_in.now", lambda: later)
    assert await who(desk, cookie(token))

    too_late = later + timedelta(minutes=2)
    monkeypatch.setattr("supportbot.staff.sign_in.now", lambda: too_late)
    assert await who(desk, cookie(token)) is None


async def test_ended_sessions_are_swept_away_when_their_owner_comes_back(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await come_in(desk)
    later = ids.now() + timedelta(hours=13)
    monkeypatch.setattr("supportbot.staff.sign_in.now", lambda: later)
    await come_in(desk)

    async with desk.reading() as session:
        assert len((await session.exec(select(StaffSession))).all()) == 1


async def test_signing_out_ends_this_session_and_no_other(desk: Database) -> None:
    here, elsewhere = await come_in(desk), await come_in(desk)

    await sign_out(desk, cookie(here), secure=False)

    assert await who(desk, cookie(here)) is None
    assert await who(desk, cookie(elsewhere))


async def test_a_disabled_account_is_out_at_once(desk: Database) -> None:
    token = await come_in(desk, "ann@example.com")

    await accounts.disable(desk, "ann@example.com")

    assert await who(desk, cookie(token)) is None
    await accounts.enable(desk, "ann@example.com")
    assert await who(desk, cookie(token)) is None, "the old session stays ended"


async def test_a_new_password_ends_every_session(desk: Database) -> None:
    token = await come_in(desk)

    await accounts.set_password(desk, EMAIL, "another good password")

    assert await who(desk, cookie(token)) is None


async def test_a_password_changed_while_it_was_being_checked_opens_nothing(
    desk: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    matches = passwords.matches

    async def slowly(password: str, stored: str | None) -> bool:
        right = await matches(password, stored)
        await accounts.set_password(desk, EMAIL, "another good password")
        return right

    monkeypatch.setattr(passwords, "matches", slowly)

    with pytest.raises(NotSignedIn):
        await come_in(desk)


async def test_each_sign_in_has_a_token_of_its_own(desk: Database) -> None:
    tokens = await asyncio.gather(*(come_in(desk) for _ in range(4)))

    assert len(set(tokens)) == 4


def queries_of(database: Database) -> list[str]:
    """Every query from now on; the list grows."""
    queries: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement != "BEGIN":
            queries.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    return queries


async def test_looking_somebody_up_is_one_query(desk: Database) -> None:
    token = await come_in(desk)
    queries = queries_of(desk)

    await who(desk, cookie(token))

    assert len(queries) == 1


async def test_a_header_that_proves_nothing_costs_no_query(desk: Database) -> None:
    queries = queries_of(desk)

    for header in (None, "", "theme=dark", cookie("short"), cookie("x" * 44), cookie("é" * 43)):
        assert await who(desk, header) is None

    assert queries == []


async def test_odd_cookies_of_others_do_no_harm(desk: Database) -> None:
    token = await come_in(desk)

    for others in ("a[b]={}; ;;=; x", 'json={"a":"b, c"}', "ünï=cödé", "=", "supportbot_staff2=x"):
        assert await who(desk, f"{others}; {cookie(token)}"), others
        assert await who(desk, f"{cookie(token)};{others}"), others


async def test_the_same_cookie_twice_is_fine_and_two_different_ones_are_nobody(desk: Database) -> None:
    sam, ann = await come_in(desk), await come_in(desk, "ann@example.com")

    assert await who(desk, f"{cookie(sam)}; {cookie(sam)}")
    assert await who(desk, f"{cookie(sam)}; {cookie(ann)}") is None
    assert await who(desk, f"{cookie('planted')}; {cookie(sam)}") is None


async def test_an_endless_header_is_not_read(desk: Database) -> None:
    token = await come_in(desk)

    assert await who(desk, cookie(token) + "; x=" + "y" * LONGEST_COOKIE_HEADER) is None


async def test_on_https_only_the_protected_cookie_counts(desk: Database) -> None:
    token = await come_in(desk)

    assert await staff_from_cookie(desk, f"{SECURE_COOKIE}={token}", secure=True)
    assert await staff_from_cookie(desk, f"{PLAIN_COOKIE}={token}", secure=True) is None
    assert await staff_from_cookie(desk, f"{SECURE_COOKIE}={token}", secure=False) is None


@given(header=st.text(), secure=st.booleans())
def test_no_header_raises(header: str, secure: bool) -> None:
    assert token_hash_of(header, secure) is None
