"""Imports that people began on a page: what was uploaded, what was read of it, and what it would change."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Index, LargeBinary
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.codes import ImportState
from supportbot.models.columns import UtcDateTime, code


class ImportRun(SQLModel, table=True):
    """An import from its upload to its end. Any worker can go on with it, and every admin can decide.

    `done` of `total` is how far its present step is. `plan` is what it would change, later what it has
    changed; `left_out` holds each file that was skipped with its reason, and `pictures` how many were left
    out of which article. `tries` counts workers that began to work on it, so that a run which ends them
    does not end all of them.
    """

    __tablename__ = "import_run"
    __table_args__ = (Index("ix_import_run_state", "state"), Index("ix_import_run_created", "created_at"))

    id: UUID = Field(default_factory=new_id, primary_key=True)
    collection: str = Field(max_length=120)
    whole: bool = False
    keep_sample: bool = False
    state: ImportState = Field(default=ImportState.READING, sa_type=code(ImportState))
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    total: int = 0
    done: int = 0
    plan: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON, nullable=True))
    left_out: list[list[str]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    pictures: dict[str, int] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    said: str = Field(default="", max_length=500)
    """Why it failed, or why it has to be looked at again."""
    tries: int = 0
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
    ended_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class ImportUpload(SQLModel, table=True):
    """A file as it was uploaded, until it is read."""

    __tablename__ = "import_upload"

    run_id: UUID = Field(foreign_key="import_run.id", ondelete="CASCADE", primary_key=True)
    place: int = Field(primary_key=True)
    name: str = Field(max_length=500)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ImportFile(SQLModel, table=True):
    """What has come of one file of an import, until the import is over."""

    __tablename__ = "import_file"

    run_id: UUID = Field(foreign_key="import_run.id", ondelete="CASCADE", primary_key=True)
    place: int = Field(primary_key=True)
    read: list[dict[str, Any]] = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
