"""Pictures: uploading one (staff only), and showing one that the product uses."""

import logging
from collections.abc import AsyncGenerator, Callable
from uuid import UUID

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from supportbot import access
from supportbot.desk import Desk
from supportbot.errors import NotSignedIn, RateLimited, Refused
from supportbot.house.image_files import LARGEST_FILE
from supportbot.house.kept_pictures import is_shown, keep, picture_of
from supportbot.house.pictures import PICTURES
from supportbot.ids import parse_id
from supportbot.web.origins import request_origin, request_site, same_origin_post
from supportbot.web.sign_in import METHODS, page_is_secure, read_body

log = logging.getLogger(__name__)

LARGEST_FORM = LARGEST_FILE + 8_192
UPLOADS_PER_MINUTE = 20
FOREVER = "public, max-age=31536000, immutable"
ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A picture that is opened by itself can do nothing."""


def picture_routes(
    desk_getter: Callable[[], Desk], allowed_origins: frozenset[str] = frozenset()
) -> list[Route]:
    """`POST /staff/pictures` (file, use) answers `{"id": …}`; `GET /pictures/<id>` shows it."""

    async def upload(request: Request) -> Response:
        desk = desk_getter()
        response = await _upload(request, desk, allowed_origins | desk.settings.allowed_origins)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def show(request: Request) -> Response:
        return await _show(request, desk_getter())

    return [Route("/staff/pictures", upload, methods=METHODS), Route(PICTURES + "{identity}", show)]


async def _upload(request: Request, desk: Desk, allowed: frozenset[str]) -> Response:
    if request.method != "POST":
        return PlainTextResponse("Only POST.", 405, {"Allow": "POST"})
    hops = desk.settings.trusted_proxy_hops
    scheme, host = request_site(request.scope, hops)
    fetch_site = request.headers.get("sec-fetch-site")
    if not same_origin_post(request_origin(request.scope), fetch_site, scheme, host, allowed):
        return PlainTextResponse("This did not come from one of our pages.", 403)
    try:
        secure = page_is_secure(request.scope, hops)
        staff = await access.staff_member(desk.database, request.headers.get("cookie"), secure=secure)
        await desk.rate_limits.generic("picture", str(staff.id), UPLOADS_PER_MINUTE)
        content, use = await _form(request)
        if use != "portrait":
            await access.admin(desk.database, request.headers.get("cookie"), secure=secure)
        identity = await keep(desk.database, content)
    except NotSignedIn as refusal:
        return PlainTextResponse(refusal.sentence, 401)
    except RateLimited as refusal:
        return PlainTextResponse(refusal.sentence, 429)
    except Refused as refusal:
        return PlainTextResponse(refusal.sentence, 400)
    log.info("A picture was uploaded by %s", staff.id)
    return JSONResponse({"id": str(identity)})


async def _form(request: Request) -> tuple[bytes, str]:
    """What is in the form's `file` and `use`.

    Raises:
        Refused: it is too long, or none.
    """
    body = await read_body(request, LARGEST_FORM)
    if body is None:
        raise Refused(f"The picture is larger than {LARGEST_FILE // 1024} KB. Please choose a smaller one.")

    async def once() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        form = await MultiPartParser(request.headers, once(), max_files=1, max_fields=3).parse()
    except (MultiPartException, KeyError, ValueError):
        raise Refused("Please choose a picture.") from None
    file = form.get("file")
    if not isinstance(file, UploadFile):
        raise Refused("Please choose a picture.")
    try:
        return await file.read(), str(form.get("use", ""))
    finally:
        await form.close()


async def _show(request: Request, desk: Desk) -> Response:
    identity = parse_id(request.path_params["identity"])
    picture = await picture_of(desk.database, identity) if identity else None
    if picture is None or identity is None:
        return PlainTextResponse("There is no such picture.", 404)
    if await _in_use(desk, identity):
        caching = FOREVER
    elif await _is_staff(request, desk):  # the preview of what nobody has saved yet
        caching = "no-store"
    else:
        return PlainTextResponse("There is no such picture.", 404)
    headers = {"Cache-Control": caching, "Content-Security-Policy": ALONE, "Content-Disposition": "inline"}
    return Response(picture.content, media_type=picture.media_type, headers=headers)


async def _in_use(desk: Desk, identity: UUID) -> bool:
    return identity == desk.house.look.logo or await is_shown(desk.database, identity)


async def _is_staff(request: Request, desk: Desk) -> bool:
    secure = page_is_secure(request.scope, desk.settings.trusted_proxy_hops)
    return await access.is_staff(desk.database, request.headers.get("cookie"), secure=secure)
