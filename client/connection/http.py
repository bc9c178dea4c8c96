"""The little of the HTTP door that a chat client needs: accounts, logins, files."""

from pathlib import Path
from typing import Any, Self, TypeVar

import aiohttp
import msgspec

from client.errors import BadFrame, CommandError, ErrorReply
from protocol.files import FileReply
from protocol.objects import Attachment, User

T = TypeVar("T")


class Grant(msgspec.Struct, frozen=True):
    """What a login gives: an access token for `expires_in` seconds and a token to renew it."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: User


class _Problem(msgspec.Struct, frozen=True):
    error: ErrorReply


class Api:
    """`/v1/auth/*` and `/v1/files` of one server. An async context manager."""

    def __init__(self, base_url: str = "http://127.0.0.1:8080", *, timeout_s: float = 30.0) -> None:
        self._base_url = base_url.rstrip("/")
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Gives the connections back."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def register(
        self, email: str, password: str, display_name: str, kind: str = "both"
    ) -> Grant:
        """A new account, logged in. Raises `CommandError` (`conflict`: the address is taken)."""
        body = {"email": email, "password": password, "display_name": display_name, "kind": kind}
        return await self._call("POST", "/v1/auth/register", Grant, json=body)

    async def login(self, email: str, password: str, otp: str | None = None) -> Grant:
        """Logs in. Raises `CommandError` (`unauthenticated`)."""
        body = {"email": email, "password": password}
        if otp is not None:
            body["otp"] = otp
        return await self._call("POST", "/v1/auth/login", Grant, json=body)

    async def refresh(self, refresh_token: str) -> Grant:
        """New tokens for the same login; the old refresh token is used up."""
        body = {"refresh_token": refresh_token}
        return await self._call("POST", "/v1/auth/refresh", Grant, json=body)

    async def logout(self, access_token: str) -> None:
        """Ends the login: its connections are closed with 4003."""
        await self._call("POST", "/v1/auth/logout", object, token=access_token)

    async def upload(self, access_token: str, path: Path, name: str | None = None) -> Attachment:
        """Uploads a file; send its `file_id` in `attachments`."""
        form = aiohttp.FormData()
        with path.open("rb") as content:
            form.add_field("file", content, filename=name or path.name)
            reply = await self._call("POST", "/v1/files", FileReply, token=access_token, data=form)
        return reply.file

    async def _call(
        self, method: str, path: str, shape: type[T], *, token: str | None = None, **rest: Any
    ) -> T:
        """Raises `CommandError`, `BadFrame`, `aiohttp.ClientError`, `TimeoutError`."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        url = self._base_url + path
        async with self._session.request(method, url, headers=headers, **rest) as response:
            payload = await response.read()
            if response.status >= 400:
                raise CommandError(path, _problem(response.status, payload))
        try:
            return msgspec.json.decode(payload or b"null", type=shape)
        except msgspec.MsgspecError as error:
            raise BadFrame(f"the answer of {path} is no {shape.__name__}: {error}") from error


def _problem(status: int, payload: bytes) -> ErrorReply:
    try:
        return msgspec.json.decode(payload, type=_Problem).error
    except msgspec.MsgspecError:
        return ErrorReply("internal", f"HTTP {status}", {}, status in {429, 502, 503, 504})
