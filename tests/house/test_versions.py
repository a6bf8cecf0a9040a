"""Settings are saved as versions: nobody overwrites anybody, nothing is lost, and no secret is shown."""

import asyncio
from datetime import time
from typing import Any

import pytest
from sqlmodel import select

from supportbot.conversations.events import DESK, SettingsChanged
from supportbot.conversations.live import MemoryLive
from supportbot.database import Database
from supportbot.errors import NotFound, Refused
from supportbot.house import versions
from supportbot.house.sections import Company, Hours, Look, Opening, Sections, Sending
from supportbot.house.stored import Ground, open_house
from supportbot.house.versions import SavedMeanwhile, Version
from supportbot.house.words import Change
from supportbot.ids import new_id
from supportbot.models import Picture, Setting, Staff
from tests.people import alex, sam

pytestmark = pytest.mark.anyio

PASSWORD, SECRET = "open sesame", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
MAIL = {
    "mail_host": "mail.acme.example",
    "mail_user": "support",
    "mail_password": PASSWORD,
    "mail_from": "Acme <support@acme.example>",
}
HOOKS = {"webhook_url": "https://hooks.acme.example/support", "webhook_secret": SECRET}


async def save(
    database: Database, section: str, content: dict[str, Any], staff: Staff | None, *, over: int
) -> int:
    return await versions.save(database, MemoryLive(), section, content, staff, over=over)


async def in_effect(database: Database, section: str) -> Any:
    return (await versions.newest(database, section)).section


async def test_a_save_is_a_version_that_says_who_and_when(database: Database) -> None:
    admin = await sam(database)

    first = await save(database, "company", {"name": "Birch"}, admin, over=0)
    second = await save(database, "company", {"tone": "formal"}, None, over=1)

    history = await versions.history(database, "company")
    assert (first, second) == (1, 2)
    assert [(one.version, one.by, one.at is None) for one in history] == [
        (2, "The command line", False),
        (1, "Sam", False),
        (0, "", True),
    ]
    # What the second save did not mention is as the first one left it.
    assert await in_effect(database, "company") == Company(name="Birch", tone="formal")


async def test_a_save_is_announced_once_it_is_stored(database: Database) -> None:
    live = MemoryLive()
    before = await live.position(DESK)

    await versions.save(database, live, "limits", {"messages_per_minute": "5"}, None, over=0)

    async for batch in live.follow(DESK, before):
        assert isinstance(batch, list)
        assert [entry.event for entry in batch] == [SettingsChanged("limits", 1)]
        break


async def test_whoever_saves_second_hears_who_was_first_and_nothing_is_lost(database: Database) -> None:
    admin = await sam(database)
    await save(database, "company", {"name": "Birch"}, admin, over=0)

    with pytest.raises(SavedMeanwhile, match=r"^Sam has saved these settings meanwhile, on \d") as refusal:
        await save(database, "company", {"name": "Cedar"}, None, over=0)

    assert refusal.value.version == 1
    assert await in_effect(database, "company") == Company(name="Birch")
    await save(database, "company", {"name": "Cedar"}, None, over=refusal.value.version)
    assert await in_effect(database, "company") == Company(name="Cedar")


async def test_of_many_who_save_at_once_one_succeeds_and_all_others_hear_of_it(database: Database) -> None:
    ended = await asyncio.gather(
        *(save(database, "company", {"name": f"Company {n}"}, None, over=0) for n in range(6)),
        return_exceptions=True,
    )

    assert sorted(type(end).__name__ for end in ended) == ["SavedMeanwhile"] * 5 + ["int"]
    assert len(await versions.history(database, "company")) == 2


async def test_saving_what_is_in_effect_makes_no_version(database: Database) -> None:
    assert await save(database, "company", {"name": " Acme "}, None, over=0) == 0
    assert len(await versions.history(database, "company")) == 1


