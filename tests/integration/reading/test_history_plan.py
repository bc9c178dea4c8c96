"""A page of history asks the partitions that it needs and costs the same everywhere.

Held by EXPLAIN of the statements as the server prepares them: one generic plan, in which the
partitions are chosen while it runs.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from storage.database.postgres import connect
from storage.database.queries import load_queries
from tests.seeding import Seeder

MONTHS = 24
PER_MONTH = 300
FIRST = datetime(2024, 12, 1, tzinfo=UTC)


def month(number: int) -> datetime:
    """The beginning of the month `number` months after the first."""
    years, rest = divmod(FIRST.month - 1 + number, 12)
    return FIRST.replace(year=FIRST.year + years, month=rest + 1)


def partition(number: int) -> str:
    return f"messages_{month(number):%Y_%m}"


async def fill(connection: asyncpg.Connection, months: int, per_month: int) -> UUID:
    """A conversation whose messages are spread evenly over months; others stand beside it."""
    seeder = Seeder(connection)
    to = await seeder.conversation(await seeder.user(), created_at=FIRST)
    for number in range(months):
        await connection.execute("select ensure_message_month($1)", month(number))
        await connection.execute(
            """
            insert into messages (conversation_id, seq, rev, id, sender_id, client_id, type,
                                  content, created_at, is_changed)
            select $1, $2 + n, $2 + n + 1, uuid7_at(at, $2 + n), $4, gen_random_uuid(), 'text',
                   'message number ' || n, at, n % 100 = 0
            from generate_series(1, $3::bigint) n,
                 lateral (select $5::timestamptz + n * ($6::interval / $3) as time) exact,
                 lateral (select date_trunc('milliseconds', time) as at) t
            """,
            to.id,
            number * per_month,
            per_month,
            to.members[0],
            month(number),
            timedelta(days=27),
        )
        is_newest = number == months - 1
        await connection.execute(
            "insert into conversation_months values ($1, $2, $3, $4)",
            to.id,
            month(number),
            number * per_month + 1,
            None if is_newest else (number + 1) * per_month + 1,
        )
    last = months * per_month
    await connection.execute(
        """
        update conversations set last_seq = $2::bigint, rev = $2::bigint + 1, last_message_at = (
            select created_at from messages where conversation_id = $1 and seq = $2::bigint
        ) where id = $1
        """,
        to.id,
        last,
    )
    await connection.execute("vacuum analyze messages")
    return to.id


@dataclass(frozen=True)
class Explained:
    """What one execution did: which partitions it read, and how many pages of memory."""

    read: set[str]
    planned: set[str]
    buffers: int
    rows: int


async def explain(connection: asyncpg.Connection, query: str, *values: str) -> Explained:
    """EXPLAIN of a prepared statement with the settings of the server's connections.

    The statement runs before, so that only its own work is counted and not the catalogue's.
    """
    await connection.execute(f"prepare explained as {query}")
    call = f"execute explained({', '.join(values)})"
    try:
        await connection.execute(call)
        plan = msgspec.json.decode(
            await connection.fetchval(f"explain (analyze, buffers, format json) {call}")
        )[0]["Plan"]
    finally:
        await connection.execute("deallocate explained")
    nodes = list(walk(plan))
    scans = [node for node in nodes if str(node.get("Relation Name")).startswith("messages_")]
    return Explained(
        {node["Relation Name"] for node in scans if node["Actual Loops"] > 0},
        {node["Relation Name"] for node in scans},
        plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
        plan["Actual Rows"],
    )


def walk(node: dict[str, Any]) -> Any:
    yield node
    for child in node.get("Plans", ()):
        yield from walk(child)


@pytest.fixture
async def connection(owner_database_url):
    connection = await connect(owner_database_url, statement_timeout_ms=50_000)
    yield connection
    await connection.close()


@pytest.fixture
async def conversation_id(connection) -> UUID:
    return await fill(connection, MONTHS, PER_MONTH)


def sql(repository: str, name: str) -> str:
    return load_queries(repository)[name]


LAST = MONTHS * PER_MONTH


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (LAST - 49, LAST, [23]),
        (LAST // 2 + 101, LAST // 2 + 150, [12]),
        (5 * PER_MONTH - 24, 5 * PER_MONTH + 25, [4, 5]),
        (5 * PER_MONTH + 1, 5 * PER_MONTH + 50, [5]),
        (5 * PER_MONTH - 49, 5 * PER_MONTH, [4]),
        (1, 50, [0]),
        (1, PER_MONTH * 2 + 1, [0, 1, 2]),
    ],
)
async def test_a_page_reads_the_partitions_it_needs(
    connection, conversation_id, first, last, months
):
    page = await explain(
        connection, sql("messages/reader", "range"), f"'{conversation_id}'", str(first), str(last)
    )
    assert page.rows == last - first + 1
    assert page.read == {partition(number) for number in months}
    # The generic plan knows all of them: they are left out while it runs.
    assert len(page.planned) >= MONTHS


async def test_single_messages_read_one_partition(connection, conversation_id):
    row = await connection.fetchrow(
        "select id, created_at, seq from messages where conversation_id = $1 and seq = $2",
        conversation_id,
        7 * PER_MONTH + 5,
    )
    by_id = await explain(
        connection,
        sql("messages/reader", "by_id"),
        f"'{conversation_id}'",
        str(row["seq"]),
        f"'{row['created_at'].isoformat()}'",
        f"'{row['id']}'",
    )
    assert (by_id.rows, by_id.read) == (1, {partition(7)})
    by_ref = await explain(
        connection,
        sql("messages/reader", "by_refs"),
        f"array['{conversation_id}', '{conversation_id}']::uuid[]",
        f"array[{row['seq']}, {2 * PER_MONTH}]",
    )
    assert (by_ref.rows, by_ref.read) == (2, {partition(7), partition(1)})


async def test_a_thread_reads_from_its_first_to_its_last_month(connection, conversation_id):
    parent, *replies = await connection.fetch(
        "select id, created_at, seq from messages where conversation_id = $1 and seq = any ($2)",
        conversation_id,
        [4 * PER_MONTH + 7, 5 * PER_MONTH + 9, 6 * PER_MONTH + 9],
    )
    await connection.executemany(
        "update messages set parent_id = $3 where conversation_id = $1 and seq = $2",
        [(conversation_id, reply["seq"], parent["id"]) for reply in replies],
    )
    await connection.execute(
        "update messages set last_reply_at = $3 where conversation_id = $1 and seq = $2",
        conversation_id,
        parent["seq"],
        replies[-1]["created_at"],
    )

    async def thread(before_seq: int) -> Explained:
        return await explain(
            connection,
            sql("messages/reader", "thread"),
            f"'{conversation_id}'",
            f"'{parent['id']}'",
            f"'{parent['created_at'].isoformat()}'",
            str(before_seq),
            str(parent["seq"]),
            "50",
        )

    newest = await thread(LAST + 1)
    assert (newest.rows, newest.read) == (2, {partition(number) for number in (4, 5, 6)})
    older = await thread(replies[-1]["seq"])
    assert older.rows == 1
    older = await thread(5 * PER_MONTH + 1)
    assert (older.rows, older.read) == (0, {partition(4)})


async def test_a_conversation_reads_the_partition_of_its_last_message(connection, conversation_id):
    shared = await explain(
        connection, sql("conversations/reader", "shared"), f"array['{conversation_id}']::uuid[]"
    )
    assert (shared.rows, shared.read) == (1, {partition(23)})


async def test_sync_reads_the_partitions_that_hold_so_high_a_rev(connection, conversation_id):
    async def changes(held: int) -> Explained:
        above = LAST - min(LAST + 1 - held, 201)
        return await explain(
            connection,
            sql("conversations/sync", "changes"),
            f"array['{conversation_id}']::uuid[]",
            f"array[{held}]",
            f"array[{above}]",
            "201",
        )

    recent = await changes(LAST + 1 - 10)
    assert (recent.rows, recent.read) == (10, {partition(23)})
    # Three new messages, and an edit long ago.
    await connection.execute(
        "update messages set rev = $2, is_changed = true where conversation_id = $1 and seq = 1000",
        conversation_id,
        LAST + 1,
    )
    await connection.execute(
        "update conversation_months set max_rev = $3 where conversation_id = $1 and month = $2",
        conversation_id,
        month(3),
        LAST + 1,
    )
    edited = await changes(LAST - 2)
    assert (edited.rows, edited.read) == (4, {partition(23), partition(3)})


async def test_a_page_costs_the_same_at_both_ends_and_in_the_middle(connection):
    months, per_month = 10, 10_000
    conversation_id = await fill(connection, months, per_month)
    last = months * per_month
    costs = {}
    for first in (1, last // 2 + 4_001, last - 49):
        page = await explain(
            connection,
            sql("messages/reader", "range"),
            f"'{conversation_id}'",
            str(first),
            str(first + 49),
        )
        assert page.rows == 50
        costs[first] = page.buffers
    assert max(costs.values()) <= 24, costs
    assert max(costs.values()) - min(costs.values()) <= 4, costs
