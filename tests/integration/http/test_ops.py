"""What operators ask: health, readiness, figures, documents."""

import json
import re

import asyncpg
import pytest
import redis.asyncio
from prometheus_client.parser import text_string_to_metric_families

from handlers.resources import SHOWN
from server.http.app import build_http
from server.http.documents import viewer
from server.http.ops import judge
from storage.database.health import Health, HealthReport, Partitions


async def test_alive_and_ready(knock):
    assert (await knock("GET", "/healthz"))[:2] == (200, {"status": "ok"})
    status, body, _ = await knock("GET", "/readyz")
    assert status == 200
    assert body == {
        "status": "ready",
        "postgresql": "ok",
        "redis": "ok",
        "partitions_months_ahead": 3,
        "warnings": [],
    }


async def test_partitions_that_run_out_are_a_warning(knock, owner):
    for months in (3, 2):
        await drop_month(owner, months)
    assert (await knock("GET", "/readyz"))[1]["status"] == "ready"
    await drop_month(owner, 1)
    status, body, _ = await knock("GET", "/readyz")
    assert (status, body["status"], body["partitions_months_ahead"]) == (200, "degraded", 0)
    (warning,) = body["warnings"]
    assert warning.startswith("partitions of messages end within a month: run parley partitions")


async def test_what_is_half_detached_does_not_count(knock, pool, owner):
    name = await month(owner, 1)
    async with pool.acquire() as reader, reader.transaction():
        # It waits for the reader, gives up, and leaves the partition between two states.
        await reader.execute("select from messages")
        await owner.execute("set lock_timeout = '50ms'")
        with pytest.raises(asyncpg.LockNotAvailableError):
            await owner.execute(f"alter table messages detach partition {name} concurrently")
        status, body, _ = await knock("GET", "/readyz")
    assert (status, body["status"], body["partitions_months_ahead"]) == (200, "degraded", 0)


async def test_the_other_tables_that_run_short_are_named(knock, owner):
    await owner.execute(f"drop table {await month(owner, 1, 'audit_log')}")
    weeks = await owner.fetch(
        "select to_char(now() at time zone 'UTC' + make_interval(weeks => n), 'IYYY_IW')"
        " from generate_series(2, 4) n"
    )
    for (week,) in weeks:
        await owner.execute(f"drop table message_keys_{week}")
    _, body, _ = await knock("GET", "/readyz")
    assert body["status"] == "degraded"
    assert "partitions of message_keys, audit_log end within" in body["warnings"][0]
    assert body["partitions_months_ahead"] == 3


async def month(connection, ahead, table="messages"):
    """The partition of so many months from now."""
    return await connection.fetchval(
        "select $2 || to_char(now() at time zone 'UTC' + make_interval(months => $1), '_YYYY_MM')",
        ahead,
        table,
    )


async def drop_month(owner, ahead):
    await owner.execute(f"drop table {await month(owner, ahead)}")


async def test_without_redis_it_is_degraded(pool, client):
    away = redis.asyncio.Redis(host="127.0.0.1", port=1)
    report = await Health(pool, away).check()
    await away.aclose()
    assert report.partitions is not None
    assert (report.partitions.months_ahead, report.is_redis_there) == (3, False)


async def test_without_postgresql_it_is_not_ready(knock, pool):
    pool.terminate()
    status, body, _ = await knock("GET", "/readyz")
    assert (status, body["status"], body["postgresql"]) == (503, "unavailable", "away")
    assert (await knock("GET", "/healthz"))[0] == 200
    assert (await knock("GET", "/metrics"))[0] == 200


@pytest.mark.parametrize(
    ("is_service_lost", "status"), [(False, "degraded"), (True, "unavailable")]
)
def test_what_the_marketplace_alone_lacks_takes_no_node_out(is_service_lost, status):
    report = HealthReport(
        Partitions(3),
        is_redis_there=True,
        lacking=("something lacks",),
        is_service_lost=is_service_lost,
    )
    readiness = judge(report, is_draining=False)
    assert (readiness.status, readiness.warnings) == (status, ["something lacks"])


async def test_figures_are_read_by_prometheus(knock, parts, pool, anyone):
    parts.metrics.committed(7, 0.01)
    parts.metrics.closed(4004)
    parts.metrics.closed(3123)
    parts.metrics.watch_pool(pool.get_size, lambda: 1)
    await knock("POST", "/v1/commands/ping", anyone)
    await knock("POST", "/v1/commands/presence.watch", anyone)
    await knock("POST", "/v1/commands/fail", anyone, json={"how": "unheard of"})
    await knock("GET", "/nowhere/at/all")
    status, body, headers = await knock("GET", "/metrics")
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "text/plain")
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }
    assert samples["parley_commands_total", "ok", "ping"] == 1
    assert samples["parley_commands_total", "fail", "internal"] == 1
    assert samples["parley_command_seconds_count", "ping"] == 1
    assert samples["parley_group_rows_sum",] == 7
    assert samples["parley_closes_total", "4004"] == 1
    assert samples["parley_closes_total", "other"] == 1
    assert samples["parley_pool_idle",] == 1
    assert samples["parley_outbox_age_seconds", "search"] == 0
    assert samples["parley_http_request_seconds_count", "404", "GET", "unknown"] == 1
    assert samples["parley_http_request_seconds_count", "/v1/commands/{op}", "200", "POST"] == 1


