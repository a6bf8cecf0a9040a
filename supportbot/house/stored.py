"""A section as JSON and back, its secrets included, and what is in effect while nobody has saved one."""

from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr
from sqlmodel.ext.asyncio.session import AsyncSession

from supportbot.database import Database
from supportbot.house.sections import Section, Sections, kind_of

_GROUND = "house"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the environment says about the settings: their first values, and what may not be set."""

    beginning: Sections = field(default_factory=Sections)
    plain_http: bool = False
    """Whether webhooks may go over plain http to another machine."""
    private_hosts: bool = False
    """Whether webhooks may go to this machine and into private networks."""


def open_house(database: Database, ground: Ground) -> None:
    """Say what the settings begin with; every session of this database knows it from now on."""
    database.info[_GROUND] = ground


def ground_of(session: AsyncSession) -> Ground:
    """What the settings begin with: our defaults, unless somebody has said otherwise."""
    ground = session.info.get(_GROUND)
    return ground if isinstance(ground, Ground) else Ground()


def content_of(section: Section) -> dict[str, Any]:
    """The section as `Setting.content` holds it. Secrets are in it: for the database and nobody else."""
    content = section.model_dump(mode="json")
    for name in secrets_of(type(section)):
        secret = getattr(section, name)
        content[name] = secret.get_secret_value() if isinstance(secret, SecretStr) else None
    return content


def section_of(name: str, content: dict[str, Any]) -> Section:
    """The section that was stored.

    Raises:
        ValidationError: if this version of the server cannot read it.
    """
    return kind_of(name).model_validate(content)


def secrets_of(kind: type[Section]) -> tuple[str, ...]:
    """The fields that are only ever written."""
    return tuple(name for name, info in kind.model_fields.items() if SecretStr in _parts(info.annotation))


def _parts(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__args__", (annotation,))
