"""How the settings spell a mail server, a sender and a webhook's secret, and what is nonsense."""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.utils import getaddresses
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

Security = Literal["none", "starttls", "tls"]
SCHEMES: dict[str, tuple[Security, int]] = {
    "smtp": ("none", 25),
    "smtp+starttls": ("starttls", 587),
    "smtps": ("tls", 465),
}
HOST = re.compile(r"\w(?:[\w.-]{0,251}\w)?|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*")
"""A name, an IPv4 or an IPv6 address: nothing that could begin another part of a URL."""
NAT64 = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))
NOT_PUBLIC = (ip_network("::/96"), ip_network("fec0::/10"), ip_network("2001::/32"))
"""What older Pythons take for global: IPv4-compatible and site-local addresses, and Teredo."""
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
        return cls.of(host, port, security, user, password)

    @classmethod
    def of(cls, host: str, port: int | None, security: Security, user: str, password: str) -> Self:
        """The same, of parts that were checked before."""
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


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether this is an address on the public net: not this machine's, a private one, or a way to one.

    An IPv4 address that travels inside an IPv6 one (mapped, NAT64, 6to4) counts as itself.
    """
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and any(address in network for network in NAT64):
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if any(address in network for network in NOT_PUBLIC):
            return False
    return address.is_global and not address.is_multicast


def leads_inside(host: str) -> bool:
    """Whether a host is plainly this machine or an address that is not public, before it is looked up."""
    try:
        return not is_public(ip_address(host.strip("[]")))
    except ValueError:
        return host.lower().rstrip(".") in ("", "localhost") or host.lower().endswith(".localhost")


def new_secret() -> str:
    """A webhook's secret that nobody knows yet."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def is_this_machine(host: str | None) -> bool:
    """Whether what is sent to this host never leaves the machine."""
    try:
        return ip_address(host or "").is_loopback
    except ValueError:
        return host == "localhost"
