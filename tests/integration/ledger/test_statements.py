"""Statements by month, over HTTP: by number, as JSON and as a table, one's own and for staff."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from storage.ledger import postings
from storage.ledger.accounts import for_deposit
from storage.ledger.booking import About
from storage.ledger.postings.deposits import Deposit, deposit
from storage.ledger.postings.platform import reverse
from storage.ledger.statements import KINDS
from tests.integration.ledger.books import Books


@pytest.fixture
async def anna(app, connection, books):
    """Anna has deposited in one month, and funded and got back in the one after it."""
    (anna,) = await app.people("anna")
    books.anna = anna.id
    await connection.execute("set session_replication_role = replica")
    await connection.execute("update contracts set client_id = $1", anna.id)
    await connection.execute("set session_replication_role = origin")
    this = books.now.replace(day=15)
    books.now = this
    await books.top_up(500, 15)
    books.now = this + dt.timedelta(days=31)
    await books.fund(300)
    return anna


async def of(app, person, query):
    answer = await app.http("GET", f"/v1/wallets/statement?{query}", person)
    return answer.status, answer.body


def month(books: Books, ahead: int = 0) -> str:
    """A month as it is asked for."""
    return (books.now + dt.timedelta(days=31 * ahead)).strftime("%Y-%m")


async def test_a_month_opens_with_what_there_was_and_closes_with_what_there_is(app, books, anna):
    status, first = await of(app, anna, f"currency=USD&month={month(books, -1)}")
    assert status == 200
    assert first["user_id"] == str(anna.id)
    assert first["opening"] == dict.fromkeys(first["opening"], "0.00")
    (entry,) = first["entries"]
    assert (entry["kind"], entry["funded"], entry["earned"]) == ("deposit", "500.00", "0.00")
    assert entry["at"] == (books.now - dt.timedelta(days=31)).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    _, second = await of(app, anna, f"currency=USD&month={month(books)}&user_id=me")
    assert second["opening"] == first["closing"]
    (entry,) = second["entries"]
    assert (entry["kind"], entry["funded"]) == ("fund", "-300.00")
    assert entry["milestone_id"] == str(books.milestones[0])
    assert second["closing"]["funded"] == "200.00"
    _, empty = await of(app, anna, f"currency=JPY&month={month(books)}")
    assert (empty["entries"], empty["closing"]["funded"]) == ([], "0")


async def test_it_is_a_table_too(app, books, anna):
    status, text = await of(app, anna, f"currency=USD&month={month(books)}&format=csv")
    assert status == 200
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    assert [(row["kind"], row["funded"]) for row in rows] == [
        ("opening", "500.00"),
        ("fund", "-300.00"),
        ("closing", "200.00"),
    ]


async def test_what_people_wrote_is_no_formula_in_a_table(app, books, anna):
    books.now -= dt.timedelta(seconds=1)
    captured = Deposit(
        await books.deposit_row(anna.id, 1), anna.id, "local", "r", Decimal(1), Decimal(0), "USD"
    )
    async with books.ledger(*for_deposit(anna.id, "USD")) as ledger:
        journal = deposit(ledger, captured, pays_debt=True)
    async with books.ledger() as ledger:
        await reverse(ledger, journal, About(description="=1+1"))
    _, text = await of(app, anna, f"currency=USD&month={month(books)}&format=csv")
    assert b",'=1+1," in text


async def test_others_may_not_ask_for_it_and_staff_may(app, books, anna):
    (ben,) = await app.people("ben")
    query = f"currency=USD&month={month(books)}&user_id={anna.id}"
    assert (await of(app, ben, query))[0] == 403
    assert (await of(app, None, query))[0] == 401
    await app.as_owner(f"update users set staff_role = 'support' where id = '{ben.id}'")
    status, body = await of(app, ben, query)
    assert (status, body["closing"]["funded"]) == (200, "200.00")
    query = f"currency=USD&month={month(books)}&user_id={uuid4()}"
    assert (await of(app, ben, query))[0] == 404


def test_every_kind_of_journal_is_told_of():
    sources = [path.read_text() for path in Path(postings.__file__).parent.glob("*.py")]
    booked = {k for s in sources for k in re.findall(r'ledger\.book\([^,]+, "(\w+)"', s)}
    assert booked - {"cost", "payout"} == KINDS.keys()


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "currency month"),
        ("currency=KWD&month=x&user_id=x&format=xml", "currency month format user_id"),
        ("month=2026-11", "currency"),
        ("currency=KWD&month=2026-11", "currency"),
        ("currency=USD", "month"),
        ("currency=USD&month=2026-13", "month"),
        ("currency=USD&month=2026-11&format=xml", "format"),
        ("currency=USD&month=2026-11&user_id=x", "user_id"),
        ("currency=USD&month=2026-11&whose=x", "whose"),
    ],
)
async def test_what_is_asked_wrongly_is_named(app, query, named):
    (anna,) = await app.people("anna")
    status, body = await of(app, anna, query)
    assert status == 422
    assert [fault["path"] for fault in body["errors"]] == named.split()
    missing = {fault["path"] for fault in body["errors"] if fault["code"] == "required"}
    assert missing == {"currency", "month"} - {part.split("=")[0] for part in query.split("&")}
