"""The form that a file comes in. What is around the file's bytes is bounded, however it is written:
aiohttp reads it line by line, without waiting as long as lines are there.
"""

import re
from collections.abc import AsyncIterator
from typing import Any, cast
from urllib.parse import unquote

from aiohttp import (
    BodyPartReader,
    MultipartReader,
    StreamReader,
    hdrs,
    web,
)
from aiohttp.http_exceptions import HttpProcessingError
from multidict import CIMultiDictProxy

from handlers.files.intake import Upload
from protocol.errors import ErrorCode, RequestError
from server.http.route_helpers import refuse_encoding, unknown_refused

FORM_BYTES = 16_384
"""What a form may add to the file in it."""

_CHUNK = 262_144
_FORM_LINES = 64
_PART_HEADERS = 16
_AS_IT_IS = frozenset({"", "7bit", "8bit", "binary"})
_CHARSETS = frozenset({"utf-8", "iso-8859-1"})
# HTML, "multipart/form-data encoding algorithm": a browser escapes `"`, CR and LF by a percent
# sign, and nothing else. Other clients write a backslash.
_ESCAPED = re.compile(r'\\(["\\])|%(22|0D|0A)', re.IGNORECASE)
_PARAMETER = re.compile(r';\s*([^\s;="]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))\s*')
_DISPOSITION = re.compile(rf"\s*form-data\s*(?:{_PARAMETER.pattern})*(?:;\s*)?", re.IGNORECASE)


async def upload_of_form(request: web.Request) -> Upload:
    """The file of a form whose only part is `file`.

    Raises `RequestError` (`bad_request` for what is no form or has too much around the file,
    `validation_failed` for other parts) and 415 for a part that would have to be decoded; the
    chunks of the upload raise likewise.
    """
    content = cast(StreamReader, _BoundedContent(request.content))
    try:
        form = _Form(request.headers, content, max_headers=_PART_HEADERS)
    except (ValueError, AssertionError) as error:
        raise _bad_form() from error
    part = await _next_part(form)
    if part is None:
        raise RequestError.invalid("file", "is missing")
    if part.field != "file":
        raise unknown_refused([part.field])
    refuse_encoding(part.headers)
    _refuse_transfer_encoding(part)
    return Upload(
        part.file_name or "file", part.headers.get(hdrs.CONTENT_TYPE), _chunks(form, part)
    )


class _Part(BodyPartReader):
    """A part whose names are read here: aiohttp gives up those with two semicolons, and warns of
    every parameter that it cannot read by a line of the log that Python keeps for good.
    """

    def __init__(
        self, boundary: bytes, headers: CIMultiDictProxy[str], *rest: Any, **options: Any
    ) -> None:
        others = headers.copy()
        self._parameters = _parameters(others.popall(hdrs.CONTENT_DISPOSITION, []))
        super().__init__(boundary, CIMultiDictProxy(others), *rest, **options)

    @property
    def field(self) -> str:
        """The name of the part."""
        return self._parameters.get("name", "")

    @property
    def file_name(self) -> str:
        """That of the file in it; empty when there is none."""
        extended = _extended(self._parameters.get("filename*", ""))
        return extended or self._parameters.get("filename", "")


class _Form(MultipartReader):
    part_reader_cls = _Part


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


async def _chunks(form: _Form, part: _Part) -> AsyncIterator[bytes]:
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
        raise unknown_refused([other.field])


async def _next_part(form: _Form) -> _Part | None:
    try:
        part = await form.next()
    except (ValueError, AssertionError, HttpProcessingError) as error:
        raise _bad_form() from error
    if part is not None and not isinstance(part, _Part):
        raise _bad_form()  # A form in a form.
    return part


def _refuse_transfer_encoding(part: _Part) -> None:
    # RFC 7578, 4.7: not to be sent over HTTP. The encoded bytes would be kept as the file, and
    # aiohttp looks for the end of a quartet of base64 byte by byte.
    encoding = part.headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "")
    if encoding.strip().lower() not in _AS_IT_IS:
        raise web.HTTPUnsupportedMediaType(
            text="a part of a form must come without a Content-Transfer-Encoding"
        )


def _parameters(dispositions: list[str]) -> dict[str, str]:
    disposition = dispositions[0] if len(dispositions) == 1 else ""
    if _DISPOSITION.fullmatch(disposition) is None:
        raise ValueError("a part of a form without a Content-Disposition that can be read")
    found: dict[str, str] = {}
    for name, quoted, token in _PARAMETER.findall(disposition):
        if name.lower() in found:
            raise ValueError("a parameter of a Content-Disposition that comes twice")
        found[name.lower()] = token or _ESCAPED.sub(
            lambda escaped: escaped[1] or chr(int(escaped[2], 16)), quoted
        )
    return found


def _extended(text: str) -> str | None:
    """What RFC 8187 writes as `UTF-8''%C3%A9`; None for what is not so."""
    charset, _, rest = text.partition("'")
    value = rest.partition("'")[2]
    if charset.lower() not in _CHARSETS:
        return None
    try:
        return unquote(value, charset, "strict")
    except UnicodeDecodeError:
        return None


def _bad_form() -> RequestError:
    return RequestError(ErrorCode.BAD_REQUEST, "the form cannot be read")
