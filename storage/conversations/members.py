"""Conversations and who is in them: creation, title and status, settings, joining and leaving."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

import asyncpg
import msgspec

from protocol.errors import RequestError
from storage.database.change_call import ChangeCalls
from storage.database.queries import load_queries
from storage.database.verdicts import raise_for

_SQL = load_queries("conversations/members")

USER_FANOUT = 32
"""Up to so many people, events go to each one's channel; beyond, to the conversation's."""


class NewConversation(msgspec.Struct, frozen=True):
    """What a creation stores. `others` are the participants besides the creator, each once.

    `request_hash` tells whether a repeated `client_id` comes with the same request.
    """

    creator_id: UUID
    type: str
    others: Sequence[UUID]
    title: str | None
    job_id: UUID | None
    contract_id: UUID | None
    client_id: UUID | None
    request_hash: bytes


class Created(NamedTuple):
    """The id of a conversation, and whether its `client_id` had made it before."""

    conversation_id: UUID
    is_repeat: bool


class NewSettings(msgspec.Struct, frozen=True):
    """A member's own view of a conversation; None keeps what is."""

    is_muted: bool | None
    is_archived: bool | None
    is_pinned: bool | None


class ConversationChanges:
    """Each change is durable when its method returns; what is so already succeeds.

    Every method raises `RequestError`: `not_found` for what the user may not see, `forbidden`,
    `conversation_closed`, `blocked`, `conflict` for a limit, `unavailable` when the conversation
    stays locked.

    `max_direct_a_day`: the strangers that one person may reach in a day, by whatever conversation.
    """

    def __init__(self, calls: ChangeCalls, *, max_participants: int, max_direct_a_day: int) -> None:
        self._calls = calls
        self._max_participants = max_participants
        self._max_strangers = max_direct_a_day

    async def create(self, new: NewConversation) -> Created:
        """A new conversation, the pair's direct one, or what `client_id` made.

        Raises `duplicate_mismatch` for a `client_id` used with another request, `rate_limited`
        for too many strangers in a day, and `validation_failed` or `not_found` for people, a job
        or a contract that the conversation cannot have.
        """
        row = await self._calls.row(
            _SQL["create"],
            new.type,
            new.creator_id,
            new.others,
            new.title,
            new.job_id,
            new.contract_id,
            new.client_id,
            new.request_hash,
            self._max_participants,
            self._max_strangers,
            USER_FANOUT,
            self._calls.lock_timeout_ms,
        )
        self._accept_reaching(row, "participant_ids")
        return Created(row["conversation_id"], row["verdict"] == "repeat")

    async def update(
        self,
        conversation_id: UUID,
        user_id: UUID,
        title: str | msgspec.UnsetType | None,
        status: str | None,
    ) -> None:
        """An owner sets the title (None takes it away, UNSET keeps it) and the status."""
        is_set = title is not msgspec.UNSET
        await self._change(
            "update", conversation_id, user_id, is_set, title if is_set else None, status
        )

    async def set_settings(
        self, conversation_id: UUID, user_id: UUID, settings: NewSettings
    ) -> None:
        """A member sets what concerns only that member's own view."""
        await self._change(
            "settings",
            conversation_id,
            user_id,
            settings.is_muted,
            settings.is_archived,
            settings.is_pinned,
        )

    async def add_member(self, conversation_id: UUID, owner_id: UUID, user_id: UUID) -> None:
        """An owner takes `user_id` in; `not_found` (user) when there is no such active account.

        Raises `rate_limited` as `create` does.
        """
        row = await self._calls.row(
            _SQL["add_member"],
            conversation_id,
            owner_id,
            user_id,
            self._max_participants,
            USER_FANOUT,
            self._max_strangers,
            self._calls.lock_timeout_ms,
        )
        self._accept_reaching(row, "user_id")

    async def remove_member(self, conversation_id: UUID, owner_id: UUID, user_id: UUID) -> None:
        """An owner puts `user_id` out; `not_found` (user) for one who never was a member."""
        await self._change("remove_member", conversation_id, owner_id, user_id)

    async def leave(self, conversation_id: UUID, user_id: UUID) -> None:
        """A member goes; after the last owner, the member of the longest standing is owner."""
        await self._change("leave", conversation_id, user_id)

    async def _change(
        self, query: str, conversation_id: UUID, user_id: UUID, *arguments: object
    ) -> None:
        row = await self._calls.row(
            _SQL[query], conversation_id, user_id, *arguments, self._calls.lock_timeout_ms
        )
        self._accept(row["verdict"])

    def _accept_reaching(self, row: asyncpg.Record, path: str) -> None:
        if row["verdict"] == "rate_limited":
            raise RequestError.rate_limited("people written to first", row["retry_after_s"])
        if row["verdict"] == "too_many_strangers":
            most = self._max_strangers
            reason = f"at most {most} people with whom there is no conversation yet"
            raise RequestError.invalid(path, reason, limit=most)
        self._accept(row["verdict"])

    def _accept(self, verdict: str) -> None:
        raise_for(verdict, limit=self._max_participants)
