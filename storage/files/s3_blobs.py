"""Blobs in a bucket of S3, or of what speaks like it, for processes on more than one machine.

An upload of up to a part is one request. A larger one is sent in parts while it arrives, so that a
few parts are in memory at the most; one that fails or is cancelled is aborted. Downloads are read
in windows, so that a slow reader holds no request open.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from obstore.exceptions import BaseError
from obstore.store import S3Store

from storage.files.blobs import BlobInfo, StoreUnavailableError, checked_key

_PART = 5_242_880
"""The smallest part that S3 takes of an upload."""
_PARTS_AT_ONCE = 2
_WINDOW = 1_048_576
_RETRIES = 2
_ABORT_S = 5.0


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where the blobs are. Without an `endpoint` it is Amazon's, without keys the environment's or
    the machine's own are used. `timeout_s` bounds each request.
    """

    name: str
    endpoint: str | None = None
    region: str = "us-east-1"
    prefix: str = ""
    access_key_id: str | None = None
    secret_access_key: str | None = None
    timeout_s: float = 30.0


class S3Blobs:
    """The blobs under a prefix of a bucket."""

    def __init__(self, bucket: Bucket) -> None:
        timeout = f"{max(1, round(bucket.timeout_s * 1000))}ms"
        keys = {
            "access_key_id": bucket.access_key_id,
            "secret_access_key": bucket.secret_access_key,
            "endpoint": bucket.endpoint,
        }
        given = {name: value for name, value in keys.items() if value is not None}
        self._store = S3Store(
            bucket.name,
            prefix=bucket.prefix.strip("/") or None,
            config=given,  # type: ignore[arg-type]  # obstore types its keys as literals
            region=bucket.region,
            virtual_hosted_style_request=False,
            client_options={
                "allow_http": bucket.endpoint is not None and bucket.endpoint.startswith("http://"),
                "timeout": timeout,
                "connect_timeout": timeout,
            },
            retry_config={
                "max_retries": _RETRIES,
                "retry_timeout": timedelta(seconds=bucket.timeout_s),
            },
        )
        # An attempt may begin just before the time for retries ends, and takes its own time.
        self._call_s = 2 * bucket.timeout_s

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> BlobInfo:
        """Keep what the chunks say."""
        checked_key(key)
        digest = hashlib.sha256()
        size = 0
        part = bytearray()
        async for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            part += chunk
            if len(part) >= _PART:
                break
        else:
            with _bucket_is_there():
                async with self._answered():
                    await self._store.put_async(key, bytes(part), use_multipart=False)
            return BlobInfo(size, digest.digest())

        async def all_of_it() -> AsyncIterator[bytes]:
            nonlocal size
            yield bytes(part)
            part.clear()
            async for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                yield chunk

        with _bucket_is_there():
            await self._put_parts(key, all_of_it())
        return BlobInfo(size, digest.digest())

    async def get(self, key: str, first: int = 0, last: int | None = None) -> AsyncIterator[bytes]:
        """The bytes from `first` to `last`, both included."""
        info = await self.head(key)
        if info is None:
            raise FileNotFoundError(key)
        end = info.size_bytes if last is None else min(last + 1, info.size_bytes)
        while first < end:
            upto = min(first + _WINDOW, end)
            async with self._answered():
                window = await self._store.get_range_async(key, start=first, end=upto)
            yield bytes(window)
            first = upto

    async def head(self, key: str) -> BlobInfo | None:
        """The size, or None when there is no such blob."""
        try:
            async with self._answered():
                return BlobInfo((await self._store.head_async(checked_key(key)))["size"])
        except FileNotFoundError:
            return None

    async def delete(self, key: str) -> None:
        """Forget a blob; one that is absent is no error."""
        with contextlib.suppress(FileNotFoundError):
            async with self._answered():
                await self._store.delete_async(checked_key(key))

    async def _put_parts(self, key: str, chunks: AsyncIterator[bytes]) -> None:
        """Hand the chunks over through a queue of one: a failure of theirs, or a cancellation, is
        told to the upload, which then aborts what it has sent.
        """
        feed = _Feed()
        upload = asyncio.ensure_future(self._upload(key, feed))
        try:
            async for chunk in chunks:
                # Each wait of the upload for the store is bounded by the store's own timeouts.
                await feed.give(chunk, upload)
            await feed.give(None, upload)
            with _told():
                await asyncio.shield(upload)
        except BaseException:
            await self._abort(feed, upload)
            raise

    async def _upload(self, key: str, feed: "_Feed") -> None:
        await self._store.put_async(
            key, feed.chunks(), use_multipart=True, chunk_size=_PART, max_concurrency=_PARTS_AT_ONCE
        )

    async def _abort(self, feed: "_Feed", upload: "asyncio.Future[None]") -> None:
        feed.fail()
        await asyncio.wait([upload], timeout=_ABORT_S)
        if not upload.cancel() and not upload.cancelled():
            upload.exception()  # it is the one that is being raised, or the one just told

    @contextlib.asynccontextmanager
    async def _answered(self) -> AsyncIterator[None]:
        with _told():
            async with asyncio.timeout(self._call_s):
                yield


class _Feed:
    """Chunks on their way to an upload, one at a time; None ends them."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def give(self, chunk: bytes | None, upload: "asyncio.Future[None]") -> None:
        """Wait until the upload takes a chunk; raises what the upload has failed with."""
        putting = asyncio.ensure_future(self._queue.put(chunk))
        try:
            await asyncio.wait({putting, upload}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            putting.cancel()
        if upload.done():
            with _told():
                upload.result()

    def fail(self) -> None:
        """End the upload: nothing is kept of it."""
        if not self._failed.done():
            self._failed.set_result(None)

    async def chunks(self) -> AsyncIterator[bytes]:
        """What the upload reads."""
        while True:
            taking = asyncio.ensure_future(self._queue.get())
            waits: list[asyncio.Future[Any]] = [taking, self._failed]
            try:
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not taking.done():
                    taking.cancel()
            if self._failed.done():
                raise ConnectionAbortedError("the upload was given up")
            chunk = taking.result()
            if chunk is None:
                return
            yield chunk


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """Failures of the store, told without its words: they may quote keys."""
    try:
        yield
    except FileNotFoundError:
        raise
    except (BaseError, PermissionError, TimeoutError) as error:
        raise StoreUnavailableError(type(error).__name__) from error


@contextlib.contextmanager
def _bucket_is_there() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise StoreUnavailableError("no such bucket") from error
