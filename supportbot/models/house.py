"""What owners can change without a deployment."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.columns import UtcDateTime


class Setting(SQLModel, table=True):
    """One version of one section of the settings: all its values, who saved them and when.

    The highest version of a section is in effect; without one, what the server started with is.
    """

    __table_args__ = (UniqueConstraint("section", "version"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    section: str = Field(max_length=40)
    version: int
    content: dict[str, Any] = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    staff_id: UUID | None = Field(default=None, foreign_key="staff.id")
    restored_from: int | None = None
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class Picture(SQLModel, table=True):
    """A logo or a portrait, small enough to be kept with everything else."""

    id: UUID = Field(default_factory=new_id, primary_key=True)
    media_type: str = Field(max_length=40)
    content: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
