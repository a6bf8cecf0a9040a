"""An import as its page shows it."""

from dataclasses import dataclass, field

from supportbot.knowledge.announcing import Announcement, Line
from supportbot.models import ImportRun, ImportState

MOST_LINES = 100
"""Lines of a list that are shown; of the others it says how many there are."""


@dataclass
class LineRow:
    """An article. `mark` says what one should know about it."""

    path: str = ""
    title: str = ""
    mark: str = ""


@dataclass
class LinesView:
    """The beginning of a list, and how many it does not show."""

    lines: list[LineRow] = field(default_factory=list)
    count: int = 0
    more: int = 0


@dataclass
class ReasonRow:
    """Files that were left out for the same reason."""

    reason: str = ""
    count: int = 0
    paths: list[str] = field(default_factory=list)
    more: int = 0


@dataclass
class PicturesRow:
    """An article that is imported without its pictures."""

    path: str = ""
    count: int = 0


@dataclass
class RunView:
    """The import that is shown; none if it has no id."""

    id: str = ""
    collection: str = ""
    state: str = ""
    whole: bool = False
    keep_sample: bool = False
    done: int = 0
    total: int = 0
    said: str = ""
    added: LinesView = field(default_factory=LinesView)
    updated: LinesView = field(default_factory=LinesView)
    retired: LinesView = field(default_factory=LinesView)
    unchanged: int = 0
    sample: int = 0
    edited: int = 0
    changes: bool = False
    left_out: list[ReasonRow] = field(default_factory=list)
    left_out_count: int = 0
    pictures: list[PicturesRow] = field(default_factory=list)
    pictures_more: int = 0


@dataclass
class RecentRow:
    """An earlier import, in a line."""

    id: str = ""
    collection: str = ""
    state: str = ""
    by: str = ""
    at: str = ""
    added: int = 0
    updated: int = 0
    retired: int = 0
    counted: bool = False


def run_view(run: ImportRun) -> RunView:
    """All that is shown of an import."""
    plan = Announcement.unpacked(run.plan) if run.plan else Announcement()
    # While files are read anew for another decision, the plan is of before.
    settled = run.state not in (ImportState.READING, ImportState.DISCARDED)
    reasons = reason_rows(run.left_out) if settled else []
    pictures = sorted(run.pictures.items(), key=lambda one: (-one[1], one[0])) if settled else []
    return RunView(
        id=str(run.id),
        collection=run.collection,
        state=run.state.value,
        whole=run.whole,
        keep_sample=run.keep_sample,
        done=run.done,
        total=run.total,
        said=run.said,
        added=_lines(plan.added),
        updated=_lines(plan.updated),
        retired=_lines(plan.retired),
        unchanged=plan.unchanged,
        sample=plan.sample,
        edited=plan.edited,
        changes=not plan.changes_nothing,
        left_out=reasons,
        left_out_count=sum(row.count for row in reasons),
        pictures=[PicturesRow(path, count) for path, count in pictures[:MOST_LINES]],
        pictures_more=max(len(pictures) - MOST_LINES, 0),
    )


def reason_rows(left_out: list[list[str]]) -> list[ReasonRow]:
    """What was left out, by reason; pictures, of which a folder has many, last."""
    by_reason: dict[str, list[str]] = {}
    for path, reason in left_out:
        by_reason.setdefault(reason, []).append(path)
    ordered = sorted(by_reason.items(), key=lambda one: len(one[1]))
    return [
        ReasonRow(reason, len(paths), paths[:MOST_LINES], max(len(paths) - MOST_LINES, 0))
        for reason, paths in ordered
    ]


def recent_row(run: ImportRun, by: str) -> RecentRow:
    """An import in a line."""
    plan = Announcement.unpacked(run.plan) if run.plan else Announcement()
    return RecentRow(
        id=str(run.id),
        collection=run.collection,
        state=run.state.value,
        by=by,
        at=run.created_at.isoformat(timespec="seconds"),
        added=len(plan.added),
        updated=len(plan.updated),
        retired=len(plan.retired),
        counted=run.state == ImportState.DONE,
    )


def _lines(lines: tuple[Line, ...]) -> LinesView:
    # What one should know about comes first, else it might not be among those that are shown.
    ordered = sorted(lines, key=lambda one: (not one.mark, one.path))
    rows = [LineRow(one.path, one.title, one.mark.value) for one in ordered[:MOST_LINES]]
    return LinesView(rows, len(lines), max(len(lines) - MOST_LINES, 0))
