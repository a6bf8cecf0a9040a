"""Where the help pages are, seen from outside, and what search engines are told of them."""

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from starlette.requests import Request

from supportbot.knowledge.articles import Listed
from supportbot.settings import WEB, Settings
from supportbot.web.help.shown import url_of
from supportbot.web.origins import request_site

MOST_IN_A_SITEMAP = 50_000
"""As sitemaps.org has it."""

NOT_FOR_ROBOTS = (
    "/c/",
    "/r/",
    "/help?q=",
    "/staff",
    "/sign-in",
    "/welcome/",
    "/account",
    "/escalations",
    "/articles",
    "/outbox",
    "/settings",
)
"""Conversations, what staff work with, and endless pages of search results."""

_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?", re.I)


def site_of(request: Request, settings: Settings) -> str:
    """The origin of our pages, without a slash at the end; "" if nobody has said one that could be.

    `PUBLIC_URL` if it is set. Else what the request was sent to, which is only the word of whoever sent it:
    it stands in their own answer and is kept nowhere.
    """
    if "public_url" in settings.model_fields_set:
        return settings.public_url.rstrip("/")
    scheme, host = request_site(request.scope, settings.trusted_proxy_hops)
    return f"{scheme}://{host}" if scheme in WEB and _HOST.fullmatch(host) else ""


def sitemap(site: str, listed: Sequence[Listed]) -> str:
    """The help pages as sitemaps.org describes it."""
    newest = max((article.updated_at for article in listed), default=None)
    pages = [("/help", newest), *((url_of(article.slug), article.updated_at) for article in listed)]
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines.append('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">')
    for path, changed in pages[:MOST_IN_A_SITEMAP]:
        lastmod = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
        lines.append(f"<url><loc>{escape(site + path)}</loc>{lastmod}</url>")
    return "\n".join([*lines, "</urlset>", ""])


def robots(site: str) -> str:
    """What robots are asked to leave alone, and where the map is."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS)]
    return "\n".join([*lines, *(["", f"Sitemap: {site}/sitemap.xml"] if site else []), ""])
