"""Amounts and their currencies: how they are shown, and which are refused, also at once."""

import asyncio
from typing import Any

import asyncpg
import pytest

from handlers.resources import RESOURCES
from protocol.money.currency import EXPONENTS
from storage.resources.kinds import CURRENCY
from tests.integration.resources import samples
from tests.integration.resources.world import uid
from tests.integration.resources.writing.test_guards import HELD, conflict, until_waiting

MONEY = {
    path: {name for name, field in resource.readable.items() if field.kind.is_money}
    for path, resource in RESOURCES.items()
}
WITHOUT = {"freelancer-earnings", "client-spending"}
"""Sums of all that somebody had, of whatever currency."""
PRICED = sorted(path for path, names in MONEY.items() if names and path not in WITHOUT)
OF_YEN = "must have at most the decimals of its currency: JPY has no decimals"


def refused(answer):
    """What is wrong, by its path."""
    assert (answer.status, answer.body["error"]["code"]) == (422, "validation_failed"), answer.body
    details = answer.body["error"]["details"]
    errors = details.get("errors") or [{"path": details["path"], "message": details["reason"]}]
    return {error["path"]: error["message"] for error in errors}


@pytest.fixture
async def in_yen(owner, world):
    """The world, all of whose amounts are whole, with yen for dollars, and an amount a row."""
    tables = await owner.fetch(
        "select table_name from information_schema.columns join information_schema.tables"
        " using (table_schema, table_name) where table_schema = current_schema()"
        " and column_name = 'currency' and table_type = 'BASE TABLE'"
    )
    async with owner.transaction():
        await owner.execute("set local session_replication_role = replica")
        for amounts in (
            "disputes set client_amount = 60, freelancer_amount = 40",
            "freelancer_profiles set hourly_rate = 50",
            "jobs set budget_min = 10, budget_max = 1000",
            "gigs set starting_price = 10",
        ):
            await owner.execute(f"update {amounts}")
        # There are tiers of yen already: only that of the world is one more.
        await owner.execute(
            "delete from fee_structure where currency <> 'JPY' and id <> $1", uid(68)
        )
        await owner.execute("update fee_structure set currency = 'JPY' where id = $1", uid(68))
        for (table,) in tables:
            if table != "fee_structure":
                await owner.execute(f"update {table} set currency = 'JPY'")
    return world


def test_every_amount_has_a_currency():
    for path in PRICED:
        resource = RESOURCES[path]
        if resource.priced_by is None:
            assert resource.named("currency").kind is CURRENCY, path
        else:
            (parent,) = (r for r in RESOURCES.values() if r.table == resource.priced_by.table)
            assert parent.named("currency").kind is CURRENCY, path
    assert {path for path, names in MONEY.items() if names} - set(PRICED) == WITHOUT


async def test_postgresql_knows_the_decimals_of_every_currency(owner, world):
    for currency, decimals in EXPONENTS.items():
        assert await owner.fetchval("select currency_decimals($1)", currency) == decimals


def amounts_in(path, row):
    shown = {name: row[name] for name in MONEY[path] if row.get(name) is not None}
    assert shown, f"{path} shows no amount"
    return shown


@pytest.mark.parametrize("path", PRICED)
async def test_yen_are_shown_without_decimals(in_yen, path):
    resource, dora = RESOURCES[path], in_yen.people["staff"]
    person = in_yen.people["owner"] if "get" not in resource.verbs else dora
    listed = await in_yen.app.http("GET", samples.listing(resource), person)
    assert listed.status == 200, listed.body
    rows = listed.body["data"]
    if "get" in resource.verbs:
        one = await in_yen.app.http("GET", samples.path(resource), dora)
        assert one.status == 200, one.body
        rows = [one.body, *rows]
    name = min(MONEY[path])
    alone = await in_yen.app.http("GET", f"{samples.listing(resource)}&fields={name}", person)
    assert alone.status == 200, alone.body
    for amounts in [amounts_in(path, row) for row in rows]:
        for amount in amounts.values():
            assert amount.lstrip("-").isdecimal(), amounts
    assert [row[name] for row in alone.body["data"]] == [row[name] for row in listed.body["data"]]


async def test_dollars_are_shown_with_two_decimals_and_yen_without_beside_them(owner, world):
    app, anna = world.app, world.people["owner"]
    await owner.execute("update contracts set currency = 'JPY' where id = $1", uid(44))
    milestones = f"/v1/milestones?contract_id={uid(44)}"
    (shown,) = (await app.http("GET", f"{milestones}&expand=contract", anna)).body["data"]
    assert (shown["amount"], shown["contract"]["total_amount"]) == ("100", "100")
    room = await app.http("GET", f"/v1/contracts/{uid(44)}?expand=milestones", anna)
    assert [one["amount"] for one in room.body["milestones"]["data"]] == ["100"]
    other = await app.http("GET", f"/v1/contracts/{uid(47)}", anna)
    assert other.body["total_amount"] == "10.00"


async def test_a_currency_that_is_not_taken_is_refused(world):
    app, anna = world.app, world.people["owner"]
    why = "{} is not taken, but USD, EUR, CNY, JPY, KRW are"
    for currency in ("KWD", "XXX"):
        body = {"currency": currency, "budget_min": "1.00"}
        answer = await app.http("PATCH", f"/v1/jobs/{uid(40)}", anna, body, **HELD)
        assert refused(answer) == {"currency": why.format(currency)}
    made = samples.creation(RESOURCES["gigs"]) | {"currency": "GBP"}
    assert refused(await app.http("POST", "/v1/gigs", anna, made)) == {
        "currency": why.format("GBP")
    }


