"""What a page leaves behind when it goes: nothing."""

from types import SimpleNamespace

import pytest
import reflex as rx
from reflex.istate.manager.memory import StateManagerMemory
from reflex.istate.manager.token import BaseStateToken

from supportbot.ui import pages

pytestmark = pytest.mark.anyio


async def test_the_state_of_a_page_ends_with_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    manager = StateManagerMemory()
    context = SimpleNamespace(app=SimpleNamespace(state_manager=manager))
    monkeypatch.setattr(pages, "RegistrationContext", SimpleNamespace(get=lambda: context))
    for name in ("gone", "here"):
        await manager.get_state(BaseStateToken(ident=name, cls=rx.State))

    await pages.forget("gone")
    await pages.forget("never there")

    assert list(manager.states) == ["here"]
    await manager.close()
