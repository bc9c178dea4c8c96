"""The group functions and those of the version before: what one stores, the other stores too.

Each group is stored by one, looked at and rolled back, then stored by the other.
"""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from storage.messages.receipts import RECEIPTS_SQL
from storage.messages.writer import SEND_SQL
from tests.seeding import Seeded, Seeder

NOW_SQL = SEND_SQL.replace(", follows", "")
BEFORE_SQL = NOW_SQL.replace("commit_group", "commit_messages")
# As the released version asks; the function that it calls is the one of today.
RECEIPTS_BEFORE_SQL = """
SELECT ord, verdict, read_seq, delivered_seq, read_moved,
       delivered_moved, unread, recipients, outbox_id
FROM move_watermarks($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::uuid, $6::bigint[])
"""
PEOPLE = 40

STORED = {
    "messages": "SELECT conversation_id, seq, rev, uuid7_seq(id), uuid7_time(id) = created_at, "
    "sender_id, client_id, type, content, parent_id, mentions, attachment_count, reply_count, "
    "is_changed, last_reply_at IS NULL FROM messages ORDER BY conversation_id, seq",
    "keys": "SELECT conversation_id, sender_id, client_id, seq, request_hash FROM message_keys "
    "ORDER BY client_id, conversation_id, sender_id",
    "conversations": "SELECT id, last_seq, rev, last_message_at > now() - interval '1 day' "
    "FROM conversations ORDER BY id",
    "members": "SELECT conversation_id, user_id, last_read_seq, last_delivered_seq, has_written, "
    "archived_seq, is_archived FROM conversation_participants ORDER BY conversation_id, user_id",
    "months": "SELECT * FROM conversation_months ORDER BY conversation_id, month",
    "attachments": "SELECT * FROM message_attachments ORDER BY conversation_id, seq, position",
    "outbox": "SELECT consumer, kind, owner, conversation_ids, seqs, revs, "
    "extract(epoch FROM available_at - created_at) > 1 FROM outbox "
    "WHERE consumer NOT IN ('search', 'message_runs') AND kind <> 'receipt' ORDER BY consumer",
    "receipts": "SELECT owner, extract(epoch FROM available_at - created_at) > 1, n.* FROM outbox, "
    "ROWS FROM (unnest(conversation_ids), unnest(user_ids), unnest(seqs), "
    "jsonb_array_elements(data->'read')) AS n(conversation_id, user_id, seq, read) "
    "WHERE kind = 'receipt' ORDER BY conversation_id, user_id",
    # A version may name every message, and only the last of a page is looked at.
    "words": "SELECT conversation_id, seq, owner, available_at <= clock_timestamp() "
    "FROM outbox, unnest(conversation_ids, seqs) AS n(conversation_id, seq) "
    "WHERE consumer = 'search' AND seq = last_seq_of(page_of(seq)) ORDER BY 1, 2",
}
RUNS_SQL = """
    SELECT o.kind, n.conversation_id, n.seq
    FROM outbox o, unnest(o.conversation_ids, o.seqs) AS n(conversation_id, seq)
    WHERE o.consumer = $1
"""
"""Of what the version before does not note (`message_runs`): who has not read is asked later."""
_RECIPIENTS = "(SELECT array_agg(u ORDER BY u) FROM unnest(recipients) u)"
ANSWERED = {
    # What a version answers, without what differs from call to call.
    "SELECT ord, verdict, id, seq, rev, created_at, mentions, recipients, fanout, outbox_id": (
        "SELECT ord, verdict, uuid7_seq(id), seq, rev, created_at IS NULL, mentions, "
        f"{_RECIPIENTS}, fanout, outbox_id IS NULL"
    ),
    "delivered_moved, unread, recipients, outbox_id": (
        f"delivered_moved, unread, {_RECIPIENTS}, outbox_id IS NULL"
    ),
}


@pytest.fixture
def connection(owner: asyncpg.Connection) -> asyncpg.Connection:
    """The owner's: months of long ago are made."""
    return owner


