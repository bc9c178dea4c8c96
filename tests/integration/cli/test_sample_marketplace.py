"""What `make run` begins with: contracts in every state, money, a dispute; made as in service."""

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from handlers.workflows.contracts.contract import CONTRACT
from server import seed as seeding
from server.seed import ACCOUNTS, STAFF, seed
from server.seed.acting import Acting
from storage.ledger import checking
from tests.app import Served
from tests.wire import WAIT_S


@pytest.fixture
async def connection(owner_database_url: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(owner_database_url, timeout=WAIT_S)
    yield connection
    await connection.close()


async def _rows(connection: asyncpg.Connection, query: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in await connection.fetch(query)]


async def test_there_is_one_of_each(database_url: str, connection: asyncpg.Connection) -> None:
    assert await seed(database_url)
    states = await _rows(connection, "select distinct status from contracts")
    assert {state for (state,) in states} == CONTRACT.states
    assert await _rows(connection, "select status, answered_at is null from disputes") == [
        ("open", False)
    ]
    reviews = await _rows(connection, "select status from reviews order by 1")
    assert reviews == [("pending",), ("published",), ("published",)]
    assert await _rows(connection, "select status from withdrawals") == [("paid",)]
    batches = await _rows(connection, "select status from payout_batches")
    assert batches == [("settled",)]
    wallets = await _rows(
        connection,
        "select p.email::text, funded::text, earned::text, pending::text from wallets w"
        " join user_private p using (user_id) order by 1",
    )
    client, editor, designer, studio = (account.email for account in ACCOUNTS)
    assert wallets == sorted([
        (client, "3520.00", "0.00", "0.00"), (editor, "0.00", "730.00", "0.00"),
        (designer, "0.00", "108.00", "0.00"), (studio, "410.00", "90.00", "0.00"),
    ])  # fmt: skip
    # It began in the past, and nothing of it is of the time to come.
    span = await connection.fetchrow("select min(created_at), max(created_at) from journals")
    assert span is not None
    assert timedelta(days=39) < span[1] - span[0] < timedelta(days=41)
    now = await checking.clock(connection)
    assert abs(now - await connection.fetchval("select now()")) < timedelta(minutes=1)
    assert await checking.find(connection, now) == []


async def test_a_second_start_changes_nothing(
    database_url: str, connection: asyncpg.Connection
) -> None:
    assert await seed(database_url)
    query = "select count(*), max(updated_at) from contracts"
    before = await _rows(connection, query)
    assert not await seed(database_url)
    assert await _rows(connection, query) == before


async def test_a_start_that_was_broken_off_leaves_no_clock_in_the_past(
    database_url: str, connection: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken_off(acting: Acting, *_: object) -> None:
        await acting.at(30)
        raise ConnectionError

    async def as_killed(_pool: object) -> None:
        pass

    ahead = "select ahead from workflow_clock"
    monkeypatch.setattr(seeding, "live", broken_off)
    with pytest.raises(ConnectionError):
        await seed(database_url)
    assert await connection.fetchval(ahead) == timedelta()
    await connection.execute("update workflow_clock set ahead = '-30 days'")
    assert not await seed(database_url)
    assert await connection.fetchval(ahead) == timedelta()
    await connection.execute("update workflow_clock set ahead = '30 days'")
    assert not await seed(database_url)
    assert await connection.fetchval(ahead) == timedelta(days=30)


async def test_staff_sees_the_dispute_and_its_parties_their_money(
    app: Served, database_url: str
) -> None:
    assert await seed(database_url)

    async def as_person(email: str) -> Mapping[str, str]:
        body = {"email": email, "password": STAFF.password}
        login = await app.http("POST", "/v1/auth/login", None, body)
        return {"Authorization": f"Bearer {login.body['access_token']}"}

    staff = await as_person(STAFF.email)
    disputes = (await app.http("GET", "/v1/disputes", headers=staff)).body["data"]
    assert [dispute["status"] for dispute in disputes] == ["open"]
    assert "resolve" in disputes[0]["available_actions"]
    client = await as_person(ACCOUNTS[0].email)
    [wallet] = (await app.http("GET", "/v1/wallets", headers=client)).body["data"]
    assert wallet["funded"] == "3520.00"
