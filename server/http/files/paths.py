"""The paths of files: they stream, in both directions."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import UUID

from aiohttp import hdrs, web

from handlers.files.files import FileContent, SharedFiles
from handlers.files.intake import Upload, too_large
from protocol.errors import RequestError
from protocol.limits import Limits
from server.http.commands import CommandDoor, idempotency_key, tell_replayed
from server.http.connection import BodyTooSlowError
from server.http.files.downloads import download
from server.http.files.forms import FORM_BYTES, upload_of_form
from server.http.route_helpers import (
    body_too_slow,
    caller_of,
    reply,
    unknown_refused,
)

UPLOADS = "/v1/files"
"""The path whose bodies may be as long as a file."""
UPLOAD_COST = 5.0

_CHUNK = 262_144


def routes(files: SharedFiles, door: CommandDoor, limits: Limits) -> list[web.RouteDef]:
    """The routes of `files`; `door` charges for them."""
    paths = _FilePaths(files, door, limits)
    return [
        web.post(UPLOADS, paths.upload),
        web.get("/v1/files/{id}", paths.get),
        web.delete("/v1/files/{id}", paths.remove),
        web.get("/v1/files/{id}/content", paths.content),
        web.get("/v1/files/{id}/thumbnail", paths.thumbnail),
    ]


class _FilePaths:
    """Each path: what the request holds, the handler, its answer."""

    def __init__(self, files: SharedFiles, door: CommandDoor, limits: Limits) -> None:
        self._files = files
        self._door = door
        self._limits = limits

    async def upload(self, request: web.Request) -> web.Response:
        """A form with the part `file`, or the bytes themselves and `?name=`."""
        caller, key = caller_of(request), idempotency_key(request)
        await self._door.charge(request, UPLOAD_COST)
        is_form = request.content_type == "multipart/form-data"
        announced = request.content_length or 0
        if announced > self._limits.file_bytes + (FORM_BYTES if is_form else 0):
            raise too_large(self._limits.file_bytes)
        try:
            upload = await upload_of_form(request) if is_form else _of_body(request)
            upload = replace(upload, key=key, announced_bytes=request.content_length)
            answer = await self._files.upload(caller, upload)
        except BodyTooSlowError as error:
            raise body_too_slow() from error
        response = reply(201, answer)
        tell_replayed(response, answer)
        response.headers[hdrs.LOCATION] = f"/v1/files/{answer.file.file_id}"
        return response

    async def get(self, request: web.Request) -> web.Response:
        """What is known of a file."""
        caller = caller_of(request)
        return reply(200, await self._files.get(caller, _file_id(request)))

    async def remove(self, request: web.Request) -> web.Response:
        """Remove a file of one's own that nothing names."""
        caller = caller_of(request)
        await self._door.charge(request, 1.0)
        await self._files.remove(caller, _file_id(request))
        return web.Response(status=204)

    async def content(self, request: web.Request) -> web.StreamResponse:
        """The bytes, whole or a range, to a signed address or to a user who may have them."""
        return await download(request, await self._content(request, is_thumbnail=False))

    async def thumbnail(self, request: web.Request) -> web.StreamResponse:
        """A smaller picture of an image, or the file itself where there is none, likewise."""
        return await download(request, await self._content(request, is_thumbnail=True))

    async def _content(self, request: web.Request, *, is_thumbnail: bool) -> FileContent:
        signature = request.query.get("signature")
        file_id = _file_id(request)
        if signature is None:
            caller = caller_of(request)
            return await self._files.content(caller, file_id, is_thumbnail=is_thumbnail)
        expires = request.query.get("expires", "")
        return await self._files.linked_content(
            file_id, expires, signature, is_thumbnail=is_thumbnail
        )


def _file_id(request: web.Request) -> UUID:
    try:
        return UUID(request.match_info["id"])
    except ValueError:
        raise RequestError.not_found("file") from None


def _of_body(request: web.Request) -> Upload:
    unknown = sorted(request.query.keys() - {"name"})
    if unknown:
        raise unknown_refused(unknown)
    declared = request.content_type if hdrs.CONTENT_TYPE in request.headers else None
    return Upload(request.query.get("name", "file"), declared, _body_chunks(request))


async def _body_chunks(request: web.Request) -> AsyncIterator[bytes]:
    while chunk := await request.content.read(_CHUNK):
        yield chunk
