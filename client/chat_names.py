"""The names of people, asked for once."""

import aiohttp

from client.chat_text import safe
from client.credentials import Credentials
from client.errors import ClientError
from client.http import Api
from protocol.text import Id


class Names:
    """People's display names; the end of the id for those whom the server does not name."""

    def __init__(self, api: Api, credentials: Credentials) -> None:
        self._api = api
        self._credentials = credentials
        self._known: dict[Id, str] = {}
        self.me: Id = ""

    def __call__(self, user_id: Id) -> str:
        """The name as shown."""
        if user_id == self.me:
            return "you"
        return self._known.get(user_id) or f"…{safe(user_id[-8:])}"

    async def learn(self, user_ids: list[Id]) -> None:
        """Asks for the names that are not known; whoever is not told keeps the id."""
        for user_id in user_ids:
            if user_id in self._known or user_id == self.me:
                continue
            try:
                user = await self._api.user(await self._credentials.token(), user_id)
                self._known[user_id] = safe(user.display_name)
            except (ClientError, aiohttp.ClientError, TimeoutError):
                self._known[user_id] = ""

    async def find(self, who: str) -> Id:
        """The id of a person named by e-mail address or id. Raises `CommandError`."""
        if "@" not in who:
            return who.lower()
        user = await self._api.find_user(await self._credentials.token(), who)
        self._known[user.id] = safe(user.display_name)
        return user.id
