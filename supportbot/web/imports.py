"""Files for an import come by a form, from admins only; what becomes of them is shown at /articles/import."""

import html
import logging
from collections.abc import AsyncGenerator, Callable
from pathlib import PurePosixPath

from sqlalchemy.exc import SQLAlchemyError
from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from supportbot import access
from supportbot.desk import Desk
from supportbot.errors import NotSignedIn, RateLimited, Refused
from supportbot.knowledge import import_runs
from supportbot.knowledge.files import LARGEST_FILE, LONGEST_TITLE, line
from supportbot.knowledge.formats.web_pages import looks_like_html
from supportbot.knowledge.import_runs import LARGEST_UPLOAD, Upload
from supportbot.knowledge.passages import slug as slug_of
from supportbot.web.origins import request_origin, request_site, same_origin_post
from supportbot.web.sign_in import METHODS, page_is_secure

log = logging.getLogger(__name__)

MOST_FILES = 200
IMPORTS_PER_MINUTE = 10
LONGEST_NAME = 200
NOT_NOW = "Nothing can be stored at the moment. Please try again in a minute."
_NOT_OURS = "This did not come from one of our pages."


def import_routes(
    desk_getter: Callable[[], Desk], allowed_origins: frozenset[str] = frozenset()
) -> list[Route]:
    """`POST /staff/articles/import` (files, or title and text; collection) answers `{"id": …}`."""

    async def upload(request: Request) -> Response:
        desk = desk_getter()
        allowed = allowed_origins | desk.settings.allowed_origins
        ours = _is_ours(request, desk, allowed)
        response = await _upload(request, desk) if ours else PlainTextResponse(_NOT_OURS, 403)
        response.headers["Cache-Control"] = "no-store"
        if ours and (origin := request_origin(request.scope)):
            # In development pages come from another port, and their browsers ask whether they may.
            response.headers["Access-Control-Allow-Origin"] = origin
            response.headers["Access-Control-Allow-Credentials"] = "true"
        return response

    return [Route("/staff/articles/import", upload, methods=METHODS)]


def _is_ours(request: Request, desk: Desk, allowed: frozenset[str]) -> bool:
    """Whether a page of ours sends this."""
    scheme, host = request_site(request.scope, desk.settings.trusted_proxy_hops)
    fetch_site = request.headers.get("sec-fetch-site")
    return same_origin_post(request_origin(request.scope), fetch_site, scheme, host, allowed)


async def _upload(request: Request, desk: Desk) -> Response:
    if request.method == "OPTIONS":
        return Response(status_code=204)
    if request.method != "POST":
        return PlainTextResponse("Only POST.", 405, {"Allow": "POST"})
    hops = desk.settings.trusted_proxy_hops
    try:
        secure = page_is_secure(request.scope, hops)
        admin = await access.admin(desk.database, request.headers.get("cookie"), secure=secure)
        await desk.rate_limits.generic("import", str(admin.id), IMPORTS_PER_MINUTE)
        collection, uploads = await _form(request)
        run = await import_runs.begin(desk.database, admin, collection, uploads)
        await desk.scheduler.hurry(import_runs.JOB)
    except NotSignedIn as refusal:
        return PlainTextResponse(refusal.sentence, 401)
    except RateLimited as refusal:
        return PlainTextResponse(refusal.sentence, 429)
    except Refused as refusal:
        return PlainTextResponse(refusal.sentence, 400)
    except (SQLAlchemyError, OSError) as error:
        # The message may quote parameters, and among them what is in the files.
        log.error("%s: the database failed with %s", request.url.path, type(error).__name__)
        return PlainTextResponse(NOT_NOW, 503)
    log.info("An import of %s files was begun by %s", len(uploads), admin.id)
    return JSONResponse({"id": str(run)})


async def _form(request: Request) -> tuple[str, list[Upload]]:
    """The name of the collection, and the files or the page that was pasted.

    Raises:
        Refused: it is too much, or none.
    """
    parser = MultiPartParser(
        request.headers, _bounded(request), max_files=MOST_FILES, max_fields=5, max_part_size=LARGEST_FILE
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        if "Too many files" in error.message:
            raise Refused(f"Please choose at most {MOST_FILES} files, or a zip archive of them.") from None
        if "maximum size" in error.message:
            raise Refused(f"The text is longer than {LARGEST_FILE // 1_000_000} MB.") from None
        raise Refused("Please choose files, or paste a page.") from None
    except (KeyError, ValueError):
        raise Refused("Please choose files, or paste a page.") from None
    try:
        uploads = [await _file(part) for part in form.getlist("files") if isinstance(part, UploadFile)]
        return _field(form, "collection"), [one for one in uploads if one.name] or [_page(form)]
    finally:
        await form.close()


async def _bounded(request: Request) -> AsyncGenerator[bytes, None]:
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_UPLOAD:
            raise Refused(
                f"These files are larger than {LARGEST_UPLOAD // 1_000_000} MB together. "
                "Please bring them in parts, or by the command line."
            )
        yield chunk


async def _file(part: UploadFile) -> Upload:
    # Some browsers send a path, and anybody can.
    name = PurePosixPath((part.filename or "").replace("\\", "/")).name
    return Upload(line(name)[-LONGEST_NAME:], await part.read())


def _page(form: FormData) -> Upload:
    """A page that was pasted, as the file it would be."""
    title, text = line(_field(form, "title"))[:LONGEST_TITLE], _field(form, "text").strip()
    if not text:
        raise Refused("Please choose files, or paste a page.")
    if not title:
        raise Refused("Please give the page a title.")
    name = slug_of(title)[:LONGEST_NAME] or "page"
    if looks_like_html(text):
        page = f"<title>{html.escape(title)}</title><body>{text}</body>"
        return Upload(f"{name}.html", page.encode("utf-8", "replace"))
    heading = "" if text.startswith("# ") else f"# {title}\n\n"
    return Upload(f"{name}.md", f"{heading}{text}".encode("utf-8", "replace"))


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value if isinstance(value, str) else ""
