"""There is always an admin who can sign in."""

import asyncio

import pytest

from supportbot.database import Database
from supportbot.errors import Refused
from supportbot.models import Staff, StaffRole
from supportbot.staff import accounts, invitations, people
from supportbot.staff.sign_in import staff_from_cookie
from tests.people import alex, sam, signed_in

pytestmark = pytest.mark.anyio


async def test_the_only_admin_stays_one(database: Database) -> None:
    admin = await sam(database)
    await alex(database)
    # Whoever was invited and has not accepted lets nobody in.
    await invitations.invite(database, admin, "noor@acme.example", "Noor", StaffRole.ADMIN)

    with pytest.raises(Refused, match="only admin"):
        await people.set_role(database, admin, admin.id, StaffRole.AGENT)
    with pytest.raises(Refused, match="only admin"):
        await people.close_account(database, admin, admin.id)
    with pytest.raises(Refused, match="only admin"):
        await accounts.disable(database, admin.email)


async def test_an_admin_who_is_not_the_only_one_may_go(database: Database) -> None:
    admin, agent = await sam(database), await alex(database)
    await people.set_role(database, admin, agent.id, StaffRole.ADMIN)

    await people.set_role(database, admin, admin.id, StaffRole.AGENT)

    roles = {one.email: one.role for one in await accounts.everyone(database)}
    assert roles == {admin.email: StaffRole.AGENT, agent.email: StaffRole.ADMIN}


async def test_two_admins_cannot_lose_each_other_at_once(database: Database) -> None:
    one, other = await sam(database), await alex(database)
    await people.set_role(database, one, other.id, StaffRole.ADMIN)
    other.role = StaffRole.ADMIN

    await asyncio.gather(
        people.set_role(database, one, other.id, StaffRole.AGENT),
        people.set_role(database, other, one.id, StaffRole.AGENT),
        return_exceptions=True,
    )

    assert [staff.role for staff in await accounts.everyone(database)].count(StaffRole.ADMIN) == 1


async def test_a_closed_account_is_out_at_once_and_in_again_later(database: Database) -> None:
    admin, agent = await sam(database), await alex(database)
    cookie = await signed_in(database, agent)

    await people.close_account(database, admin, agent.id)
    assert await staff_from_cookie(database, cookie, secure=False) is None

    await people.open_account(database, admin, agent.id)
    assert await staff_from_cookie(database, await signed_in(database, agent), secure=False) is not None


async def test_an_agent_changes_nobody(database: Database) -> None:
    agent = await alex(database)

    for verb in (people.close_account, people.open_account):
        with pytest.raises(Refused, match="Only admins"):
            await verb(database, agent, agent.id)
    with pytest.raises(Refused, match="Only admins"):
        await people.set_role(database, agent, agent.id, StaffRole.ADMIN)
    assert (await _of(database, agent)).role == StaffRole.AGENT


async def _of(database: Database, staff: Staff) -> Staff:
    return next(one for one in await accounts.everyone(database) if one.id == staff.id)
