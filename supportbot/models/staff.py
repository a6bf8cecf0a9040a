"""The people who work at the desk."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Field, SQLModel

from supportbot.ids import new_id, now
from supportbot.models.codes import StaffRole
from supportbot.models.columns import UtcDateTime, code


class Staff(SQLModel, table=True):
    """A person who works at the desk.

    `seen_at` is the last sign of life of an open desk page; `away_at` is set by the person, who then gets
    no alerts. `password_hash` is empty until an invitation has been accepted.
    """

    id: UUID = Field(default_factory=new_id, primary_key=True)
    email: str = Field(unique=True, max_length=254)
    name: str = Field(max_length=120)
    role: StaffRole = Field(default=StaffRole.AGENT, sa_type=code(StaffRole))
    password_hash: str = Field(max_length=200)
    picture_id: UUID | None = None
    sounds: bool = True
    away_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class StaffSession(SQLModel, table=True):
    """A signed-in browser of a member of staff, known by the hash of its cookie."""

    __tablename__ = "staff_session"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    expires_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)


class StaffLink(SQLModel, table=True):
    """A link by which an account gets its first password (`invite`) or another one (`reset`): one use."""

    __tablename__ = "staff_link"

    id: UUID = Field(default_factory=new_id, primary_key=True)
    staff_id: UUID = Field(foreign_key="staff.id", index=True)
    purpose: str = Field(max_length=20)
    token_hash: str = Field(unique=True, max_length=64)
    made_by: UUID | None = Field(default=None, foreign_key="staff.id")
    expires_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    created_at: datetime = Field(default_factory=now, sa_type=UtcDateTime)
