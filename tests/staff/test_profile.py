"""What people change of their own account."""

import pytest

from supportbot.database import Database
from supportbot.errors import NotFound, NotSignedIn, Refused
from supportbot.house.sections import Limits
from supportbot.ids import new_id
from supportbot.models import Staff
from supportbot.staff import accounts, invitations, profile
from supportbot.staff.sign_in import PLAIN_COOKIE, sign_in, staff_from_cookie
from supportbot.usage.rate_limits import RateLimits

pytestmark = pytest.mark.anyio

OLD, NEW = "the old sentence", "a new sentence"


async def with_password(database: Database) -> tuple[Staff, RateLimits, str, str]:
    """Somebody who is signed in here and elsewhere."""
    staff, _ = await accounts.add(database, "sam@acme.example", name="Sam", password=OLD)
    limits = RateLimits(Limits)
    here, there = [
        f"{PLAIN_COOKIE}={await sign_in(database, limits, staff.email, OLD, '192.0.2.1')}" for _ in range(2)
    ]
    return staff, limits, here, there


async def change(database: Database, staff: Staff, limits: RateLimits, present: str, cookie: str) -> None:
    await profile.change_password(
        database, limits, staff, present, NEW, cookie=cookie, secure=False, address="192.0.2.1"
    )


async def test_another_password_voids_a_link_that_was_made_before(database: Database) -> None:
    staff, limits, here, _ = await with_password(database)
    made = await invitations.reset(database, staff, staff.id)

    await change(database, staff, limits, OLD, here)

    assert await invitations.look(database, made.url.rpartition("/")[2]) is None


async def test_another_password_signs_out_every_other_browser(database: Database) -> None:
    staff, limits, here, there = await with_password(database)
    assert await profile.sessions_elsewhere(database, staff.id, here, secure=False) == 1

    await change(database, staff, limits, OLD, here)

    assert await staff_from_cookie(database, here, secure=False) is not None
    assert await staff_from_cookie(database, there, secure=False) is None
    with pytest.raises(NotSignedIn):
        await sign_in(database, limits, staff.email, OLD, "192.0.2.1")
    await sign_in(database, limits, staff.email, NEW, "192.0.2.1")


async def test_it_needs_the_present_one(database: Database) -> None:
    staff, limits, here, there = await with_password(database)

    with pytest.raises(Refused, match="present password"):
        await change(database, staff, limits, "a guess of mine", here)

    assert await staff_from_cookie(database, there, secure=False) is not None


async def test_a_name_is_kept_as_it_is_meant(database: Database) -> None:
    staff, *_ = await with_password(database)

    assert await profile.rename(database, staff.id, "  Sam Okafor ") == "Sam Okafor"
    for nonsense in ("", "   ", "x" * 121, "a\nb"):
        with pytest.raises(Refused, match="ordinary characters"):
            await profile.rename(database, staff.id, nonsense)


async def test_a_picture_must_be_there(database: Database) -> None:
    staff, *_ = await with_password(database)

    with pytest.raises(NotFound, match="picture"):
        await profile.set_picture(database, staff.id, new_id())
    await profile.set_picture(database, staff.id, None)
