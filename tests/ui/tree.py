"""What a browser's page holds of a running answer, for tests: pieces go in as the page's script puts them."""

from html import escape
from html.parser import HTMLParser

from supportbot.ui.growing import RESTART, Piece

VOID = {"br", "hr"}


class Element:
    """An element and what is in it."""

    def __init__(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []

    @property
    def last(self) -> "Element":
        """The last element inside."""
        return [child for child in self.children if isinstance(child, Element)][-1]

    @property
    def html(self) -> str:
        """As the browser would write it."""
        inside = "".join(
            child.html if isinstance(child, Element) else escape(child, quote=False)
            for child in self.children
        )
        if not self.tag:
            return inside
        attributes = "".join(f' {name}="{escape(value or "")}"' for name, value in self.attributes)
        return f"<{self.tag}{attributes}>" + ("" if self.tag in VOID else f"{inside}</{self.tag}>")


class _Reader(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.open = [Element("", [])]
        self.feed(html)
        self.close()
        assert len(self.open) == 1, f"{self.open[-1].tag} was not closed: {html}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, attrs)
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read(html: str) -> Element:
    """HTML as a browser takes it in; fails where a tag is not closed."""
    return _Reader(html).open[0]


class Shown:
    """The inside of the running answer on a page."""

    def __init__(self) -> None:
        self.root = Element("", [])
        self._tail: tuple[Element, int] | None = None

    def take(self, pieces: list[Piece], tail: Piece) -> None:
        """A frame: the old tail goes, the pieces stay, the new tail comes."""
        if self._tail:
            element, length = self._tail
            del element.children[length:]
        for depth, html in pieces:
            self._put(depth, html)
        where, length = self._put(*tail)
        self._tail = where, length

    @property
    def html(self) -> str:
        """All of it."""
        return self.root.html

    @property
    def settled(self) -> str:
        """All of it but the tail."""
        assert self._tail
        element, length = self._tail
        tail = element.children[length:]
        del element.children[length:]
        html = self.root.html
        element.children += tail
        return html

    def _put(self, depth: int, html: str) -> tuple[Element, int]:
        where = self.root
        if depth == RESTART:
            while not isinstance(where.children.pop(), Element):
                pass
        for _ in range(max(depth, 0)):
            where = where.last
        length = len(where.children)
        where.children += read(html).children
        return where, length
