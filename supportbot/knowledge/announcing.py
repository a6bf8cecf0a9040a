"""What an import is going to do, as people are told before it does, and afterwards what it did. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from supportbot.knowledge.plans import Known, Plan, Written


class Mark(StrEnum):
    """What one should know about an article before it is imported or retired."""

    NONE = ""
    EDITED = "edited"
    """Somebody has edited it here since the last import. The edited version stays in its history."""
    AGAIN = "again"
    """It was retired, and is published again."""


@dataclass(frozen=True, slots=True)
class Line:
    """An article and what is to know about it."""

    path: str
    title: str
    mark: Mark = Mark.NONE


@dataclass(frozen=True, slots=True)
class Announcement:
    """What changes, article by article. `sample` counts the shipped sample articles that are retired."""

    added: tuple[Line, ...] = ()
    updated: tuple[Line, ...] = ()
    retired: tuple[Line, ...] = ()
    unchanged: int = 0
    sample: int = 0

    @classmethod
    def of(cls, plan: Plan) -> "Announcement":
        """What a plan does."""
        return cls(
            added=_lines(plan.added),
            updated=_lines(plan.updated),
            retired=tuple(Line(row.path, row.title, _edited(row)) for row in plan.retired),
            unchanged=plan.unchanged,
            sample=len(plan.sample),
        )

    @classmethod
    def unpacked(cls, kept: dict[str, Any]) -> "Announcement":
        """The way back from `packed`."""
        lists = {
            name: tuple(Line(one["path"], one["title"], Mark(one["mark"])) for one in kept[name])
            for name in ("added", "updated", "retired")
        }
        return cls(**lists, unchanged=kept["unchanged"], sample=kept["sample"])

    def packed(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return asdict(self)

    @property
    def edited(self) -> int:
        """How many articles that were edited here it replaces or retires."""
        return sum(line.mark == Mark.EDITED for line in (*self.updated, *self.retired))

    @property
    def changes_nothing(self) -> bool:
        """Whether everything is as it should be already."""
        return not (self.added or self.updated or self.retired or self.sample)

    @property
    def takes_away(self) -> bool:
        """Whether readers lose something, or somebody's edits are replaced."""
        return bool(self.retired or self.edited)


def _lines(written: Iterable[Written]) -> tuple[Line, ...]:
    return tuple(Line(one.article.path, one.article.title, _mark(one.replaces)) for one in written)


def _mark(row: Known | None) -> Mark:
    if row is None:
        return Mark.NONE
    return Mark.AGAIN if row.retired else _edited(row)


def _edited(row: Known) -> Mark:
    return Mark.EDITED if row.edited else Mark.NONE
