"""The texts of articles go by plain HTTP, as they are too long for the socket: read, save, look, compare.

For every member of staff. What is refused comes back as a sentence, and nothing that was typed is lost by it.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import parse_qs
from uuid import UUID

from markupsafe import Markup
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from supportbot import access
from supportbot.desk import Desk
from supportbot.errors import NotFound, NotSignedIn, RateLimited, SupportError
from supportbot.house.sections import Sections
from supportbot.ids import parse_id
from supportbot.knowledge import editing, history
from supportbot.knowledge.editing import LARGEST, SavedMeanwhile
from supportbot.knowledge.history import Comparison
from supportbot.knowledge.publishing import Words
from supportbot.knowledge.typed import LARGEST_BODY, WrongText, words_of
from supportbot.models import Article, Staff
from supportbot.web.help import languages
from supportbot.web.help.answering import document
from supportbot.web.help.shown import shown_sections
from supportbot.web.origins import request_origin, request_site, same_origin_post
from supportbot.web.sign_in import FORM, METHODS, page_is_secure, read_body

log = logging.getLogger(__name__)

LONGEST_FORM = 3 * LARGEST_BODY + 20_000
"""A form writes a byte as up to three characters."""
PER_MINUTE = 240
"""How often somebody may save, or look at what they write; a preview follows each pause in typing."""
NOTHING_RUNS = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'self'"
NAMES = {"title": "Title", "description": "Description", "language": "Language"}
_LINK = re.compile(r'<a href="([^"]*)"(?: title="[^"]*")?')

Fields = dict[str, str]
Reading = Callable[[Request, Desk], Awaitable[Response]]
Writing = Callable[[Request, Desk, Staff, Fields], Awaitable[Response]]


def article_text_routes(
    desk_getter: Callable[[], Desk], allowed_origins: frozenset[str] = frozenset()
) -> list[Route]:
    """What the editor reads and writes, under `/staff/articles/`.

    `GET <id>/text` gives the newest version as JSON; `POST <id>/text` saves one (title, description,
    language, slug, body, over, publish). `GET <id>/compare?from=&to=` shows two versions, `POST
    <id>/compare?from=` one and what is typed, `POST preview` what is typed as readers would see it: pages
    for a frame of the editor, in which they can do nothing.
    """

    def door(get: Reading | None, post: Writing | None) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            desk = desk_getter()
            allowed = allowed_origins | desk.settings.allowed_origins
            response = await _admit(request, desk, allowed, get, post)
            response.headers["Cache-Control"] = "no-store"
            if response.media_type == "text/html":
                response.headers["Content-Security-Policy"] = inert
                response.headers["X-Frame-Options"] = "SAMEORIGIN"
            return response

        return endpoint

    inert = " ".join([NOTHING_RUNS, *sorted(allowed_origins)])
    return [
        Route("/staff/articles/preview", door(None, _preview), methods=METHODS),
        Route("/staff/articles/{article}/text", door(_read, _save), methods=METHODS),
        Route("/staff/articles/{article}/compare", door(_compare_versions, _compare_typed), methods=METHODS),
    ]


async def _admit(
    request: Request, desk: Desk, allowed: frozenset[str], get: Reading | None, post: Writing | None
) -> Response:
    """Only staff, only forms of our own pages, not too often; and every refusal is a sentence."""
    methods = {"GET": get, "POST": post}
    if methods.get(request.method) is None:
        known = ", ".join(name for name, action in methods.items() if action)
        return _refused("This cannot be done here.", 405, headers={"Allow": known})
    try:
        if request.method == "GET" and get is not None:
            await _staff(request, desk)
            return await get(request, desk)
        return await _posted(request, desk, allowed, post)
    except NotSignedIn as refusal:
        return _refused(refusal.sentence, 401)
    except RateLimited as refusal:
        return _refused(refusal.sentence, 429)
    except NotFound as refusal:
        return _refused(refusal.sentence, 404)
    except SavedMeanwhile as refusal:
        return _refused(refusal.sentence, 409, version=refusal.version)
    except WrongText as refusal:
        return _refused(refusal.sentence, 400, field=refusal.field)
    except SupportError as refusal:
        return _refused(refusal.sentence, 400)
    except (SQLAlchemyError, OSError) as error:
        # The message may quote parameters, and among them what was written.
        log.error("%s: the database failed with %s", request.url.path, type(error).__name__)
        return _refused("Nothing can be stored at the moment. Please try again in a minute.", 503)


async def _posted(request: Request, desk: Desk, allowed: frozenset[str], action: Writing | None) -> Response:
    scheme, host = request_site(request.scope, desk.settings.trusted_proxy_hops)
    fetch_site = request.headers.get("sec-fetch-site")
    if action is None or not same_origin_post(
        request_origin(request.scope), fetch_site, scheme, host, allowed
    ):
        return _refused("This did not come from one of our pages.", 403)
    staff = await _staff(request, desk)
    await desk.rate_limits.generic("article", str(staff.id), PER_MINUTE)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return _refused("Please send an ordinary form.", 415)
    body = await read_body(request, LONGEST_FORM)
    if body is None:
        return _refused(
            f"The text is too long; an article may have {LARGEST_BODY // 1000} KB. Please make two of it.",
            413,
        )
    return await action(request, desk, staff, _fields(body))


async def _staff(request: Request, desk: Desk) -> Staff:
    secure = page_is_secure(request.scope, desk.settings.trusted_proxy_hops)
    return await access.staff_member(desk.database, request.headers.get("cookie"), secure=secure)


async def _read(request: Request, desk: Desk) -> Response:
    article = await history.article_of(desk.database, _article(request))
    version, words = await history.newest(desk.database, article.id)
    return JSONResponse(
        {
            "version": version,
            "slug": article.slug,
            "title": words.title,
            "description": words.description,
            "language": words.language,
            "body": words.body,
        }
    )


async def _save(request: Request, desk: Desk, staff: Staff, fields: Fields) -> Response:
    saved = await editing.save(
        desk.database,
        _article(request),
        await _typed(fields),
        staff,
        over=_number(fields.get("over", "")),
        slug=fields.get("slug", ""),
        publish=fields.get("publish") == "yes",
    )
    return JSONResponse({"version": saved.version, "published": saved.published, "slug": saved.slug})


async def _preview(_request: Request, desk: Desk, _staff_member: Staff, fields: Fields) -> Response:
    # A beginning has no title yet, and is looked at all the same.
    words = await _typed({**fields, "title": fields.get("title", "").strip() or "…"})
    article = Article(
        collection="",
        path="",
        slug="",
        title=words.title,
        body=words.body,
        content_hash="",
        language=words.language,
    )
    html = await asyncio.to_thread(lambda: _preview_page(desk.house.now, article))
    return HTMLResponse(html)


def _preview_page(house: Sections, article: Article) -> str:
    return document(
        "article_preview.html",
        house,
        language=article.language,
        direction=languages.direction(article.language),
        article=article,
        sections=[replace(one, html=_leading_nowhere(one.html)) for one in shown_sections(article)],
    )


def _leading_nowhere(html: Markup) -> Markup:
    """A link of a preview says where it would lead, and does not: the frame is no place to go from."""
    return Markup(_LINK.sub(r'<a title="\1"', str(html)))  # noqa: S704 (rendering has cleaned it)


async def _compare_versions(request: Request, desk: Desk) -> Response:
    before, after = (_number(request.query_params.get(name, "")) for name in ("from", "to"))
    compared = await history.compare_versions(desk.database, _article(request), before, after)
    return _comparison(desk, compared)


async def _compare_typed(request: Request, desk: Desk, _staff_member: Staff, fields: Fields) -> Response:
    before = _number(request.query_params.get("from", ""))
    known = await editing.version_of(desk.database, _article(request), before)
    return _comparison(desk, await history.compare_words(known, await _typed(fields)))


def _comparison(desk: Desk, compared: Comparison) -> Response:
    fields = [(NAMES[name], before, after) for name, before, after in compared.fields]
    html = document("article_comparison.html", desk.house.now, fields=fields, lines=compared.lines)
    return HTMLResponse(html)


async def _typed(fields: Fields) -> Words:
    typed = [fields.get(name, "") for name in ("title", "body", "description", "language")]
    return await asyncio.to_thread(words_of, *typed)


def _article(request: Request) -> UUID:
    identity = parse_id(request.path_params["article"])
    if identity is None:
        raise NotFound("There is no such article.")
    return identity


def _number(typed: str) -> int:
    """The number of a version; 0 for what is none."""
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < len(str(LARGEST)) else 0


def _fields(body: bytes) -> Fields:
    """The first value of each field; nothing at all from a form with absurdly many."""
    try:
        parsed = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20)
    except ValueError:
        return {}
    return {name: values[0] for name, values in parsed.items()}


def _refused(
    sentence: str, status: int, *, headers: dict[str, str] | None = None, **more: object
) -> Response:
    return JSONResponse({"sentence": sentence, **more}, status, headers=headers)
