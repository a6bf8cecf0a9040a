"""The public help pages: every published article, found, read and printed by anyone without JavaScript."""

from collections import Counter
from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote, urlencode

from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from supportbot.conversations.wording import clean_line
from supportbot.database import Database
from supportbot.errors import RateLimited
from supportbot.house.sections import Sections
from supportbot.knowledge import articles
from supportbot.models import Article
from supportbot.settings import Settings
from supportbot.web.addresses import address_group, client_address
from supportbot.web.help import found, languages, shown
from supportbot.web.help.answering import Endpoint, kept, missing, page, too_often
from supportbot.web.help.kept import WholeArticles
from supportbot.web.help.related import Finds, RelatedArticles
from supportbot.web.help.site import robots, site_of, sitemap

LONGEST_SEARCH = 200
RESULTS = 10
"""Articles that a search shows."""
LOOKED_THROUGH = 30
"""Passages that are found for them: several may be of one article, or in another language."""
SEARCHES_PER_MINUTE = 60
"""From one address, which may be an office."""


class Counts(Protocol):
    """Whatever refuses those who ask too often."""

    async def generic(self, purpose: str, who: str, per_minute: int = ...) -> None:
        """Count one use; raises `RateLimited`."""


class House(Protocol):
    """Whatever knows the owner's settings."""

    @property
    def now(self) -> Sections:
        """What is in effect."""


class HelpDesk(Protocol):
    """What the help pages need of the desk."""

    @property
    def database(self) -> Database:
        """Where the articles are."""

    @property
    def house(self) -> House:
        """Whose help it is."""

    @property
    def retrieval(self) -> Finds:
        """Searches."""

    @property
    def rate_limits(self) -> Counts:
        """Counts searches."""

    @property
    def settings(self) -> Settings:
        """For the public address and the proxy hops."""


def help_routes(desk_getter: Callable[[], HelpDesk]) -> list[Route]:
    """`/help` (the list; with `q` a search, with `lang` one language), `/help/<slug>`, and for robots.

    All carry an ETag and answer 304 to whoever has the page already; an unknown slug is a 404 page.

    Args:
        desk_getter: Gives the desk once the server has started.
    """

    related, whole = RelatedArticles(), WholeArticles()

    async def index(request: Request) -> Response:
        asked = clean_line(request.query_params.get("q"), limit=LONGEST_SEARCH)
        chosen = languages.asked_for(request.query_params.get("lang", ""))
        if asked:
            return await _search(request, desk_getter(), asked, chosen)
        return await _list(request, desk_getter(), chosen)

    async def article(request: Request) -> Response:
        desk = desk_getter()
        one = await articles.by_slug(desk.database, request.path_params["slug"])
        return missing(desk.house.now) if one is None else await _article(request, desk, one, related, whole)

    async def map_of_site(request: Request) -> Response:
        desk = desk_getter()
        site = site_of(request, desk.settings)
        text = sitemap(site, await articles.listing(desk.database))
        return Response(text, media_type="application/xml")

    async def for_robots(request: Request) -> Response:
        return PlainTextResponse(robots(site_of(request, desk_getter().settings)))

    def route(path: str, endpoint: Endpoint) -> Route:
        small = [Middleware(GZipMiddleware, compresslevel=6)]
        return Route(path, kept(endpoint, lambda: desk_getter().house.now), middleware=small)

    return [
        route("/help", index),
        Route("/help/", lambda _request: RedirectResponse("/help", 308)),
        route("/help/{slug:path}", article),
        route("/sitemap.xml", map_of_site),
        route("/robots.txt", for_robots),
    ]


async def _list(request: Request, desk: HelpDesk, chosen: str) -> Response:
    everything = await articles.listing(desk.database)
    spoken = [language for language, _ in Counter(one.language for one in everything).most_common()]
    chosen = chosen if chosen in spoken else ""
    listed = [one for one in everything if chosen in ("", one.language)]
    site = site_of(request, desk.settings)
    return page(
        "help_list.html",
        desk.house.now,
        changed=max((one.updated_at for one in listed), default=None),
        canonical=site and f"{site}{_list_url(chosen)}",
        chosen=chosen,
        groups=shown.grouped(listed),
        spoken=[(_list_url(one), languages.tag(one), languages.name(one), one == chosen) for one in spoken]
        if len(spoken) > 1
        else [],
    )


async def _search(request: Request, desk: HelpDesk, asked: str, chosen: str) -> Response:
    address = address_group(client_address(request.scope, desk.settings.trusted_proxy_hops))
    try:
        await desk.rate_limits.generic("help-search", address, SEARCHES_PER_MINUTE)
    except RateLimited as refusal:
        return too_often(desk.house.now, refusal.sentence, refusal.retry_after or 60, asked)
    answer = await desk.retrieval.find(asked, LOOKED_THROUGH)
    listed = await articles.listed(desk.database, {hit.slug for hit in answer.hits})
    results = found.results(asked, answer.hits, listed, chosen)[:RESULTS]
    return page(
        "help_search.html",
        desk.house.now,
        asked=asked,
        chosen=chosen,
        ask=f"/?{urlencode({'question': asked}, quote_via=quote)}",
        indexed=False,
        results=results,
        sure=answer.confident,
        everywhere=f"/help?{urlencode({'q': asked}, quote_via=quote)}" if chosen else "",
        in_language=languages.name(chosen),
    )


async def _article(
    request: Request, desk: HelpDesk, article: Article, related: RelatedArticles, whole: WholeArticles
) -> Response:
    made = await whole.of(article)
    folder = shown.folder(article.path)
    beside = await articles.in_folder(desk.database, article.collection, folder) if folder else []
    language = languages.tag(article.language)
    around = shown.around(article, beside)
    beside_it = {one.url for one in (around.before, around.after) if one}
    site = site_of(request, desk.settings)
    return page(
        "help_article.html",
        desk.house.now,
        language=language,
        changed=article.updated_at,
        canonical=site and site + shown.url_of(article.slug),
        ask=f"/?about={quote(article.slug, safe='')}",
        article=article,
        description=made.description,
        sections=made.sections,
        contents=shown.contents(made.sections),
        direction=languages.direction(language),
        updated=f"{article.updated_at.day} {article.updated_at:%B %Y}",
        around=around,
        related=await related.of(article, desk.retrieval, desk.database, beside_it),
    )


def _list_url(language: str) -> str:
    return f"/help?{urlencode({'lang': language})}" if language else "/help"
