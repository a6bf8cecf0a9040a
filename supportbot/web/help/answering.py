"""A help page on its way out: from its template, with what lets browsers and robots keep it."""

import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from supportbot.house.pictures import logo_url
from supportbot.house.sections import Sections

log = logging.getLogger(__name__)

Endpoint = Callable[[Request], Awaitable[Response]]

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(
    template: str,
    house: Sections,
    *,
    status: int = 200,
    language: str = "en",
    changed: datetime | None = None,
    canonical: str = "",
    asked: str = "",
    chosen: str = "",
    ask: str = "/",
    indexed: bool = True,
    **values: object,
) -> Response:
    """One of the templates, filled in.

    Args:
        template: Its file.
        house: Whose help it is.
        status: Of the response.
        language: Of the text; what surrounds it is English.
        changed: When what the page is about was changed last.
        canonical: The one address of this page; none if empty.
        asked: What stands in the search field.
        chosen: The language a search is limited to.
        ask: Where the way into the chat leads.
        indexed: Whether search engines may list the page.
        values: What this template needs besides.
    """
    html = _TEMPLATES.get_template(template).render(
        company=house.company.name,
        assistant=house.company.assistant_name,
        logo=logo_url(house.look),
        language=language,
        canonical=canonical,
        asked=asked,
        chosen=chosen,
        ask=ask,
        indexed=indexed and status == 200,
        **values,
    )
    response = HTMLResponse(html, status)
    if changed is not None:
        response.headers["Last-Modified"] = format_datetime(changed, usegmt=True)
    if not indexed:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def kept(endpoint: Endpoint, house: Callable[[], Sections]) -> Endpoint:
    """The endpoint with an ETag, and with a page in words when the database is away.

    The tag alone decides whether somebody has the page already: it also changes with the company's name,
    of which `Last-Modified` knows nothing. It is a weak one, because the page is sent compressed or not.
    """

    async def answer(request: Request) -> Response:
        try:
            response = await endpoint(request)
        except (SQLAlchemyError, OSError):
            log.exception("the help pages cannot reach the database")
            return _away(house())
        if response.status_code != 200:
            return response
        tag = f'"{sha256(bytes(response.body)).hexdigest()[:32]}"'
        headers = {"ETag": f"W/{tag}", "Cache-Control": "no-cache", "Vary": "Accept-Encoding"}
        if _has(request, tag):
            return Response(status_code=304, headers=headers)
        response.headers.update(headers)
        return response

    return answer


def missing(house: Sections) -> Response:
    """The page of an article that is not there."""
    return page(
        "help_message.html",
        house,
        status=404,
        heading="We could not find this article",
        sentence="It may have been moved or removed.",
    )


def too_often(house: Sections, sentence: str, retry_after: int, asked: str) -> Response:
    """The page of somebody who searches too often. What they typed stays in the field."""
    response = page(
        "help_message.html",
        house,
        status=429,
        asked=asked,
        heading="That was a lot of searching",
        sentence=sentence,
    )
    response.headers["Retry-After"] = str(retry_after)
    return response


def _away(house: Sections) -> Response:
    response = page(
        "help_message.html",
        house,
        status=503,
        heading="Our articles cannot be reached",
        sentence="This is our fault. Please try again in a minute.",
    )
    response.headers["Retry-After"] = "60"
    return response


def _has(request: Request, tag: str) -> bool:
    known = request.headers.get("if-none-match", "")
    return known == "*" or tag in (part.strip().removeprefix("W/") for part in known.split(","))
