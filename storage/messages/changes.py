"""Changes of messages after they were sent: edit, deletion, pins, reactions."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from protocol.emoji import shown
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.database.verdicts import raise_for

_SQL = load_queries("messages/changes")


class Target(NamedTuple):
    """Who changes which message."""

    user_id: UUID
    conversation_id: UUID
    message_id: UUID


class MessageChanges:
    """Each change is durable when its method returns the message's seq.

    What is so already is no change and succeeds. Every method raises `RequestError`: `not_found`
    for what the user may not see, `forbidden`, `conversation_closed`, `blocked`, `conflict` for a
    tombstone or a limit, `unavailable` when the conversation stays locked.
    """

    def __init__(self, calls: ChangeCalls) -> None:
        self._calls = calls

    async def edit(self, target: Target, content: str) -> int:
        """Replace the content of the user's own message."""
        return await self._change("edit", target, content)

    async def delete(self, target: Target) -> int:
        """Make a message a tombstone: the user's own, or anyone's for the owner of a group."""
        return await self._change("delete", target)

    async def pin(self, target: Target, max_pins: int) -> int:
        """Pin a message for everyone; a conversation has at most `max_pins`."""
        return await self._change("pin", target, max_pins, limits={"too_many_pins": max_pins})

    async def unpin(self, target: Target) -> int:
        """Take the pin of a message away."""
        return await self._change("unpin", target)

    async def react(self, target: Target, emoji: str, *, max_emojis: int, max_own: int) -> int:
        """Add the user's reaction, which is kept in its qualified spelling.

        A message has at most `max_emojis` different ones, `max_own` of one user.
        """
        limits = {"too_many_emojis": max_emojis, "too_many_own_emojis": max_own}
        return await self._change("react", target, shown(emoji), max_emojis, max_own, limits=limits)

    async def unreact(self, target: Target, emoji: str) -> int:
        """Take the user's reaction away, however it is spelt."""
        return await self._change("unreact", target, emoji)

    async def _change(
        self,
        query: str,
        target: Target,
        *arguments: object,
        limits: Mapping[str, int] = MappingProxyType({}),
    ) -> int:
        row = await self._calls.row(
            _SQL[query],
            target.conversation_id,
            target.user_id,
            target.message_id,
            *arguments,
            self._calls.lock_timeout_ms,
        )
        raise_for(row["verdict"], limit=limits.get(row["verdict"]))
        seq: int = row["seq"]
        return seq