async def test_a_restored_version_is_a_new_one_that_says_what_it_was(database: Database) -> None:
    admin = await sam(database)
    await save(database, "look", {"greeting": "Hello"}, None, over=0)
    await save(database, "look", {"greeting": "Good day"}, None, over=1)

    assert await versions.restore(database, MemoryLive(), "look", 1, admin) == 3

    assert await in_effect(database, "look") == Look(greeting="Hello")
    newest = (await versions.history(database, "look"))[0]
    assert newest == Version(3, "Sam", newest.at, 1)


async def test_what_the_server_started_with_can_be_restored_too(database: Database) -> None:
    begun = Company.model_construct(name="A name longer than any page would take, " * 3)
    open_house(database, Ground(Sections(company=begun)))
    await save(database, "company", {"name": "Birch"}, None, over=0)

    await versions.restore(database, MemoryLive(), "company", 0, None)

    assert (await versions.history(database, "company"))[0].restored_from == 0


async def test_two_who_restore_at_once_both_get_a_version(database: Database) -> None:
    for over, name in enumerate(["Birch", "Cedar", "Dill"]):
        await save(database, "company", {"name": name}, None, over=over)

    await asyncio.gather(
        *(versions.restore(database, MemoryLive(), "company", wanted, None) for wanted in (1, 2))
    )

    history = await versions.history(database, "company")
    assert [one.version for one in history] == [5, 4, 3, 2, 1, 0]
    assert {history[0].restored_from, history[1].restored_from} == {1, 2}


async def test_hours_survive_the_way_through_json(database: Database) -> None:
    week = [
        {"weekday": 1, "opens": "14:00", "closes": "00:00"},
        {"weekday": 1, "opens": "09:00", "closes": "12:30"},
    ]
    holidays = [{"day": "2026-12-25", "name": "Christmas"}]

    await save(database, "hours", {"always_open": False, "week": week, "holidays": holidays}, None, over=0)

    hours = await in_effect(database, "hours")
    assert isinstance(hours, Hours)
    assert hours.week == (
        Opening(weekday=1, opens=time(9), closes=time(12, 30)),
        Opening(weekday=1, opens=time(14), closes=time(0)),
    )
    assert hours.holidays[0].name == "Christmas"


async def test_a_refusal_names_the_field_and_changes_nothing(database: Database) -> None:
    week = [{"weekday": 1, "opens": "17:00", "closes": "09:00"}]

    with pytest.raises(Refused, match=r"^The closing time must be after the opening time on Tuesday\.$"):
        await save(database, "hours", {"week": week}, None, over=0)

    assert await in_effect(database, "hours") == Hours()


async def test_agents_cannot_change_what_admins_may(database: Database) -> None:
    agent = await alex(database)

    with pytest.raises(Refused, match="Only admins"):
        await save(database, "replies", {}, agent, over=0)
    with pytest.raises(Refused, match="Only admins"):
        await versions.restore(database, MemoryLive(), "replies", 0, agent)


@pytest.mark.parametrize("section", ["", "secrets", None, 7, ["company"]])
async def test_there_are_no_other_sections(database: Database, section: Any) -> None:
    for refused in (
        versions.newest(database, section),
        versions.history(database, section),
        versions.compare(database, section, 0, 0),
        versions.restore(database, MemoryLive(), section, 0, None),
        save(database, section, {}, None, over=0),
    ):
        with pytest.raises(NotFound):
            await refused


@pytest.mark.parametrize("version", [1, -1, 2**31, 10**30, "0", True, None])
async def test_a_version_that_never_was_is_not_found(database: Database, version: Any) -> None:
    with pytest.raises(NotFound):
        await versions.compare(database, "company", 0, version)
    with pytest.raises(NotFound):
        await versions.restore(database, MemoryLive(), "company", version, None)


async def test_a_logo_must_be_there(database: Database) -> None:
    picture = Picture(media_type="image/png", content=b"x")

    with pytest.raises(Refused, match="logo"):
        await save(database, "look", {"logo": str(new_id())}, None, over=0)

    async with database.transaction() as session:
        session.add(picture)
    await save(database, "look", {"logo": str(picture.id)}, None, over=0)
    assert (await in_effect(database, "look")).logo == picture.id


