"""HTML: the main content of a page as Markdown, without what a site puts around it."""

import re

from bs4 import BeautifulSoup, Tag
from markdownify import ATX, MarkdownConverter

from supportbot.knowledge.cleaning import clean
from supportbot.knowledge.files import Read, UnusableError, article, line
from supportbot.knowledge.passages import title_of

MOST_TAGS = 50_000
DEEPEST = 200
"""Tags within tags. A page of words has twenty or thirty; the converter calls itself for each."""

_AROUND = (
    *(
        "head",
        "title",
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "aside",
        "footer",
        "form",
        "iframe",
        "object",
    ),
    *("svg", "canvas", "video", "audio", "select", "button", "input", "textarea", "dialog"),
)
_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary", "dialog", "alert")
_MAIN = ("main", "[role=main]", "article", "#main-content", "#content", ".article-body", "body")
_LOOKS_LIKE_HTML = re.compile(r"</(?:p|div|ul|ol|li|a|b|i|em|strong|h[1-6]|table|span|body)>|<br ?/?>", re.I)


def looks_like_html(text: str) -> bool:
    """Whether somebody has pasted HTML rather than Markdown or plain words."""
    return _LOOKS_LIKE_HTML.search(text) is not None


def read_web_page(path: str, content: bytes) -> Read:
    """The article in an HTML page: its title, its language, and the main part of its text.

    Raises:
        UnusableError: there is no text in it, or it is made to be hard to read.
    """
    page = BeautifulSoup(content, "html.parser")
    _refuse_unreadable(page)
    title = _title(page)
    root, about = page.find("html"), page.find("meta", attrs={"name": "description"})
    body, pictures = _markdown(page)
    own_title = title_of(body)
    return [
        article(
            path,
            body,
            title=own_title or title,
            own_title=own_title,
            description=line(about.get("content")) if isinstance(about, Tag) else "",
            language_tag=line(root.get("lang")) if isinstance(root, Tag) else "",
            pictures=pictures,
        )
    ]


def markdown_from(text: str) -> tuple[str, int]:
    """A piece of HTML as clean Markdown, and how many pictures were left out.

    Raises:
        UnusableError: it is made to be hard to read.
    """
    page = BeautifulSoup(text, "html.parser")
    _refuse_unreadable(page)
    return _markdown(page)


def _refuse_unreadable(page: BeautifulSoup) -> None:
    for count, tag in enumerate(page.find_all(True)):
        if count > MOST_TAGS:
            raise UnusableError(f"It has more than {MOST_TAGS:,} tags.")
        for depth, _ in enumerate(tag.parents):
            if depth >= DEEPEST:
                raise UnusableError("Its tags are nested too deeply.")


def _markdown(page: BeautifulSoup) -> tuple[str, int]:
    main = _main(page)
    for tag in main.find_all(lambda tag: tag.name in _AROUND or _is_around(tag)):
        if not tag.decomposed:  # with what it was in
            tag.decompose()
    pictures = main.find_all("img")
    for picture in pictures:
        picture.decompose()
    return clean(_converter.convert_soup(main).replace("\xa0", " ")), len(pictures)


def _main(page: BeautifulSoup) -> Tag:
    for choice in _MAIN:
        found = page.select(choice, limit=2)
        # Of several articles none is the page.
        if len(found) == 1 and found[0].get_text(strip=True):
            return found[0]
    return page


def _title(page: BeautifulSoup) -> str:
    """The page's only first heading; what stands in the browser's tab often ends with the site's name."""
    headings, tab = page.find_all("h1"), page.find("title")
    found = headings[0] if len(headings) == 1 else tab
    return line(found.get_text(" ")) if isinstance(found, Tag) else ""


def _is_around(tag: Tag) -> bool:
    """A banner, a menu, or what nobody is shown. The header of an article itself holds its title."""
    if tag.get("hidden") is not None or tag.get("aria-hidden") == "true" or tag.get("role") in _ROLES:
        return True
    return tag.name == "header" and tag.find(("h1", "h2")) is None


def _code_language(block: Tag) -> str:
    inner = block.find("code")
    classes = [*(block.get("class") or ()), *((inner.get("class") or ()) if isinstance(inner, Tag) else ())]
    found = (name.partition("-")[2] for name in classes if name.startswith(("language-", "lang-")))
    return next((name for name in found if name.isalnum()), "")


_converter = MarkdownConverter(
    heading_style=ATX,
    bullets="-",
    escape_underscores=False,  # a name such as `API_KEY` is looked for as it is
    table_infer_header=True,
    code_language_callback=_code_language,
)
