"""The check of the ledger finds each thing that can be wrong, for the server and an operator."""

import datetime as dt

import pytest

from server.telemetry.metrics import Metrics
from server.workflows.ledger_upkeep import LedgerUpkeep
from storage.ledger import checking
from tests.program import parley

WRONG = {
    "journals": "update journal_lines set amount = amount + 1 where line = 1",
    "all_lines": "update journal_lines set amount = amount + 1 where line = 1",
    "balances": "update ledger_accounts set balance = balance + 1 where kind = 'pending'",
    "currencies": "update ledger_accounts set currency = 'EUR' where kind = 'fee'",
    "lots": "update ledger_lots set amount = amount - 1",
    "lots_elsewhere": "update ledger_accounts set kind = 'pending' where kind = 'wallet_funded'",
    "escrows": "update escrows set held_amount = held_amount + 1, total_amount = total_amount + 1",
    "ended": "update contracts set status = 'cancelled'",
    "releases": "update releases set status = 'cleared'",
    "release_lots": "update release_lots set returned = 1",
    "withdrawing": "insert into withdrawals (user_id, amount, currency)"
    " select id, 5, 'USD' from users limit 1",
    "days": "update ledger_daily set amount = amount + 1 where kind = 'fee'",
    "frozen": "update releases set status = 'frozen', created_at = created_at - interval '46 days'",
}
"""Something of each kind that no server does."""


@pytest.fixture
async def used(books):
    """Books with money everywhere, and their first day summed."""
    await books.top_up(600, 18)
    await books.fund(300)
    await books.fund(200, 1)
    await books.release(300, 30)
    await checking.close_days(books.connection, books.now + dt.timedelta(days=1))
    assert await books.findings() == []
    return books


def test_all_that_is_compared_can_be_wrong():
    assert set(WRONG) == set(checking.CHECKS)


@pytest.mark.parametrize("check", WRONG)
async def test_what_is_wrong_is_found(used, check):
    await used.connection.execute("set session_replication_role = replica")
    await used.connection.execute(WRONG[check])
    found = await used.findings()
    assert check in {line.split(":")[0] for line in found}


async def test_days_are_summed_once_they_are_over(books):
    await books.top_up(100, 3)
    assert await checking.close_days(books.connection, books.now) == 0
    later = books.now + dt.timedelta(days=1)
    assert await checking.close_days(books.connection, later) == 2
    await books.top_up(50, 2)
    assert len(await books.findings()) == 2  # committed after its day was summed
    assert await checking.close_days(books.connection, later + dt.timedelta(days=1)) == 2
    rows = await books.connection.fetch("select kind, amount from ledger_daily order by kind")
    assert [tuple(row) for row in rows] == [("cash", -155), ("fee", 5)]
    assert await books.findings() == []


async def test_a_night_sums_checks_and_tells(used, database_url):
    metrics = Metrics()
    upkeep = LedgerUpkeep(database_url, metrics.ledger_found)
    assert await upkeep.once() == []
    await used.connection.execute("update ledger_lots set amount = amount - 1")
    found = await upkeep.once() or []
    assert {one.check for one in found} == {"lots"}
    value = metrics.registry.get_sample_value
    assert value("parley_ledger_findings", {"check": "lots"}) == len(found)
    assert value("parley_ledger_findings", {"check": "escrows"}) == 0
    assert await checking.take_turn(used.connection)
    assert await upkeep.once() is None


async def test_an_operator_is_told_a_line_for_each(used, database_url, data_dir):
    named = {"PARLEY_DATABASE_URL": database_url}
    clean = await parley("ledger", "check", data_dir=data_dir, **named)
    assert (clean.code, clean.output) == (0, "the ledger is clean\n")
    await used.connection.execute("update ledger_lots set amount = amount - 1")
    told = await parley("ledger", "check", data_dir=data_dir, **named)
    assert told.code == 1
    assert len([line for line in told.complaint.splitlines() if line.startswith("lots: ")]) == 2
