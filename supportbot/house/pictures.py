"""Where the pictures are that owners and staff upload. Pure."""

from uuid import UUID

from supportbot.house.sections import Look

PICTURES = "/pictures/"


def picture_url(identity: UUID | None) -> str:
    """The address of a picture; "" without one."""
    return f"{PICTURES}{identity}" if identity else ""


def logo_url(look: Look) -> str:
    """The address of the owner's logo; "" for the product's own mark."""
    return picture_url(look.logo)