async def test_versions_are_compared_field_by_field(database: Database) -> None:
    await save(database, "company", {"name": "Birch", "facts": "We sell trees."}, None, over=0)

    assert await versions.compare(database, "company", 0, 1) == [
        Change("The company's name", "Acme", "Birch"),
        Change("The facts about the company", "–", "We sell trees."),
    ]


# Secrets


async def test_an_empty_password_or_secret_keeps_the_known_one(database: Database) -> None:
    await save(database, "sending", MAIL | HOOKS, None, over=0)

    await save(
        database,
        "sending",
        {
            "mail_port": "2525",
            "mail_password": "",
            "webhook_secret": None,
            "webhook_url": "https://b.example",
        },
        None,
        over=1,
    )

    sending = await in_effect(database, "sending")
    assert isinstance(sending, Sending)
    assert sending.mail_port == 2525
    assert sending.mail_password is not None
    assert sending.mail_password.get_secret_value() == PASSWORD
    assert sending.webhook_secret is not None
    assert sending.webhook_secret.get_secret_value() == SECRET


@pytest.mark.parametrize("other", [{"mail_host": "mail.elsewhere.example"}, {"mail_user": "somebody"}])
async def test_a_known_password_is_never_sent_to_another_server(
    database: Database, other: dict[str, str]
) -> None:
    await save(database, "sending", MAIL, None, over=0)

    with pytest.raises(Refused, match="password of the mail server again"):
        await save(database, "sending", other, None, over=1)


async def test_a_password_goes_with_its_server_and_a_secret_with_its_address(database: Database) -> None:
    await save(database, "sending", MAIL | HOOKS, None, over=0)

    await save(database, "sending", {"mail_host": "", "webhook_url": ""}, None, over=1)

    sending = await in_effect(database, "sending")
    assert (sending.mail_password, sending.webhook_secret) == (None, None)


async def test_a_restored_version_has_its_secrets_again(database: Database) -> None:
    await save(database, "sending", MAIL, None, over=0)
    await save(database, "sending", {"mail_host": "", "mail_user": ""}, None, over=1)

    await versions.restore(database, MemoryLive(), "sending", 1, None)

    assert (await in_effect(database, "sending")).mail_password.get_secret_value() == PASSWORD


async def test_a_comparison_says_only_that_a_secret_has_changed(database: Database) -> None:
    other = "whsec_" + "B" * 44
    await save(database, "sending", MAIL | HOOKS, None, over=0)
    await save(database, "sending", {"mail_password": "another", "webhook_secret": other}, None, over=1)

    first = await versions.compare(database, "sending", 0, 1)
    second = await versions.compare(database, "sending", 1, 2)

    assert Change("The secret of webhooks", "–", "set") in first
    assert second == [
        Change("The password of the mail server", "set", "changed"),
        Change("The secret of webhooks", "set", "changed"),
    ]
    assert not any(word in f"{first}{second}" for word in (PASSWORD, SECRET, "another", other))


async def test_a_refusal_never_repeats_a_secret(database: Database) -> None:
    for wrong in (
        {"webhook_url": "https://b.example", "webhook_secret": "my secret"},
        MAIL | {"mail_password": "my secret" * 100},
        MAIL | {"mail_password": "my secret", "mail_user": ""},
        MAIL | {"mail_password": "my secret", "mail_host": "mail.acme.example:25/my secret"},
        MAIL | {"mail_password": "my secret", "mail_security": "my secret"},
    ):
        with pytest.raises(Refused) as refusal:
            await save(database, "sending", wrong, None, over=0)
        assert "my secret" not in str(refusal.value)
        assert refusal.value.__context__ is None or refusal.value.__suppress_context__


async def test_a_secret_is_in_its_row_and_in_no_words_about_it(database: Database) -> None:
    await save(database, "sending", MAIL | HOOKS, None, over=0)

    newest = await versions.newest(database, "sending")
    assert PASSWORD not in f"{newest!r}{newest.section}{newest.section.model_dump_json()}"
    assert SECRET not in f"{newest!r}{newest.section}{newest.section.model_dump_json()}"
    async with database.reading() as session:
        (row,) = await session.exec(select(Setting))
    assert row.content["mail_password"] == PASSWORD
