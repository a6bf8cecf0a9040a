"""Links between the files of a help centre, which mean nothing at our address. Pure."""

import re
from collections.abc import Callable, Mapping
from posixpath import dirname, normpath, splitext
from urllib.parse import quote, unquote

from supportbot.knowledge.cleaning import change_prose

_ADDRESS = r"[^()<>\s]*(?:\([^()<>\s]*\)[^()<>\s]*)*"
_LINK = re.compile(rf"(?<!\\)\[([^\[\]]*)\]\([ \t]*<?({_ADDRESS})>?(?:[ \t]+\"[^\"\n]*\")?[ \t]*\)")
_ABSOLUTE = re.compile(r"(?:https?|mailto):", re.IGNORECASE)
_OWN_PAGES = "/help/"

Address = Callable[[str], str | None]
"""Gives the address to link to for an address as written, or None if only the words should stay."""


def readdress(markdown: str, address: Address) -> str:
    """`markdown` with each link's address replaced, or the link by its words. Code stays as it is."""
    return change_prose(markdown, lambda text: _LINK.sub(lambda link: _readdressed(link, address), text))


def between_articles(path: str, slugs: Mapping[str, str]) -> Address:
    """For the article at `path`: links to other articles lead to their help pages.

    Args:
        path: Where the article lies in its folder, such as `refunds/how-to.md`.
        slugs: The slugs of all articles of the folder by their paths.

    Returns:
        An address for links that still lead somewhere: to the web, by mail, within the article, or to
        an article in `slugs`, written as a file or as the folder a site generator makes of it.
    """

    def address(written: str) -> str | None:
        if _ABSOLUTE.match(written) or written.startswith(("#", _OWN_PAGES)):
            return written
        target, mark, anchor = written.partition("#")
        target = unquote(target.partition("?")[0])
        if not target:
            return None
        slug = next((slugs[file] for file in _files(path, target) if file in slugs), None)
        return None if slug is None else f"{_OWN_PAGES}{quote(slug)}{mark}{anchor}"

    return address


def from_elsewhere(page: str) -> Address:
    """For a passage shown outside its article, whose own address is `page`."""

    def address(written: str) -> str | None:
        if written.startswith("#"):
            return page + written
        return written if _ABSOLUTE.match(written) or written.startswith(_OWN_PAGES) else None

    return address


def as_read_elsewhere(passage: str, page: str) -> str:
    """The words of a passage with links that also work outside of its article, whose address is `page`."""
    return readdress(passage, from_elsewhere(page))


def _readdressed(link: re.Match[str], address: Address) -> str:
    found = address(link[2])
    if found is None:
        return link[1]
    return link[0] if found == link[2] else f"[{link[1]}]({found})"


def _files(path: str, target: str) -> list[str]:
    # A site generator turns a/b.md into a/b/, and some authors write links for that.
    bases = [""] if target.startswith("/") else [dirname(path), splitext(path)[0]]
    found = []
    for base in bases:
        file = normpath(f"{base}/{target}").lstrip("/")
        stem = file.removesuffix(".html")
        found += [file, *(f"{stem}{end}" for end in (".md", "/index.md", ".html", "/index.html"))]
    return found
