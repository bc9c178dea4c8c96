"""Where a session's access token comes from, and how it is renewed."""

from client.connection.http import Api, Grant
from client.errors import CommandError, SessionEnded


class Credentials:
    """An access token, with what is known to get another: a refresh token, a password, nothing."""

    def __init__(
        self,
        api: Api | None = None,
        *,
        token: str | None = None,
        grant: Grant | None = None,
        login: tuple[str, str] | None = None,
    ) -> None:
        """`login` is `(email, password)`. Without `token` or `grant`, `token()` logs in."""
        self._api = api
        self._login = login
        self._access = grant.access_token if grant is not None else token
        self._refresh = grant.refresh_token if grant is not None else None

    @property
    def can_renew(self) -> bool:
        """Whether there is a way to another token."""
        return self._api is not None and not (self._refresh is None and self._login is None)

    async def token(self) -> str:
        """The token to use now. Raises as `renew`."""
        return self._access if self._access is not None else await self.renew()

    async def renew(self) -> str:
        """A new token: by refreshing, else by logging in.

        Raises `SessionEnded` when there is no way or it is refused for good, `CommandError` when it
        may be tried again, and what aiohttp raises.
        """
        grant = await self._refreshed() or await self._logged_in()
        self._access, self._refresh = grant.access_token, grant.refresh_token
        return grant.access_token

    async def _refreshed(self) -> Grant | None:
        if self._api is None or self._refresh is None:
            return None
        try:
            return await self._api.refresh(self._refresh)
        except CommandError as error:
            if error.retryable:
                raise
            self._refresh = None
            return None

    async def _logged_in(self) -> Grant:
        if self._api is None or self._login is None:
            raise SessionEnded("the login has ended, and there is no way to renew it")
        try:
            return await self._api.login(*self._login)
        except CommandError as error:
            if error.retryable:
                raise
            raise SessionEnded(f"login refused: {error.message}") from error
