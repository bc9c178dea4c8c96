"""The paths of files: they stream, in both directions."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

from aiohttp import BodyPartReader, MultipartReader, hdrs, web

from handlers.files.files import FileContent, SharedFiles, Upload, too_large
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from server.http.commands import CommandDoor, idempotency_key
from server.http.connection import BodyTooSlowError
from server.http.route_helpers import (
    body_too_slow,
    caller_of,
    refuse_encoding,
    reply,
    unknown_refused,
)

UPLOAD_COST = 5.0

_CHUNK = 262_144
_FORM_BYTES = 16_384  # what a form adds to the file in it
_CACHE_S = 1800


def routes(files: SharedFiles, door: CommandDoor, limits: Limits) -> list[web.RouteDef]:
    """The routes of `files`; `door` charges for them."""
    paths = _FilePaths(files, door, limits)
    return [
        web.post("/v1/files", paths.upload),
        web.get("/v1/files/{id}", paths.get),
        web.get("/v1/files/{id}/content", paths.content),
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
        if announced > self._limits.file_bytes + (_FORM_BYTES if is_form else 0):
            raise too_large(self._limits.file_bytes)
        try:
            upload = await _of_form(request) if is_form else _of_body(request)
            answer = await self._files.upload(caller, replace(upload, key=key))
        except BodyTooSlowError as error:
            raise body_too_slow() from error
        response = reply(201, answer)
        response.headers[hdrs.LOCATION] = f"/v1/files/{answer.file.file_id}"
        return response

    async def get(self, request: web.Request) -> web.Response:
        """What is known of a file."""
        caller = caller_of(request)
        return reply(200, await self._files.get(caller, _file_id(request)))

    async def content(self, request: web.Request) -> web.StreamResponse:
        """The bytes, whole or a range, to a signed address or to a user who may have them."""
        signature = request.query.get("signature")
        if signature is None:
            caller = caller_of(request)
            return _download(await self._files.content(caller, _file_id(request)))
        expires = request.query.get("expires", "")
        file_id = _file_id(request)
        return _download(await self._files.linked_content(file_id, expires, signature))


def _download(content: FileContent) -> web.StreamResponse:
    """Never shown as a page of ours, whatever is in it."""
    ascii_name = content.file.name.encode("ascii", "replace").decode()
    plain = "".join("_" if c in '"\\%?' else c for c in ascii_name)
    encoded = quote(content.file.name, safe="")
    named = f"filename=\"{plain}\"; filename*=UTF-8''{encoded}"  # RFC 6266
    return web.FileResponse(
        content.path,
        chunk_size=_CHUNK,
        headers={
            hdrs.CONTENT_TYPE: content.file.mime,
            hdrs.CONTENT_DISPOSITION: f"attachment; {named}",
            hdrs.CACHE_CONTROL: f"private, max-age={_CACHE_S}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "cross-origin",
        },
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


async def _of_form(request: web.Request) -> Upload:
    try:
        form = await request.multipart()
    except (ValueError, AssertionError) as error:
        raise _bad_form() from error
    part = await _next_part(form)
    if part is None:
        raise RequestError.invalid("file", "is missing")
    if part.name != "file":
        raise unknown_refused([str(part.name)])
    refuse_encoding(part.headers)
    return Upload(
        part.filename or "file", part.headers.get(hdrs.CONTENT_TYPE), _form_chunks(form, part)
    )


async def _form_chunks(form: MultipartReader, part: BodyPartReader) -> AsyncIterator[bytes]:
    while True:
        try:
            chunk = await part.read_chunk(_CHUNK)
        except (ValueError, AssertionError) as error:
            raise _bad_form() from error
        if not chunk:
            break
        yield chunk
    # Before the file counts as complete: nothing else may be in the form.
    other = await _next_part(form)
    if other is not None:
        raise unknown_refused([str(other.name)])


async def _next_part(form: MultipartReader) -> BodyPartReader | None:
    try:
        part = await form.next()
    except (ValueError, AssertionError) as error:
        raise _bad_form() from error
    if isinstance(part, MultipartReader):
        raise _bad_form()
    return part


def _bad_form() -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, "the form cannot be read")
