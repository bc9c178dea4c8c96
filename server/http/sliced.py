"""aiohttp's connection, reading no more and parsing no longer at once than it has to.

What came is parsed in slices, one in a turn of the event loop, so that no connection keeps the
others waiting. While a request waits for the one before it nothing is read. Once a connection is
given up nothing is parsed: the peer may read its last answer, and what it sends is dropped.
"""

import asyncio
from typing import Any

from aiohttp import web
from aiohttp.http import HttpRequestParser
from aiohttp.web_protocol import RequestHandler

SLICE_BYTES = 16_384
"""What is parsed in one turn of the event loop."""
DROPPED_BYTES = 1_048_576
"""What is read, not parsed, of a connection that is given up; a reset could overtake the answer.

A body that was announced and may be on the wire is read to its end, if that comes in the time that
a connection has to leave: a browser reads no answer before it has sent everything."""
_REQUESTS_WAITING = 1


class SlicedHandler(RequestHandler):
    """One connection; its requests are handled as aiohttp does."""

    __slots__ = ("_ahead", "_is_given_up", "_is_parsing_soon", "_link", "_to_drop")

    def __init__(self, manager: web.Server, **options: Any) -> None:
        super().__init__(manager, lingering_time=0, **options)
        # aiohttp lets 32 requests with their bodies wait, and has no option for it.
        self._max_msg_queue_size = _REQUESTS_WAITING
        self._msg_queue_resume_size = _REQUESTS_WAITING - 1
        self._parser = HttpRequestParser(
            self,
            self._loop,
            self._read_bufsize,
            max_line_size=self.max_line_size,
            max_field_size=self.max_field_size,
            max_headers=self.max_headers,
            payload_exception=web.RequestPayloadError,
            auto_decompress=False,
            max_msg_queue_size=_REQUESTS_WAITING,
        )
        self._link: asyncio.Transport | None = None
        """The transport, which aiohttp forgets when it closes it."""
        self._ahead = bytearray()
        """What was read and is not yet parsed."""
        self._is_parsing_soon = False
        self._is_given_up = False
        self._to_drop = DROPPED_BYTES

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        super().connection_made(transport)
        self._link = self.transport

    def data_received(self, data: bytes) -> None:
        """Take what came; also called without data."""
        if self._is_given_up:
            self._drop(len(data))
        elif data and (self._ahead or len(data) > SLICE_BYTES):
            self._ahead += data
            self._pause_transport_reading()
            self._parse_soon()
        else:
            self.parse(data)

    def parse(self, data: bytes) -> None:
        """Parse a slice; also called without data."""
        super().data_received(data)

    def give_up(self) -> None:
        """Parse nothing more."""
        if not self._is_given_up:
            self._is_given_up = True
            self._ahead.clear()
            super()._resume_transport_reading()

    def part(self, coming: int = 0) -> None:
        """End the connection after what is written; the peer has time to read it.

        `coming`: bytes of a body that it sends first.
        """
        link = self._link
        assert link is not None
        self._to_drop = max(self._to_drop, coming)
        self.give_up()
        if link.is_closing() or not link.can_write_eof():
            self.force_close()
            return
        self._force_close, self.transport = True, None
        if self._waiter is not None:
            self._waiter.cancel()  # No request comes.
        link.write_eof()

    def force_close(self) -> None:
        """End the connection, also one that is given up."""
        super().force_close()
        if self._is_given_up and self._link is not None:
            self._link.close()

    @property
    def is_held(self) -> bool:
        """Whether it is this side that does not read."""
        return self._is_paused() or bool(self._ahead)

    def _is_paused(self) -> bool:
        return self._reading_paused or self._buffer_paused

    def _resume_transport_reading(self) -> None:
        if self._ahead:
            self._parse_soon()
        elif not self._is_given_up:
            super()._resume_transport_reading()

    def _parse_soon(self) -> None:
        if not (self._is_parsing_soon or self._is_paused()):
            self._is_parsing_soon = True
            self._loop.call_soon(self._parse_on)

    def _parse_on(self) -> None:
        self._is_parsing_soon = False
        if self._is_paused() or not self._ahead:
            return  # Whatever resumes reading resumes this.
        data = bytes(self._ahead[:SLICE_BYTES])
        del self._ahead[:SLICE_BYTES]
        self.parse(data)
        if not self._is_paused():
            self._resume_transport_reading()

    def _drop(self, size: int) -> None:
        self._to_drop -= size
        if self._to_drop < 0 and self._link is not None:
            self._link.pause_reading()