async def test_the_outbox_has_an_age(knock, pool):
    await pool.execute(
        "insert into outbox (consumer, kind, created_at, available_at) values "
        "('search', 'message.created', now() - interval '1 hour', now() - interval '90 seconds')"
    )
    _, body, _ = await knock("GET", "/metrics")
    [age] = [
        line
        for line in body.decode().splitlines()
        if line.startswith('parley_outbox_age_seconds{consumer="search"} ')
    ]
    assert 90 <= float(age.split()[1]) < 100


async def test_what_stands_in_the_way_of_the_outbox_is_counted_by_kind(knock, pool):
    await pool.execute(
        """
        with rows as (
            insert into outbox (consumer, kind, created_at)
            select 'realtime', kind, now() - interval '10 minutes'
            from unnest(array['bogus.kind', 'bogus.kind', 'other.kind']) kind
        ), paused as (
            insert into outbox_paused values ('realtime', 'message.created', now())
        )
        insert into outbox_aside (id, consumer, kind, created_at, tries, error)
        values (1, 'search', 'message.created', now(), 3, 'ValueError')
        """
    )
    lines = (await knock("GET", "/metrics"))[1].decode().splitlines()
    told = [line for line in lines if line.startswith("parley_outbox") and "lag" not in line]
    assert told == [
        'parley_outbox_age_seconds{consumer="realtime"} 0.0',
        'parley_outbox_age_seconds{consumer="search"} 0.0',
        'parley_outbox_unknown{consumer="realtime",kind="bogus.kind"} 2.0',
        'parley_outbox_unknown{consumer="realtime",kind="other.kind"} 1.0',
        'parley_outbox_aside{consumer="search",kind="message.created"} 1.0',
        'parley_outbox_paused{consumer="realtime",kind="message.created"} 1.0',
    ]
    assert (await knock("GET", "/readyz"))[1]["status"] == "ready"
    await pool.execute("delete from outbox_aside")
    lines = (await knock("GET", "/metrics"))[1].decode().splitlines()
    assert not [line for line in lines if line.startswith("parley_outbox_aside{")]


async def test_the_page_names_files_of_this_server_only(knock):
    status, page, headers = await knock("GET", "/docs")
    assert status == 200 and headers["Content-Security-Policy"] == viewer.POLICY
    assert "unsafe" not in viewer.POLICY and "'self'" in viewer.POLICY
    named = re.findall(r'(?:src|href)="([^"]+)"', page.decode())
    assert {f"/docs/{name}" for name in viewer.FILES} <= set(named)
    for path in named:
        status, body, headers = await knock("GET", path)
        assert status == 200 and body, path
        assert "public" in headers["Cache-Control"]
    # An inline script or style would be refused by the browser.
    assert not re.search(r"<style|<script>| style=| on\w+=", page.decode())


async def test_the_socket_has_a_page_too(knock):
    status, page, headers = await knock("GET", "/docs/socket")
    assert status == 200 and "script-src" not in headers["Content-Security-Policy"]
    _, document, _ = await knock("GET", "/v1/asyncapi.json")
    text = page.decode()
    shown = set(re.findall(r'<details id="([^"]+)"', text))
    assert set(document["operations"]) - {"events"} <= shown
    assert set(document["components"]["schemas"]) <= shown
    assert set(re.findall(r'href="#([^"]+)"', text)) <= shown


async def test_documents_are_served(knock, parts):
    _, openapi, headers = await knock("GET", "/v1/openapi.json")
    assert openapi["openapi"].startswith("3.1")
    assert "public" in headers["Cache-Control"]
    _, asyncapi, _ = await knock("GET", "/v1/asyncapi.json")
    assert asyncapi["asyncapi"].startswith("3.0")
    served = {
        (route.method.lower(), route.resource.canonical)
        for route in build_http(parts).router.routes()
        if route.method != "HEAD" and route.resource is not None
    }
    told = {
        (method, path)
        for path, item in openapi["paths"].items()
        for method in item
        if not path.startswith("/v1/commands/")
    }
    served -= {("post", "/v1/commands/{op}")}
    # The files that the page is made of.
    served -= {("get", f"/docs/{name}") for name in viewer.FILES}
    # Accounts and the marketplace are other areas, which are not part of this door.
    told -= {("get", "/v1/files"), ("get", "/v1/notifications/{id}/deliveries")}
    others = {"me", "auth", "search", "recommendations", "leaderboards", "unread", *SHOWN}
    others |= {"provider-events", "local-provider", "client-config"}
    others |= {"unsubscribe", "mail-events", "announcements"}
    others -= {"files"}
    assert served == {(m, p) for m, p in told if p.split("/")[2:3] not in [[o] for o in others]}
    assert "/v1/commands/ping" in openapi["paths"]
    assert "/v1/commands/presence.watch" not in openapi["paths"]
    assert json.dumps(asyncapi).count("#/channels/socket/messages/ping.command") == 1
