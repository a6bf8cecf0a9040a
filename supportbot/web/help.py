"""The public help pages: every published article, readable by anyone and without JavaScript."""

import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from supportbot.database import Database
from supportbot.house.pictures import logo_url
from supportbot.house.sections import Sections
from supportbot.knowledge import articles
from supportbot.knowledge.articles import Listed
from supportbot.knowledge.passages import sections
from supportbot.models import Article
from supportbot.rendering import render

log = logging.getLogger(__name__)

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_REST = "More"
_RIGHT_TO_LEFT = ("ar", "fa", "he", "ur", "yi")

# A chat opens every link in a new tab, to keep the conversation; a help page opens its own links in place.
_OWN_LINK = re.compile(r'(<a href="(?:#|/(?!/))[^"]*")[^>]*>')
_ALIGNED = re.compile(r'(<t[hd]) style="text-align:\s*(left|right|center);?"')


@dataclass(frozen=True, slots=True)
class Linked:
    """An article in the list."""

    url: str
    title: str
    description: str
    language: str


@dataclass(frozen=True, slots=True)
class Group:
    """Articles of one folder. `name` is empty if there is only one group."""

    name: str
    articles: list[Linked]


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A heading, its level on the page, and the HTML under it."""

    level: int
    heading: str
    anchor: str
    html: Markup


def help_routes(database_getter: Callable[[], Database], house: Callable[[], Sections]) -> list[Route]:
    """`/help`, the list of articles, and `/help/<slug>`, one of them.

    Both carry an ETag and answer 304 to whoever has the page already; an unknown slug is a 404 page.

    Args:
        database_getter: Gives the database once the server has started.
        house: Says whose help it is, at the moment of asking.
    """

    async def index(_request: Request) -> Response:
        groups = grouped(await articles.listing(database_getter()))
        return _page("help_list.html", house(), groups=groups)

    async def article(request: Request) -> Response:
        found = await articles.by_slug(database_getter(), request.path_params["slug"])
        if found is None:
            return _missing(house())
        return _page(
            "help_article.html",
            house(),
            language=found.language,
            article=found,
            sections=shown_sections(found),
            direction=text_direction(found.language),
            updated=f"{found.updated_at.day} {found.updated_at:%B %Y}",
        )

    return [
        Route("/help", _kept(index, house)),
        Route("/help/{slug}", _kept(article, house)),
    ]


def grouped(listed: Sequence[Listed]) -> list[Group]:
    """Articles by the first folder of their path, by title; folders of one article come together."""
    folders: dict[tuple[str, str], list[Listed]] = {}
    for article in sorted(listed, key=lambda article: article.title.casefold()):
        folders.setdefault((article.collection, _folder(article.path)), []).append(article)
    named = {key: found for key, found in folders.items() if key[1] and len(found) > 1}
    rest = [article for key, found in folders.items() if key not in named for article in found]
    groups = [Group(_readable(key[1]), [_linked(a) for a in found]) for key, found in sorted(named.items())]
    if rest:
        groups.append(Group(_REST if groups else "", [_linked(article) for article in rest]))
    return groups


def shown_sections(article: Article) -> list[ShownSection]:
    """The article's sections with the anchors that passages link to, the first under its title."""
    return [
        ShownSection(
            level=1 if at == 0 else min(max(section.level, 2), 6),
            heading=section.heading,
            anchor=section.anchor,
            html=_safe(render(section.body)),
        )
        for at, section in enumerate(sections(article.title, article.body))
    ]


def _kept(
    endpoint: Callable[[Request], Awaitable[Response]], house: Callable[[], Sections]
) -> Callable[[Request], Awaitable[Response]]:
    """The endpoint with an ETag, and with a page in words when the database is away."""

    async def answer(request: Request) -> Response:
        try:
            response = await endpoint(request)
        except (SQLAlchemyError, OSError):
            log.exception("the help pages cannot reach the database")
            return _away(house())
        if response.status_code != 200:
            return response
        tag = f'"{sha256(bytes(response.body)).hexdigest()[:32]}"'
        headers = {"ETag": tag, "Cache-Control": "no-cache"}
        if _has(request, tag):
            return Response(status_code=304, headers=headers)
        response.headers.update(headers)
        return response

    return answer


def _has(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    # A proxy that compresses the page marks the tag as weak.
    return known == "*" or tag in (part.strip().removeprefix("W/") for part in known.split(","))


def _page(
    template: str, house: Sections, *, status: int = 200, language: str = "en", **values: object
) -> Response:
    return HTMLResponse(document(template, house, language=language, **values), status)


def document(template: str, house: Sections, *, language: str = "en", **values: object) -> str:
    """A page made of one of the templates."""
    return _TEMPLATES.get_template(template).render(
        company=house.company.name, logo=logo_url(house.look), language=language, **values
    )


def text_direction(language: str) -> str:
    """Which way a language is written, for `dir`."""
    return "rtl" if language.partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def _missing(house: Sections) -> Response:
    return _page(
        "help_message.html",
        house,
        status=404,
        heading="We could not find this article",
        sentence="It may have been moved or removed.",
    )


def _away(house: Sections) -> Response:
    response = _page(
        "help_message.html",
        house,
        status=503,
        heading="Our articles cannot be reached",
        sentence="This is our fault. Please try again in a minute.",
    )
    response.headers["Retry-After"] = "60"
    return response


def _safe(html: str) -> Markup:
    """Sanitised HTML for a page of ours: own links open in place, and nothing is styled inline."""
    html = _OWN_LINK.sub(r"\1>", html)
    return Markup(_ALIGNED.sub(r'\1 class="align-\2"', html))  # noqa: S704 (rendering has cleaned it)


def _folder(path: str) -> str:
    return path.partition("/")[0] if "/" in path else ""


def _readable(folder: str) -> str:
    words = folder.replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _linked(article: Listed) -> Linked:
    return Linked(f"/help/{quote(article.slug)}", article.title, article.description, article.language)
