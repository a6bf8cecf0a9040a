"""Articles as the help pages show them: in groups, cut at their headings, beside their neighbours. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote

from markupsafe import Markup

from supportbot.knowledge.articles import Listed
from supportbot.knowledge.passages import sections, slug
from supportbot.models import Article
from supportbot.rendering import render
from supportbot.web.help import languages

REST = "More"
"""The group of the articles that have none."""
ENOUGH_FOR_CONTENTS = 3
"""Headings from which on an article has a list of them."""
DEEPEST_IN_CONTENTS = 3
LONGEST_DESCRIPTION = 160

# A chat opens every link in a new tab, to keep the conversation; a help page opens its own links in place.
_OWN_LINK = re.compile(r'(<a href="(?:#|/(?!/))[^"]*")[^>]*>')
_ALIGNED = re.compile(r'(<t[hd]) style="text-align:\s*(left|right|center);?"')
_INNER_HEADING, _INNER_HEADING_ENDS = re.compile("<h[1-6]>"), re.compile("</h[1-6]>")
_EMPTY_HEAD = re.compile(r"<th(\s[^>]*)?></th>")
_ENDS_A_LINE = re.compile(r"<br>|<hr>|</(?:p|li|pre|blockquote|t[hdr]|h[1-6])>")
_BETWEEN_CELLS = re.compile(r"</t[hd]>\s*(?=<t[hd])")
_ANY_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True)
class Linked:
    """An article in a list."""

    url: str
    title: str
    description: str
    language: str
    direction: str


@dataclass(frozen=True, slots=True)
class Group:
    """Articles of one folder. `name` is empty if there is only one group."""

    name: str
    anchor: str
    articles: list[Linked]


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A heading, its level on the page, and the HTML under it. The title is the only one of level 1."""

    level: int
    heading: str
    anchor: str
    html: Markup


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around an article: the group it is in, if that has a name, and its neighbours there."""

    group: Group | None = None
    before: Linked | None = None
    after: Linked | None = None


def grouped(listed: Sequence[Listed]) -> list[Group]:
    """Articles by the first folder of their path, by title; folders of one article come together."""
    folders: dict[tuple[str, str], list[Listed]] = {}
    for article in by_title(listed):
        folders.setdefault((article.collection, folder(article.path)), []).append(article)
    named = {key: found for key, found in folders.items() if key[1] and len(found) > 1}
    rest = [article for key, found in folders.items() if key not in named for article in found]
    groups: list[Group] = []
    for (_, name), found in sorted(named.items()):
        groups.append(_group(name, found, taken={group.anchor for group in groups}))
    if rest:
        groups.append(Group(REST if groups else "", "rest", [linked(article) for article in rest]))
    return groups


def around(article: Article, in_folder: Sequence[Listed]) -> Around:
    """The article's place among those of its folder; its neighbours are the next in its own language.

    Args:
        article: The one that is shown.
        in_folder: The published articles of its folder, itself among them.
    """
    name = folder(article.path)
    if not name or len(in_folder) < 2:
        return Around()
    group = _group(name, by_title(in_folder), taken=set())
    row = [one for one in group.articles if one.language == languages.tag(article.language)]
    at = next((at for at, one in enumerate(row) if one.url == url_of(article.slug)), None)
    if at is None:  # retired while its page was being made
        return Around(group)
    return Around(
        group,
        before=row[at - 1] if at > 0 else None,
        after=row[at + 1] if at + 1 < len(row) else None,
    )


def shown_sections(article: Article) -> list[ShownSection]:
    """The article's sections with the anchors that passages link to, the first under its title.

    No level is left out on the way down, whatever the author wrote: a screen reader's list of headings
    is a table of contents.
    """
    above: list[int] = []
    shown: list[ShownSection] = []
    for at, section in enumerate(sections(article.title, article.body)):
        if at > 0:
            above = [*(level for level in above if level < section.level), section.level]
        level = min(len(above) + 1, 6)
        shown.append(ShownSection(level, section.heading, section.anchor, _safe(render(section.body))))
    return shown


def contents(shown: Sequence[ShownSection]) -> list[ShownSection]:
    """The headings to list above an article; none if it is short."""
    listed = [one for one in shown[1:] if one.heading and one.level <= DEEPEST_IN_CONTENTS]
    return listed if len(listed) >= ENOUGH_FOR_CONTENTS else []


def description(article: Article, shown: Sequence[ShownSection]) -> str:
    """What the article is about, in a sentence or two, for whoever links to it."""
    if article.description:
        return article.description
    words = next((words for one in shown if (words := plain_words(one.html))), "")
    if len(words) <= LONGEST_DESCRIPTION:
        return words
    return (words[:LONGEST_DESCRIPTION].rpartition(" ")[0] or words[:LONGEST_DESCRIPTION]) + "…"


def plain_words(html: str) -> str:
    """The words of sanitised HTML on one line."""
    html = _ENDS_A_LINE.sub(" ", _BETWEEN_CELLS.sub(" · ", html))
    return " ".join(unescape(_ANY_TAG.sub("", html)).split())


def linked(article: Listed) -> Linked:
    """An article of a list, with its address."""
    language = languages.tag(article.language)
    return Linked(
        url_of(article.slug), article.title, article.description, language, languages.direction(language)
    )


def url_of(article_slug: str) -> str:
    """Where an article is read."""
    return f"/help/{quote(article_slug)}"


def folder(path: str) -> str:
    """The first folder of an article's path; empty if it lies in none."""
    return path.partition("/")[0] if "/" in path else ""


def by_title(listed: Sequence[Listed]) -> list[Listed]:
    """In the order of a list that people read."""
    return sorted(listed, key=lambda article: (article.title.casefold(), article.slug))


def _group(name: str, found: Sequence[Listed], taken: set[str]) -> Group:
    anchor = wanted = f"group-{slug(name) or 'x'}"
    number = 1
    while anchor in taken:  # two collections may have folders of the same name
        number += 1
        anchor = f"{wanted}-{number}"
    return Group(_readable(name), anchor, [linked(article) for article in found])


def _safe(html: str) -> Markup:
    """Sanitised HTML for a page of ours: own links open in place, and nothing is styled inline.

    Headings inside a quote or a list head no section of the page. What may be wider than the page scrolls
    by itself, and can be reached with the keyboard for that.
    """
    html = _OWN_LINK.sub(r"\1>", html)
    html = _ALIGNED.sub(r'\1 class="align-\2"', html)
    html = _INNER_HEADING_ENDS.sub("</p>", _INNER_HEADING.sub('<p class="inner-heading">', html))
    html = _EMPTY_HEAD.sub(r"<td\1></td>", html)
    html = html.replace("<pre>", '<pre tabindex="0">')
    html = html.replace("<table>", '<div class="table-box" tabindex="0"><table>')
    html = html.replace("</table>", "</table></div>")
    return Markup(html)  # noqa: S704 (rendering has cleaned it)


def _readable(name: str) -> str:
    words = name.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
