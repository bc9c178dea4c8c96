"""Conversations put straight into the tables, for tests of reading: no writer takes part."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg

START = datetime(2026, 11, 1, 12, tzinfo=UTC)


@dataclass
class Seeded:
    """A conversation in the database and where its numbers have got to."""

    id: UUID
    members: list[UUID]
    last_seq: int = 0
    rev: int = 1
    at: datetime = START
    ids: dict[int, UUID] = field(default_factory=dict)
    times: dict[int, datetime] = field(default_factory=dict)


class Seeder:
    """Writes what the functions of the schema would, one thing at a time."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def user(self, name: str = "somebody") -> UUID:
        user_id: UUID = await self.connection.fetchval(
            "insert into users (display_name, kind) values ($1, 'both') returning id", name
        )
        return user_id

    async def conversation(
        self, *members: UUID, kind: str = "group", created_at: datetime = START
    ) -> Seeded:
        conversation_id = await self.connection.fetchval(
            """
            insert into conversations (type, title, created_by, participant_count, created_at,
                                       direct_key)
            values ($1, 'Title', $2, $3, $4, case when $1 = 'direct' then $5::text end)
            returning id
            """,
            kind,
            members[0],
            len(members),
            created_at,
            str(uuid4()),
        )
        await self.connection.executemany(
            """
            insert into conversation_participants (conversation_id, user_id, role)
            values ($1, $2, $3)
            """,
            [
                (conversation_id, member, "owner" if member == members[0] else "member")
                for member in members
            ],
        )
        return Seeded(conversation_id, list(members), at=created_at)

    async def message(
        self,
        to: Seeded,
        content: str = "hello",
        *,
        sender: UUID | None = None,
        at: datetime | None = None,
        parent_seq: int | None = None,
    ) -> int:
        """Returns the seq; a reply moves its parent to its own rev."""
        at = max(at or to.at + timedelta(seconds=1), to.at)
        month = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        opens = to.last_seq == 0 or month > to.times[to.last_seq]
        if opens:
            await self.connection.execute("select ensure_message_month($1)", month)
            await self.connection.execute(
                """
                update conversation_months set max_rev = $2
                where conversation_id = $1 and max_rev is null
                """,
                to.id,
                to.rev,
            )
            await self.connection.execute(
                "insert into conversation_months values ($1, $2, $3)", to.id, month, to.last_seq + 1
            )
        to.last_seq, to.rev, to.at = to.last_seq + 1, to.rev + 1, at
        to.times[to.last_seq] = at
        to.ids[to.last_seq] = await self.connection.fetchval(
            """
            insert into messages (conversation_id, seq, rev, id, sender_id, client_id, type,
                                  content, parent_id, created_at)
            values ($1, $2, $3, uuid7_at($4, $2), $5, gen_random_uuid(), 'text', $6, $7, $4)
            returning id
            """,
            to.id,
            to.last_seq,
            to.rev,
            at,
            sender or to.members[0],
            content,
            to.ids[parent_seq] if parent_seq else None,
        )
        await self._keep(to)
        if parent_seq:
            await self._touch(
                to, parent_seq, "reply_count = reply_count + 1, last_reply_at = $4", at
            )
        return to.last_seq

    async def edit(self, to: Seeded, seq: int, content: str) -> None:
        to.rev += 1
        await self._keep(to)
        await self._touch(to, seq, "content = $4, edited_at = now()", content)

    async def delete(self, to: Seeded, seq: int) -> None:
        to.rev += 1
        await self._keep(to)
        await self._touch(to, seq, "content = null, is_deleted = true")
        await self.connection.execute("insert into message_tombstones values ($1, $2)", to.id, seq)

    async def react(self, to: Seeded, seq: int, emoji: str, user_id: UUID) -> None:
        to.rev += 1
        await self._keep(to)
        await self.connection.execute(
            "insert into message_reactions values ($1, $2, $3, $4)", to.id, seq, emoji, user_id
        )
        await self._touch(to, seq, "reaction_count = reaction_count + 1")

    async def attach(self, to: Seeded, seq: int, *names: str) -> list[UUID]:
        file_ids = []
        for position, name in enumerate(names):
            file_id = await self.connection.fetchval(
                """
                insert into files (owner_id, name, mime, bytes, checksum)
                values ($1, $2, 'image/png', 5, '') returning id
                """,
                to.members[0],
                name,
            )
            await self.connection.execute(
                "insert into message_attachments values ($1, $2, $3, $4)",
                to.id,
                seq,
                position,
                file_id,
            )
            file_ids.append(file_id)
        await self.connection.execute(
            "update messages set attachment_count = $3 where conversation_id = $1 and seq = $2",
            to.id,
            seq,
            len(names),
        )
        return file_ids

    async def change_member(self, to: Seeded, user_id: UUID, assignment: str) -> None:
        """`assignment`: SQL over conversation_participants, as `is_muted = true`."""
        await self.connection.execute(
            f"update conversation_participants set {assignment} "
            "where conversation_id = $1 and user_id = $2",
            to.id,
            user_id,
        )

    async def read(self, to: Seeded, user_id: UUID, seq: int) -> None:
        await self.change_member(to, user_id, f"last_read_seq = {seq}, last_delivered_seq = {seq}")

    async def _keep(self, to: Seeded) -> None:
        await self.connection.execute(
            "update conversations set last_seq = $2, rev = $3, last_message_at = $4 where id = $1",
            to.id,
            to.last_seq,
            to.rev,
            to.times.get(to.last_seq),
        )

    async def _touch(self, to: Seeded, seq: int, assignment: str, *values: object) -> None:
        await self.connection.execute(
            f"""
            update messages set rev = $3, is_changed = true, {assignment}
            where conversation_id = $1 and seq = $2
            """,
            to.id,
            seq,
            to.rev,
            *values,
        )
        await self.connection.execute(
            """
            update conversation_months set max_rev = greatest(max_rev, $3)
            where conversation_id = $1 and month = date_trunc('month', $2::timestamptz, 'UTC')
              and max_rev is not null
            """,
            to.id,
            to.times[seq],
            to.rev,
        )
