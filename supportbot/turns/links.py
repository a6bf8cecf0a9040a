"""Which links in an answer may be clicked: those of what it cites, and those that are allowed. Pure.

A model can write any address, also one that a customer or an article has talked it into. So an address is
only ever taken from a passage that the answer cites, or leads to a host that the owners have named.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from supportbot.knowledge.links import as_read_elsewhere
from supportbot.knowledge.retrieval import Hit
from supportbot.rendering import addresses, bare_addresses


@dataclass(frozen=True, slots=True)
class LinkRules:
    """What an answer may link to besides what it cites.

    `hosts` are names such as `status.example.com`, reached by https; `own` is the address at which
    customers find us, where our help pages are.
    """

    hosts: tuple[str, ...] = ()
    own: str = ""


def clickable(text: str, cited: Iterable[Hit], rules: LinkRules, *, trusted: bool = False) -> tuple[str, ...]:
    """The addresses in an answer that may be clicked, spelled as `rendering.addresses` spells them.

    Args:
        text: The answer, as Markdown.
        cited: The passages it cites. Their own addresses, their articles' and those in their text are good.
        rules: What else is.
        trusted: Whether the text is quoted from the articles, so that all of its links are theirs.
    """
    wanted = addresses(text)
    if not wanted or trusted:
        return wanted
    cited = list(cited)
    pages = {unquote(hit.page) for hit in cited}
    theirs = {address for hit in cited for address in _in_the_words_of(hit)}
    return tuple(
        address
        for address in wanted
        if address in theirs or _page(address, rules.own) in pages or _leads_to(address, rules.hosts)
    )


def _in_the_words_of(hit: Hit) -> tuple[str, ...]:
    words = as_read_elsewhere(hit.body, hit.page)
    return (*addresses(words), *bare_addresses(words))


def _page(address: str, own: str) -> str:
    """The page of ours an address leads to, without the place on it."""
    path = address.removeprefix(own.rstrip("/")) if own else address
    return unquote(path.partition("#")[0]) if path.startswith("/") else ""


def _leads_to(address: str, hosts: tuple[str, ...]) -> bool:
    """Whether a browser that is given this address goes to one of the hosts, and nowhere else."""
    try:
        parts = urlsplit(address)
        plain = parts.username is None and parts.password is None and parts.port in (None, 443)
    except ValueError:
        return False
    # An "@" or a "\\" in front of the host is read differently by different readers, however it is spelled.
    odd = "@" in unquote(parts.netloc) or "\\" in unquote(parts.netloc)
    return parts.scheme == "https" and plain and not odd and parts.hostname in hosts
