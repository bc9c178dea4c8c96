"""The form that a file comes in. What is around the file's bytes is bounded, however it is written:
aiohttp reads it line by line, without waiting as long as lines are there.
"""

import re
from collections.abc import AsyncIterator
from typing import cast

from aiohttp import (
    BodyPartReader,
    MultipartReader,
    StreamReader,
    hdrs,
    parse_content_disposition,
    web,
)
from aiohttp.http_exceptions import HttpProcessingError

from handlers.files.intake import Upload
from protocol.errors import ErrorCode, RequestError
from server.http.route_helpers import refuse_encoding, unknown_refused

FORM_BYTES = 16_384
"""What a form may add to the file in it."""

_CHUNK = 262_144
_FORM_LINES = 64
_PART_HEADERS = 16
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})
# HTML, "multipart/form-data encoding algorithm": a browser escapes these three and no others.
_ESCAPED = re.compile("%(22|0D|0A)", re.IGNORECASE)


async def upload_of_form(request: web.Request) -> Upload:
    """The file of a form whose only part is `file`.

    Raises `RequestError` (`bad_request` for what is no form or has too much around the file,
    `validation_failed` for other parts) and 415 for a part that would have to be decoded; the
    chunks of the upload raise likewise.
    """
    content = cast(StreamReader, _BoundedContent(request.content))
    try:
        form = MultipartReader(request.headers, content, max_headers=_PART_HEADERS)
    except (ValueError, AssertionError) as error:
        raise _bad_form() from error
    part = await _next_part(form)
    if part is None:
        raise RequestError.invalid("file", "is missing")
    if part.name != "file":
        raise unknown_refused([_name(part)])
    refuse_encoding(part.headers)
    _refuse_transfer_encoding(part)
    return Upload(
        _filename(part) or "file", part.headers.get(hdrs.CONTENT_TYPE), _chunks(form, part)
    )


class _BoundedContent:
    """What `MultipartReader` uses of a `StreamReader`. It takes all but the bytes of parts by
    lines; raises `ValueError` when these are too many or too long.
    """

    def __init__(self, content: StreamReader) -> None:
        self._content = content
        self._lines = _FORM_LINES
        self._bytes = FORM_BYTES
        self.read = content.read
        self.at_eof = content.at_eof
        self.unread_data = content.unread_data

    async def readline(self, *, max_line_length: int = FORM_BYTES) -> bytes:
        if self._lines <= 0 or self._bytes <= 0:
            raise ValueError("too much around the parts of a form")
        line = await self._content.readline(max_line_length=min(max_line_length, self._bytes))
        self._lines -= 1
        self._bytes -= len(line)
        return line


async def _chunks(form: MultipartReader, part: BodyPartReader) -> AsyncIterator[bytes]:
    while True:
        try:
            chunk = await part.read_chunk(_CHUNK)
        except (ValueError, AssertionError, HttpProcessingError) as error:
            raise _bad_form() from error
        if not chunk:
            break
        yield chunk
    # Before the file counts as complete: nothing else may be in the form.
    other = await _next_part(form)
    if other is not None:
        raise unknown_refused([_name(other)])


async def _next_part(form: MultipartReader) -> BodyPartReader | None:
    try:
        part = await form.next()
    # `RuntimeError`: aiohttp's for a `_charset_` that is too long.
    except (ValueError, AssertionError, RuntimeError, HttpProcessingError) as error:
        raise _bad_form() from error
    if isinstance(part, MultipartReader):
        raise _bad_form()
    return part


def _refuse_transfer_encoding(part: BodyPartReader) -> None:
    # RFC 7578, 4.7: not to be sent over HTTP. The encoded bytes would be kept as the file, and
    # aiohttp looks for the end of a quartet of base64 byte by byte.
    encoding = part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "")
    if encoding.strip().lower() not in _AS_IT_IS:
        raise web.HTTPUnsupportedMediaType(
            text="a part of a form must come without a Content-Transfer-Encoding"
        )


def _name(part: BodyPartReader) -> str:
    return _unescaped(str(part.name))


def _filename(part: BodyPartReader) -> str | None:
    _, parameters = parse_content_disposition(part.headers.get(hdrs.CONTENT_DISPOSITION))
    if part.filename is None or "filename" not in parameters or "filename*" in parameters:
        return part.filename
    return _unescaped(part.filename)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda escaped: chr(int(escaped[1], 16)), text)


def _bad_form() -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, "the form cannot be read")
