"""Codes of six digits that prove who reads the mail of an address. Pure: nothing is sent or stored here."""

import hmac
import secrets
import unicodedata
from hashlib import sha256
from uuid import UUID

DIGITS = 6
_LONGEST = 40
_NO_CODE = "-" * 64


def new_code() -> str:
    """A code nobody can guess in a few tries."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def hashed(code: str, token: str, link_id: UUID) -> str:
    """The stored form of a link's code, which cannot be read without the link's token."""
    key = token.encode("utf-8", "surrogatepass")
    return hmac.new(key, f"{link_id.hex}:{code}".encode(), sha256).hexdigest()


def matches(code: str, token: str, link_id: UUID, stored: str) -> bool:
    """Whether this is the code behind the stored form; without one it takes as long, and none is."""
    return hmac.compare_digest(hashed(code, token, link_id), stored or _NO_CODE)


def digits(typed: object) -> str:
    """The digits of what somebody typed, in whatever script, with or without a space in the middle."""
    letters = typed[:_LONGEST] if isinstance(typed, str) else ""
    return "".join(str(unicodedata.decimal(letter)) for letter in letters if letter.isdecimal())


def masked(email: str) -> str:
    """An address for somebody who may not know it: `a•••@e•••.com`, however long it is."""
    local, _, domain = email.rpartition("@")
    return f"{local[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"