async def test_an_amount_finer_than_its_currency_is_refused_with_it(world):
    app, anna = world.app, world.people["owner"]
    job = f"/v1/jobs/{uid(40)}"
    body = {"currency": "JPY", "budget_min": "10.5", "budget_max": "99.00"}
    answer = await app.http("PATCH", job, anna, body, **HELD)
    assert refused(answer) == {"budget_min": OF_YEN, "budget_max": OF_YEN}
    whole = {"currency": "JPY", "budget_min": "10", "budget_max": 99}
    changed = await app.http("PATCH", job, anna, whole, **HELD)
    assert (changed.body["budget_min"], changed.body["budget_max"]) == ("10", "99")


async def test_an_amount_finer_than_the_currency_that_the_row_has_is_refused(in_yen):
    app, anna = in_yen.app, in_yen.people["owner"]
    dora, carl = in_yen.people["staff"], in_yen.people["stranger"]
    offer = {"job_id": str(uid(40)), "cover_letter": "x", "amount": "5.50"}
    gig = {"gig_id": str(uid(30)), "tier": "premium", "price": "10.50", "delivery_days": 1}
    extra = {"gig_id": str(uid(30)), "title": "x", "price": "10.01"}
    rate, profile = {"hourly_rate": "9.99"}, f"/v1/freelancer-profiles/{uid(1)}"
    sent: list[tuple[str, str, Any, dict[str, Any], str]] = [
        ("PATCH", f"/v1/jobs/{uid(40)}", anna, {"budget_max": "10.50"}, "budget_max"),
        ("POST", "/v1/proposals", carl, offer, "amount"),
        ("PATCH", f"/v1/proposals/{uid(43)}", anna, {"amount": "5.50"}, "amount"),
        ("POST", "/v1/gig-packages", anna, gig, "price"),
        ("PATCH", f"/v1/gig-packages/{uid(31)}", anna, {"price": "10.50"}, "price"),
        ("POST", "/v1/gig-extras", anna, extra, "price"),
        ("PATCH", f"/v1/gig-extras/{uid(32)}", anna, {"price": "10.50"}, "price"),
        ("PATCH", profile, anna, rate, "hourly_rate"),
        ("PATCH", f"/v1/fees/{uid(68)}", dora, {"fixed_fee": "0.30"}, "fixed_fee"),
    ]  # fmt: skip
    for method, path, person, body, name in sent:
        headers = {} if method == "POST" else HELD
        assert refused(await app.http(method, path, person, body, **headers)) == {name: OF_YEN}, (
            path
        )
        whole = {**body, name: "10"}
        taken = await app.http(method, path, person, whole, **headers)
        assert taken.status in {200, 201}, taken.body
        assert taken.body[name] == "10", path


async def test_a_currency_too_coarse_for_what_the_row_has_is_refused(world):
    app, anna = world.app, world.people["owner"]
    job = f"/v1/jobs/{uid(40)}"
    assert (await app.http("PATCH", job, anna, {"budget_min": "10.50"}, **HELD)).status == 200
    answer = await app.http("PATCH", job, anna, {"currency": "JPY"}, **HELD)
    assert refused(answer) == {"budget_min": OF_YEN}
    price = {"price": "10.50"}
    assert (await app.http("PATCH", f"/v1/gig-extras/{uid(32)}", anna, price, **HELD)).status == 200
    answer = await app.http("PATCH", f"/v1/gigs/{uid(30)}", anna, {"currency": "JPY"}, **HELD)
    assert "has a price with decimals, and JPY has none" in conflict(answer, "currency")
    euros = await app.http("PATCH", f"/v1/gigs/{uid(30)}", anna, {"currency": "EUR"}, **HELD)
    assert euros.status == 200


async def test_who_may_not_write_is_told_that_first(in_yen):
    app, ben = in_yen.app, in_yen.people["counterparty"]
    for path, body in (("gig-packages", {"price": "1.50"}), ("jobs", {"budget_min": "1.50"})):
        answer = await app.http("PATCH", samples.path(RESOURCES[path]), ben, body, **HELD)
        assert answer.status == 403, answer.body


async def test_a_price_and_a_change_of_currency_wait_for_each_other(world, owner, database_url):
    """Whichever is first: no price stays finer than its gig's currency."""
    one, other = [await asyncpg.connect(database_url, timeout=10) for _ in range(2)]
    price = "update gig_packages set price = 10.50 where id = $1"
    yen = f"update gigs set currency = 'JPY' where id = '{uid(30)}'"
    try:
        begun = one.transaction()
        await begun.start()
        await one.execute(yen)
        priced = asyncio.create_task(other.execute(price, uid(31)))
        await until_waiting(owner, other)
        await begun.commit()
        with pytest.raises(asyncpg.CheckViolationError, match="JPY has no decimals"):
            await priced

        await owner.execute(yen.replace("JPY", "USD"))
        begun = one.transaction()
        await begun.start()
        await one.execute(price, uid(31))
        changed = asyncio.create_task(other.execute(yen))
        await until_waiting(owner, other)
        await begun.commit()
        with pytest.raises(asyncpg.ForeignKeyViolationError, match="JPY has none"):
            await changed
    finally:
        await one.close()
        await other.close()
