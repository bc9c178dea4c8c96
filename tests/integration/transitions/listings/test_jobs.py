"""A job is published, closed, reopened, cancelled; its deadline closes it."""

import datetime as dt
from typing import Any

from handlers.workflows import WORKFLOWS
from protocol.machine import Party
from storage.workflows.asks import Ask
from tests.integration.transitions.conftest import Market


def in_days(days: float) -> str:
    """A time so many days from now, as JSON has it."""
    return (dt.datetime.now(dt.UTC) + dt.timedelta(days=days)).isoformat()


async def fire(market: Market, machine: str, key: str, action: str) -> Any:
    """What a poller does with a timer of a row: nothing (None) where it is not due."""
    timer = await market.pool.fetchval(
        "SELECT t.id FROM timers t WHERE t.machine = $1 AND t.entity_id = $2::uuid"
        " AND t.action = $3 AND t.kind = 'transition'",
        machine,
        key,
        action,
    )
    assert timer is not None, f"no timer for {machine} {action}"
    entity = await market.pool.fetchval("SELECT entity_id FROM timers WHERE id = $1", timer)
    executor = market.app.app.core.workflows.executor
    ask = Ask(WORKFLOWS[machine], action, entity, party=Party.TIMER, timer=timer)
    return await executor.run(ask)


async def test_a_job_is_published_closed_reopened_and_cancelled(market):
    client, stranger = await market.app.people("Ada", "Ben")
    job = await market.job(client, publish=False)
    path = f"jobs/{job['id']}"
    assert await market.actions(client, path) == ["publish", "cancel"]
    assert (await market.act(stranger, path, "publish")).status == 404

    shown = await market.done(client, path, "publish")
    assert (shown["status"], shown["published_at"] is None) == ("open", False)
    assert shown["available_actions"] == ["close", "cancel"]
    assert await market.actions(stranger, path) == []
    assert (await market.act(stranger, path, "close")).status == 403
    assert (await market.act(client, path, "publish")).status == 409

    closed = await market.done(client, path, "close")
    assert (closed["status"], closed["closed_at"] is None) == ("closed", False)
    assert closed["available_actions"] == ["reopen", "cancel"]
    again = await market.done(client, path, "reopen")
    assert (again["status"], again["closed_at"]) == ("open", None)
    gone = await market.done(client, path, "cancel")
    assert (gone["status"], gone["available_actions"]) == ("cancelled", [])
    assert await market.history("job", job["id"]) == [
        "draft",
        "open",
        "closed",
        "open",
        "cancelled",
    ]


async def test_the_server_alone_moves_what_follows_a_contract(market):
    client = await market.app.person()
    job = await market.job(client)
    for action in ("award", "complete", "analyze", "activate", "start", "contract_lost"):
        answer = await market.act(client, f"jobs/{job['id']}", action)
        assert answer.status in {404, 405}, action


async def test_a_currency_without_a_fee_is_not_published(market):
    client = await market.app.person()
    job = await market.job(client, publish=False, currency="KRW")
    assert await market.actions(client, f"jobs/{job['id']}") == ["cancel"]
    refused = await market.act(client, f"jobs/{job['id']}", "publish")
    assert refused.status == 409
    assert refused.body["error"]["details"] == {"path": "currency"}


async def test_who_is_suspended_publishes_nothing(market):
    client = await market.app.person()
    job = await market.job(client, publish=False)
    await market.pool.execute("UPDATE users SET status = 'suspended' WHERE id = $1", client.id)
    refused = await market.act(client, f"jobs/{job['id']}", "publish")
    assert refused.status in {401, 403}


async def test_the_deadline_closes_a_job(market):
    client = await market.app.person()
    job = await market.job(client, deadline=in_days(3))
    path = f"jobs/{job['id']}"
    assert await fire(market, "job", job["id"], "close") is None
    await market.clock(days=3, minutes=1)
    assert await fire(market, "job", job["id"], "close") is not None
    closed = await market.read(client, path)
    assert (closed["status"], closed["available_actions"]) == ("closed", ["cancel"])
    assert await market.pool.fetchval("SELECT count(*) FROM timers") == 0

    refused = await market.act(client, path, "reopen")
    assert refused.status == 422
    assert refused.body["error"]["details"]["path"] == "deadline"
    assert (await market.change(client, path, deadline=in_days(9))).status == 200
    assert (await market.done(client, path, "reopen"))["status"] == "open"


async def test_a_deadline_that_is_changed_takes_its_timer_along(market):
    client = await market.app.person()
    job = await market.job(client, deadline=in_days(3))
    path = f"jobs/{job['id']}"
    assert (await market.change(client, path, deadline=in_days(5))).status == 200
    await market.clock(days=4)
    assert await fire(market, "job", job["id"], "close") is None
    assert (await market.change(client, path, deadline=None)).status == 200
    assert await market.pool.fetchval("SELECT count(*) FROM timers") == 0
    assert (await market.change(client, path, deadline=in_days(1))).status == 200
    assert await fire(market, "job", job["id"], "close") is not None


async def test_a_job_that_is_cancelled_answers_its_proposals(market):
    client, ben, cleo = await market.app.people("Ada", "Ben", "Cleo")
    job = await market.job(client)
    first, second = await market.proposal(job, ben), await market.proposal(job, cleo)
    await market.done(cleo, f"proposals/{second['id']}", "withdraw")
    await market.done(client, f"jobs/{job['id']}", "cancel")
    assert (await market.read(ben, f"proposals/{first['id']}"))["status"] == "rejected"
    assert (await market.read(cleo, f"proposals/{second['id']}"))["status"] == "withdrawn"
    assert await market.actions(cleo, f"proposals/{second['id']}") == []


async def test_posted_jobs_are_counted(market):
    client = await market.app.person()
    await market.job(client)
    await market.done(client, "client-profiles", body={"company_name": "Films Ltd"})
    await market.job(client)
    await market.job(client, publish=False)
    profile = await market.read(client, f"client-profiles/{client.id}")
    assert profile["jobs_posted"] == 2