class Town:
    """Conversations of every kind, with what was said in them this month and the last."""

    def __init__(self, connection: asyncpg.Connection, seed: int) -> None:
        self._connection = connection
        self._random = random.Random(seed)
        self._people: list[UUID] = []
        self._places: list[Seeded] = []
        self._files: list[UUID] = []
        self._sent: list[tuple[UUID, UUID, UUID, bytes]] = []

    def _id(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    async def build(self) -> None:
        """Put it into the tables."""
        seeder = Seeder(self._connection)
        self._people = [await seeder.user(f"person {n}") for n in range(PEOPLE)]
        this_month = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        times = (this_month - timedelta(days=3), this_month + timedelta(milliseconds=7))
        for size in (2, 2, 2, 2, 3, 3, 5, PEOPLE, PEOPLE, PEOPLE):
            kind = "direct" if size == 2 else "group"
            place = await seeder.conversation(*self._people[:size], kind=kind, created_at=times[0])
            for at in times[: self._random.randint(0, 2)]:
                await seeder.message(place, sender=self._people[0], at=at)
            self._places.append(place)
        await self._connection.execute(
            "UPDATE conversations SET fanout = 'conversation', "
            "fanout_changed_at = (ARRAY[NULL, now(), now() - interval '45 s', "
            "now() - interval '1 h'])[1 + (abs(hashtext(id::text)) % 4)] "
            "WHERE participant_count > 32"
        )
        await self._connection.execute(
            "UPDATE conversations SET status = 'closed' WHERE id = $1", self._places[0].id
        )
        # One was written to by a clock that is ahead: what follows there has its time.
        await self._connection.execute(
            "UPDATE conversations SET last_message_at = "
            "date_trunc('milliseconds', now() + interval '1 hour') WHERE id = $1",
            self._places[4].id,
        )
        # And one has almost filled a page.
        await self._connection.execute(
            "UPDATE conversations SET last_seq = 29 WHERE id = $1", self._places[6].id
        )
        await self._connection.execute(
            "INSERT INTO user_blocks VALUES ($1, $2)", *self._random.sample(self._people[:2], 2)
        )
        for assignment in ("left_at = now()", "role = 'observer'"):
            for place in self._random.sample(self._places, 4):
                member = self._random.choice(place.members)
                await seeder.change_member(place, member, assignment)
        # Many have archived, some of them in the release before.
        await self._connection.execute(
            "UPDATE conversation_participants p SET is_archived = true, "
            "archived_seq = CASE WHEN hashtext(p.user_id::text) % 2 = 0 THEN c.last_seq END "
            "FROM conversations c "
            "WHERE c.id = p.conversation_id AND hashtext(p.user_id::text) % 3 = 0"
        )
        self._files = [
            await self._connection.fetchval(
                "INSERT INTO files (owner_id, name, mime, bytes, checksum, state) "
                "VALUES ($1, 'plan.pdf', 'application/pdf', 5, '\\x00', $2) RETURNING id",
                owner,
                self._random.choice(["ready", "ready", "deleted"]),
            )
            for owner in self._people[:5]
        ]

    def group(self, size: int) -> list[list[Any] | None]:
        """The columns of a group, some of it repeated from groups before."""
        rows = {row[:3]: row for row in (self._row() for _ in range(size))}
        self._sent += [row[:4] for row in rows.values()]
        columns = [list(column) for column in zip(*rows.values(), strict=True)]
        return [
            *columns[:6],
            *(column if any(column) else None for column in columns[6:]),
        ]

    def _row(self) -> tuple[Any, ...]:
        choose = self._random
        place = choose.choice(self._places)
        sender = choose.choice(place.members if choose.random() < 0.9 else self._people)
        key = (place.id if choose.random() < 0.95 else self._id(), sender, self._id())
        asked = choose.randbytes(16)
        if self._sent and choose.random() < 0.2:
            conversation_id, sender, client_id, asked = choose.choice(self._sent)
            key = (conversation_id, sender, client_id)
            if choose.random() < 0.3:
                asked = choose.randbytes(16)
        parent = choose.choice([*place.ids.values(), self._id()]) if choose.random() < 0.2 else None
        mentions = self._some(self._people) if choose.random() < 0.2 else None
        files = self._some(self._files[:2]) if choose.random() < 0.2 else None
        content = f"message {choose.random()}"
        return (*key, asked, "text", content, parent, mentions, files)

    def receipts(self, size: int) -> list[list[Any]]:
        """The columns of a group of watermarks, some of them of strangers or beyond the end."""
        asked = {}
        for _ in range(size):
            place = self._random.choice(self._places)
            user = self._random.choice(self._random.choice([place.members, self._people]))
            seqs = self._random.choice([0, 1, 2, 5, 1000]), self._random.choice([0, 2, 6])
            asked[self._random.choice([place.id] * 9 + [self._id()]), user] = seqs
        return [
            [conversation_id for conversation_id, _user in asked],
            [user for _conversation, user in asked],
            [read for read, _delivered in asked.values()],
            [delivered for _read, delivered in asked.values()],
        ]

    def _some(self, ids: Sequence[UUID]) -> str:
        return "{" + ",".join(map(str, self._random.sample(ids, self._random.randint(1, 2)))) + "}"


async def stored_by(
    connection: asyncpg.Connection, sql: str, arguments: Sequence[object], *, keep: bool
) -> dict[str, list[tuple[Any, ...]]]:
    """What a group function answers, and the tables after it."""
    transaction = connection.transaction()
    await transaction.start()
    answers = sql
    for columns, compared in ANSWERED.items():
        answers = answers.replace(columns, compared)
    assert answers != sql
    found = {"answers": [tuple(row) for row in await connection.fetch(answers, *arguments)]}
    for name, query in STORED.items():
        found[name] = [tuple(row) for row in await connection.fetch(query)]
    await (transaction.commit() if keep else transaction.rollback())
    return found


async def asks_later_of_what_is_new(connection: asyncpg.Connection, *, is_new: bool) -> None:
    """Of a group that stored something one row, of the last message of each conversation."""
    told = await connection.fetch(RUNS_SQL, "realtime")
    latest: dict[UUID, int] = {}
    for _, conversation_id, seq in told:
        latest[conversation_id] = max(seq, latest.get(conversation_id, 0))
    assert bool(told) == is_new
    runs = await connection.fetch(RUNS_SQL, "message_runs")
    noted = [("message.created", *last) for last in latest.items()]
    assert sorted(tuple(row) for row in runs) == sorted(noted)


@pytest.mark.parametrize("seed", range(8))
async def test_a_group_is_stored_as_the_version_before_stores_it(
    connection: asyncpg.Connection, seed: int
) -> None:
    town = Town(connection, seed)
    await town.build()
    verdicts: set[str] = set()
    for size in (1, 20, 60, 60):
        owner = UUID(int=7) if seed % 2 else None
        group = [*town.group(size), owner, None, seed % 3 == 0, 500]
        before = await stored_by(connection, BEFORE_SQL, group, keep=False)
        now = await stored_by(connection, NOW_SQL, group, keep=True)
        for name, rows in before.items():
            assert now[name] == rows, name
        found = {row[1] for row in now["answers"]}
        await asks_later_of_what_is_new(connection, is_new="ok" in found)
        verdicts |= found
        await connection.execute("DELETE FROM outbox")
    assert verdicts >= {"ok", "repeat", "mismatch", "not_found", "invalid_parent"}


@pytest.mark.parametrize("seed", range(4))
async def test_watermarks_move_as_in_the_version_before(
    connection: asyncpg.Connection, seed: int
) -> None:
    town = Town(connection, seed)
    await town.build()
    await connection.execute(
        "UPDATE conversations SET last_seq = 7; "
        "INSERT INTO message_tombstones SELECT id, s FROM conversations, unnest('{1,3,7}'::int[]) s"
    )
    verdicts: set[str] = set()
    for size in (1, 20, 60):
        group = [*town.receipts(size), UUID(int=7), None]
        before = await stored_by(connection, RECEIPTS_BEFORE_SQL, group, keep=False)
        now = await stored_by(connection, RECEIPTS_SQL, group, keep=True)
        # In any order: who asked is found by `ord`.
        for found in (before, now):
            found["answers"].sort()
        assert now == before
        verdicts |= {row[1] for row in now["answers"]}
        await connection.execute("DELETE FROM outbox")
    assert verdicts == {"ok", "unchanged", "not_found"}
