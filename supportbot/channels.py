"""How the settings spell a mail server, a sender and a webhook's secret, and what is nonsense."""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import getaddresses
from ipaddress import ip_address
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

Security = Literal["none", "starttls", "tls"]
SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,251}[A-Za-z0-9_])?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
"""A name, an IPv4 or an IPv6 address: nothing that could begin another part of a URL."""
SECRET_PREFIX = "whsec_"  # noqa: S105
SECRET_BYTES = (24, 64)
"""As the specification of Standard Webhooks asks for."""


@dataclass(frozen=True, slots=True)
class MailServer:
    """Who takes our mail, and how we are known there."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read `smtp+starttls://USER:PASSWORD@HOST:PORT` and its like.

        Raises:
            ValueError: with a sentence that says what to write instead, and never the password.
        """
        parts = urlsplit(url)
        if parts.scheme not in SCHEMES or not parts.hostname:
            raise ValueError("use smtp://HOST:PORT, smtps://… or smtp+starttls://USER:PASSWORD@HOST:PORT")
        if parts.path.strip("/") or parts.query or parts.fragment:
            # A slash, question mark or hash in a password ends up here.
            raise ValueError("nothing may follow HOST:PORT; write / ? # in a password as %2F %3F %23")
        security, port = SCHEMES[parts.scheme]
        try:
            port = parts.port or port
        except ValueError:
            raise ValueError("the port must be a number up to 65535") from None
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(user) != bool(password):
            raise ValueError("give both USER and PASSWORD, or neither")
        if user and security == "none" and not is_this_machine(parts.hostname):
            raise ValueError("smtp:// would send the password readable: use smtp+starttls:// or smtps://")
        return cls(parts.hostname, port, security, user, password)

    @classmethod
    def checked(cls, host: str, port: int | None, security: Security, user: str, password: str) -> Self:
        """A server whose parts were typed one by one; without a port, the usual one.

        Raises:
            ValueError: with a sentence for whoever typed them, and never the password.
        """
        if not HOST.fullmatch(host):
            raise ValueError(
                "the mail server must be written like mail.example.com, without a port or a path"
            )
        if bool(user) != bool(password):
            raise ValueError("give both the user and the password of the mail server, or neither")
        if user and security == "none" and not is_this_machine(host):
            raise ValueError("without encryption the password would travel readable: choose STARTTLS or TLS")
        usual = next(number for kind, number in SCHEMES.values() if kind == security)
        return cls(host, port or usual, security, user, password)


def sender(text: str) -> Address:
    """The name and address mail comes from.

    Raises:
        ValueError: if it is not one address.
    """
    found = getaddresses([text])
    if len(found) == 1 and text.isprintable():
        name, spelled = found[0]
        if (parsed := address(spelled, name)) is not None:
            return parsed
    raise ValueError("use support@example.com or Name <support@example.com>")


def address(spelled: str, name: str = "") -> Address | None:
    """An e-mail address, or None if it is not one."""
    try:
        parsed = Address(display_name=name, addr_spec=spelled)
    except (ValueError, IndexError, MessageError):
        return None
    return parsed if parsed.username and parsed.domain else None


def signing_key(secret: str) -> bytes:
    """The bytes behind a webhook's secret.

    Raises:
        ValueError: if it is no base64, or too short to be one.
    """
    try:
        key = base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    least, most = SECRET_BYTES
    if not least <= len(key) <= most:
        raise ValueError(f"use {SECRET_PREFIX} and then {least} to {most} random bytes in base64")
    return key


def new_secret() -> str:
    """A webhook's secret that nobody knows yet."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_this_machine(host: str | None) -> bool:
    """Whether what is sent to this host never leaves the machine."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
