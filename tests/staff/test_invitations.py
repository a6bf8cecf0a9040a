"""A link gives an account its password: once, for seven days, and only the newest one."""

import logging
from datetime import timedelta

import pytest
from sqlmodel import select

from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.ids import now
from supportbot.models import Channel, Outbox, Staff, StaffLink, StaffRole
from supportbot.outbox import Outlets, open_outlets
from supportbot.staff import accounts, invitations, people
from supportbot.staff.sign_in import PLAIN_COOKIE, staff_from_cookie
from tests.people import alex, sam, signed_in

pytestmark = pytest.mark.anyio

PASSWORD = "a short sentence"


def token_of(made: invitations.Made) -> str:
    return made.url.rpartition("/")[2]


async def invited(database: Database, email: str = "noor@acme.example") -> invitations.Made:
    return await invitations.invite(database, await sam(database), email, "Noor", StaffRole.AGENT)


async def test_an_invited_person_chooses_a_name_and_a_password_and_is_signed_in(database: Database) -> None:
    made = await invited(database)
    welcome = await invitations.look(database, token_of(made))
    assert welcome is not None
    assert (welcome.email, welcome.purpose) == ("noor@acme.example", "invite")

    staff, cookie = await invitations.accept(database, token_of(made), " Noor Haddad ", PASSWORD, hours=1)

    found = await staff_from_cookie(database, f"{PLAIN_COOKIE}={cookie}", secure=False)
    assert found is not None
    assert (found.id, found.name, found.role) == (staff.id, "Noor Haddad", StaffRole.AGENT)


async def test_a_link_is_good_for_one_use(database: Database) -> None:
    made = await invited(database)
    await invitations.accept(database, token_of(made), "Noor", PASSWORD, hours=1)

    assert await invitations.look(database, token_of(made)) is None
    with pytest.raises(NotFound, match="cannot be used"):
        await invitations.accept(database, token_of(made), "Eve", PASSWORD, hours=1)


async def test_a_refused_password_leaves_the_link_as_it_is(database: Database) -> None:
    made = await invited(database)

    with pytest.raises(Refused, match="10 to 200"):
        await invitations.accept(database, token_of(made), "Noor", "short", hours=1)

    assert await invitations.look(database, token_of(made)) is not None


@pytest.mark.parametrize("link", ["", "x" * 43, None, 17, {"a": 1}, "x" * 10_000])
async def test_an_unknown_link_is_answered_as_a_used_one(database: Database, link: object) -> None:
    with pytest.raises(NotFound, match="cannot be used"):
        await invitations.accept(database, link, "Eve", PASSWORD, hours=1)


async def test_a_link_ends_after_seven_days(database: Database) -> None:
    made = await invited(database)
    async with database.transaction() as session:
        (await session.exec(select(StaffLink))).one().expires_at = now() - timedelta(seconds=1)

    assert await invitations.look(database, token_of(made)) is None


async def test_only_the_newest_link_can_be_used(database: Database) -> None:
    first = await invited(database)
    async with database.reading() as session:
        admin = (await session.exec(select(Staff).where(Staff.role == StaffRole.ADMIN))).first()
        noor = (await session.exec(select(Staff).where(Staff.email == "noor@acme.example"))).one()
    assert admin is not None
    second = await invitations.invite_again(database, admin, noor.id)

    assert await invitations.look(database, token_of(first)) is None
    assert await invitations.look(database, token_of(second)) is not None


async def test_a_reset_signs_out_everywhere_and_changes_no_name(database: Database) -> None:
    admin, agent = await sam(database), await alex(database)
    old = await signed_in(database, agent)
    made = await invitations.reset(database, admin, agent.id)
    assert await staff_from_cookie(database, old, secure=False) is not None

    _, cookie = await invitations.accept(database, token_of(made), "Eve", PASSWORD, hours=1)

    assert await staff_from_cookie(database, old, secure=False) is None
    found = await staff_from_cookie(database, f"{PLAIN_COOKIE}={cookie}", secure=False)
    assert found is not None
    assert found.name == agent.name


async def test_a_closed_account_has_no_link(database: Database) -> None:
    admin, agent = await sam(database), await alex(database)
    made = await invitations.reset(database, admin, agent.id)
    await people.close_account(database, admin, agent.id)

    assert await invitations.look(database, token_of(made)) is None
    with pytest.raises(Refused, match="closed"):
        await invitations.reset(database, admin, agent.id)


async def test_an_account_that_is_opened_again_has_no_link_from_before(database: Database) -> None:
    admin, agent = await sam(database), await alex(database)
    made = await invitations.reset(database, admin, agent.id)
    await people.close_account(database, admin, agent.id)
    await people.open_account(database, admin, agent.id)

    assert await invitations.look(database, token_of(made)) is None


@pytest.mark.parametrize("ending", ["closed", "an agent"])
async def test_whoever_is_no_admin_any_more_cannot_come_back_by_a_link_they_made(
    database: Database, ending: str
) -> None:
    mallory, admin = await sam(database), await alex(database)
    await people.set_role(database, mallory, admin.id, StaffRole.ADMIN)
    admin.role = StaffRole.ADMIN
    reset = await invitations.reset(database, mallory, admin.id)
    invite = await invitations.invite(database, mallory, "eve@acme.example", "Eve", StaffRole.ADMIN)
    assert await invitations.look(database, token_of(reset)) is not None

    if ending == "closed":
        await people.close_account(database, admin, mallory.id)
    else:
        await people.set_role(database, admin, mallory.id, StaffRole.AGENT)

    for made in (reset, invite):
        with pytest.raises(NotFound, match="cannot be used"):
            await invitations.accept(database, token_of(made), "Eve", PASSWORD, hours=1)


async def test_a_password_from_the_command_line_voids_the_link(database: Database) -> None:
    admin, agent = await sam(database), await alex(database)
    made = await invitations.reset(database, admin, agent.id)
    await accounts.set_password(database, agent.email, PASSWORD)

    assert await invitations.look(database, token_of(made)) is None


async def test_nobody_is_invited_twice_once_they_are_in(database: Database) -> None:
    admin, agent = await sam(database), await alex(database)

    with pytest.raises(Refused, match="already an account"):
        await invitations.invite(database, admin, agent.email, "Alex", StaffRole.ADMIN)
    with pytest.raises(Refused, match="has a password by now"):
        await invitations.invite_again(database, admin, agent.id)


async def test_an_agent_invites_nobody(database: Database) -> None:
    agent = await alex(database)

    with pytest.raises(Refused, match="Only admins"):
        await invitations.invite(database, agent, "eve@acme.example", "Eve", StaffRole.ADMIN)
    with pytest.raises(Refused, match="Only admins"):
        await invitations.reset(database, agent, agent.id)


async def test_the_link_is_mailed_when_mail_is_set_up_and_kept_as_a_hash(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "supportbot")
    open_outlets(database, Outlets(frozenset({Channel.MAIL}), "https://help.example", "Acme"))
    made = await invited(database)

    assert made.mailed
    assert made.url.startswith("https://help.example/welcome/")
    async with database.reading() as session:
        mail = (await session.exec(select(Outbox))).one()
        link = (await session.exec(select(StaffLink))).one()
    assert (mail.recipient, mail.topic) == ("noor@acme.example", "staff.invite")
    assert made.url in str(mail.payload["body"])
    assert token_of(made) not in link.token_hash
    assert token_of(made) not in caplog.text
