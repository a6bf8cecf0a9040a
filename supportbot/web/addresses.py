"""Who is calling: the address limits are counted by."""

import logging
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from starlette.types import Scope

log = logging.getLogger(__name__)

UNKNOWN = "unknown"
"""The address of a caller that has none, such as one on a Unix socket."""

_forwarding_ignored = False


def client_address(scope: Scope, trusted_hops: int) -> str:
    """The caller's address, in its shortest spelling, IPv4-mapped IPv6 as IPv4.

    `trusted_hops` is the number of proxies of ours in front of this process. Each of them appends the
    address it saw to X-Forwarded-For, so the caller is that many entries from the right; what stands
    further left is what the caller claims. Falls back on the peer of the connection when the header is
    shorter than that or holds no address there. With 0 hops the header is ignored, and a warning is
    logged once a process, because behind an undeclared proxy all callers are one address.
    """
    forwarded = header_values(scope, b"x-forwarded-for")
    if trusted_hops <= 0:
        if forwarded:
            _note_ignored_forwarding()
        return _peer(scope)
    if len(forwarded) < trusted_hops:
        return _peer(scope)
    return _address(forwarded[-trusted_hops]) or _peer(scope)


def address_group(address: str) -> str:
    """The key to count a caller under: IPv4 as it is, IPv6 by its /64, which one customer owns whole.

    A proxy may have written the caller's port behind the address; it is another with every connection.
    """
    parsed = _parsed(_address(address) or address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, 64), strict=False))
    return address if parsed is None else str(parsed)


def forwarding_ignored() -> bool:
    """Whether this process has seen X-Forwarded-For while no proxy was declared; `/ready` says so."""
    return _forwarding_ignored


def header_values(scope: Scope, name: bytes) -> list[str]:
    """The entries of a comma-separated header in order, over all its lines, without empty ones."""
    lines = [value.decode("latin-1") for key, value in scope.get("headers", []) if key.lower() == name]
    return [entry.strip() for line in lines for entry in line.split(",") if entry.strip()]


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return (_address(str(client[0])) if client else None) or UNKNOWN


def _address(entry: str) -> str | None:
    """`1.2.3.4`, `1.2.3.4:5678`, `2001:db8::1`, `[2001:db8::1]:443`, quoted or not; None for the rest."""
    entry = entry.strip(' "')
    if entry.startswith("["):
        entry = entry[1:].partition("]")[0]
    elif entry.count(":") == 1:
        entry = entry.partition(":")[0]
    parsed = _parsed(entry)
    return None if parsed is None else str(parsed)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        parsed = ip_address(text.partition("%")[0])  # what follows % is the zone on our own machine
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped:
        return parsed.ipv4_mapped
    return parsed


def _note_ignored_forwarding() -> None:
    global _forwarding_ignored
    if not _forwarding_ignored:
        _forwarding_ignored = True
        log.warning(
            "Requests carry X-Forwarded-For but the trusted proxy hops are 0, so the header is ignored. "
            "Behind a proxy, all customers then count as one address: set the hops to the number of proxies."
        )
