"""Reading messages: rows of `shown_messages` as wire objects, by reference, range and thread."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import asyncpg
import msgspec
from msgspec import UNSET

from protocol.emoji import shown
from protocol.files import thumbnail_url
from protocol.limits import Limits
from protocol.objects import Attachment, Message, SystemText
from protocol.text import Id, created_at_of, format_time, optional_id, optional_time, seq_of
from storage.database.bounded import database_within
from storage.database.queries import load_queries

_SQL = load_queries("messages/reader")

READ_S = 5.0
"""How long one read may take, waiting for a connection included."""

FileLinks = Callable[[UUID], tuple[str, str]]
"""The signed address of a file and the time until which it works."""

MessageRef = tuple[UUID, int]
"""A conversation and the seq of a message in it."""


class _File(msgspec.Struct):
    file_id: UUID
    name: str
    mime: str
    bytes: int
    width: int | None
    height: int | None


_decode_files = msgspec.json.Decoder(list[_File]).decode
_decode_system = msgspec.json.Decoder(SystemText).decode
_decode_reactions = msgspec.json.Decoder(list[tuple[str, int, list[Id]]]).decode


class MessageRows:
    """Makes messages of rows that hold the columns of `shown_messages`."""

    def __init__(self, links: FileLinks, limits: Limits) -> None:
        self._links = links
        self._emoji_users = limits.emoji_users_shown

    def message(self, row: asyncpg.Record) -> Message:
        """The message of one row."""
        files, reactions, system = row["attachments"], row["reactions"], row["system"]
        counted = _decode_reactions(reactions) if reactions else ()
        return Message(
            id=str(row["id"]),
            conversation_id=str(row["conversation_id"]),
            seq=row["seq"],
            rev=row["rev"],
            sender_id=str(row["sender_id"]),
            client_id=str(row["client_id"]),
            type=row["type"],
            content=row["content"],
            created_at=format_time(row["created_at"]),
            attachments=[self._attachment(file) for file in _decode_files(files)] if files else [],
            parent_id=optional_id(row["parent_id"]),
            reply_count=row["reply_count"],
            last_reply_at=optional_time(row["last_reply_at"]),
            mentions=[str(user_id) for user_id in row["mentions"] or ()],
            reactions={shown(emoji): users[: self._emoji_users] for emoji, _, users in counted},
            reaction_counts={shown(emoji): total for emoji, total, _ in counted},
            is_pinned=row["is_pinned"],
            is_deleted=row["is_deleted"],
            edited_at=optional_time(row["edited_at"]),
            system=_decode_system(system) if system else UNSET,
        )

    def messages(self, rows: Iterable[asyncpg.Record]) -> list[Message]:
        """The messages of many rows, in their order."""
        return [self.message(row) for row in rows]

    def _attachment(self, file: _File) -> Attachment:
        url, url_expires_at = self._links(file.file_id)
        return Attachment(
            file_id=str(file.file_id),
            name=file.name,
            mime=file.mime,
            bytes=file.bytes,
            url=url,
            url_expires_at=url_expires_at,
            width=file.width,
            height=file.height,
            thumbnail_url=thumbnail_url(url, file.mime),
        )


class MessageReader:
    """Messages as they are now. Whether the caller may see them is decided before.

    Every method raises `RequestError` (`unavailable`) when PostgreSQL does not answer in time.
    """

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", rows: MessageRows) -> None:
        self._pool = pool
        self._rows = rows

    async def by_refs(self, refs: Sequence[MessageRef]) -> dict[MessageRef, Message]:
        """The messages of many conversations at once, tombstones too; unknown ones are absent."""
        async with database_within(READ_S):
            rows = await self._pool.fetch(
                _SQL["by_refs"],
                [conversation_id for conversation_id, _ in refs],
                [seq for _, seq in refs],
            )
        return {(row["conversation_id"], row["seq"]): self._rows.message(row) for row in rows}

    async def get(self, conversation_id: UUID, message_id: UUID) -> Message | None:
        """One message of a conversation, or None."""
        async with database_within(READ_S):
            row = await self._pool.fetchrow(
                _SQL["by_id"],
                conversation_id,
                seq_of(message_id),
                created_at_of(message_id),
                message_id,
            )
        return None if row is None else self._rows.message(row)

    async def range(self, conversation_id: UUID, first: int, last: int) -> list[Message]:
        """The messages from seq `first` to `last`, both included, ascending."""
        if first > last:
            return []
        async with database_within(READ_S):
            rows = await self._pool.fetch(_SQL["range"], conversation_id, first, last)
        return self._rows.messages(rows)

    async def thread(
        self, conversation_id: UUID, parent_id: UUID, before_seq: int, limit: int
    ) -> list[Message]:
        """The newest `limit` replies to a message below `before_seq`, ascending."""
        async with database_within(READ_S):
            rows = await self._pool.fetch(
                _SQL["thread"],
                conversation_id,
                parent_id,
                created_at_of(parent_id),
                before_seq,
                seq_of(parent_id),
                limit,
            )
        return self._rows.messages(reversed(rows))
