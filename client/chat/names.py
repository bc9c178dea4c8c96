"""The names of people, as the conversations held tell them."""

from client.chat.text import safe
from client.state.client_state import ClientState
from protocol.objects import NOBODY
from protocol.text import Id


class Names:
    """People's display names; the end of the id for those whom no conversation names."""

    def __init__(self, state: ClientState) -> None:
        self._state = state
        self._known: dict[Id, str] = {}

    def __call__(self, user_id: Id) -> str:
        """The name as shown."""
        if user_id == self._state.me:
            return "you"
        if user_id == NOBODY:
            return "Parley"
        name = self._known.get(user_id) or self._find(user_id)
        return name or f"…{safe(user_id[-8:])}"

    def _find(self, user_id: Id) -> str:
        for held in self._state.conversations.values():
            member = held.participants.get(user_id)
            if member is not None and member.display_name:
                self._known[user_id] = safe(member.display_name)
                return self._known[user_id]
        return ""
