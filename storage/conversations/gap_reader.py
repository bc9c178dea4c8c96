"""What a process has missed of conversations, read from PostgreSQL in bulk."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import NamedTuple
from uuid import UUID

import asyncpg

from protocol.objects import Conversation, Message
from storage.conversations.reader import shared_conversation
from storage.database.bounded import database_within
from storage.database.queries import load_queries
from storage.messages.reader import READ_S, MessageRows

_SQL = load_queries("conversations/gap_reader")
_CHANGES = load_queries("conversations/sync")["changes"]
_SHARED = load_queries("conversations/reader")["shared"]

MESSAGES_MAX = 200
"""Changed messages of one gap; a longer one is for `sync`."""


class Departed(NamedTuple):
    """Somebody who has left a conversation, at a rev."""

    rev: int
    role: str
    display_name: str
    joined_rev: int
    """The rev of coming in last before that."""


class Missed(NamedTuple):
    """A conversation as it stands, and what happened to it after a rev."""

    conversation: Conversation
    messages: list[Message] | None
    """Those that changed; None if they are too many."""
    departed: Mapping[str, Departed]
    """By user id, who left it and is not in it again."""
    arrived: Mapping[str, int]
    """By user id, who came in and is in it, with the rev of that."""

    def came_after(self, user_id: str, rev: int) -> int:
        """The rev at which somebody came in after `rev`; 0 for who was in it before."""
        arrived = self.arrived.get(user_id, 0)
        return arrived if arrived > rev else 0

    def left_after(self, user_id: str, rev: int) -> bool:
        """Whether somebody who was in it at `rev` left after that, and came in no more."""
        left = self.departed.get(user_id)
        return left is not None and left.joined_rev <= rev < left.rev


class GapReader:
    """Raises `RequestError` (`unavailable`) when PostgreSQL does not answer in time."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", rows: MessageRows) -> None:
        self._pool = pool
        self._rows = rows

    async def revs(self, conversation_ids: Collection[UUID]) -> dict[UUID, int]:
        """Where these conversations stand."""
        async with database_within(READ_S):
            rows = await self._pool.fetch(_SQL["revs"], list(conversation_ids))
        return {row["id"]: row["rev"] for row in rows}

    async def large_of(self, user_id: UUID) -> dict[str, int]:
        """The conversations of a user that have a channel of their own, each with its rev."""
        async with database_within(READ_S):
            rows = await self._pool.fetch(_SQL["large_of"], user_id)
        return {str(row["id"]): row["rev"] for row in rows}

    async def missed(self, held: Mapping[UUID, int]) -> dict[UUID, Missed]:
        """What changed in conversations after the rev held of each: one snapshot."""
        async with (
            database_within(READ_S),
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            heads = await connection.fetch(_SQL["revs"], list(held))
            changed = [row for row in heads if row["last_seq"]]
            rows = await connection.fetch(
                _CHANGES,
                [row["id"] for row in changed],
                [held[row["id"]] for row in changed],
                # A message takes a rev, so that no more than these can be new.
                [max(row["last_seq"] - max(row["rev"] - held[row["id"]], 0), 0) for row in changed],
                MESSAGES_MAX + 1,
            )
            shared = await connection.fetch(_SHARED, list(held))
            moved = await connection.fetch(_SQL["moved"], list(held), list(held.values()))
        messages: dict[UUID, list[asyncpg.Record]] = defaultdict(list)
        for row in rows:
            messages[row["conversation_id"]].append(row)
        departed: dict[UUID, dict[str, Departed]] = defaultdict(dict)
        arrived: dict[UUID, dict[str, int]] = defaultdict(dict)
        for row in moved:
            conversation_id, user_id = row["conversation_id"], str(row["user_id"])
            if row["left_rev"] is None:
                arrived[conversation_id][user_id] = row["joined_rev"]
            else:
                about = (row["left_rev"], row["role"], row["display_name"], row["joined_rev"])
                one = Departed(*about)
                departed[conversation_id][user_id] = one
        return {
            row["c_id"]: Missed(
                shared_conversation(row, self._rows),
                self._messages(messages[row["c_id"]]),
                departed[row["c_id"]],
                arrived[row["c_id"]],
            )
            for row in shared
        }

    def _messages(self, rows: list[asyncpg.Record]) -> list[Message] | None:
        return None if len(rows) > MESSAGES_MAX else self._rows.messages(rows)
