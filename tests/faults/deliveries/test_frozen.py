"""A worker is stopped in the middle of a send (SIGSTOP), until another has taken what it had.

What it was sending is sent once more, with the same Message-ID: nobody can know whether the server
had it. What it had not begun it does not send any more, and it records nothing.
"""

import asyncio
import re
from collections import Counter

import aiohttp
import asyncpg
import pytest

from tests.faults.conftest import freeze, thaw
from tests.faults.process import Process, process_with
from tests.smtp_server import Inbox, mail_server

MAILS = 6
WITHIN_S = 30.0
QUICKLY = {
    # A second worker takes longer to start than the first one's leases last.
    "storage.notifications.deliveries.LEASE_S": 2.0,
    "server.notifications.leases.LEASE_S": 2.0,
    "server.notifications.leases.RENEW_S": 0.3,
    "server.notifications.deliverer.LEASE_S": 2.0,
    "server.notifications.deliverer.RENEW_S": 0.3,
    "server.notifications.deliverer.MARGIN_S": 0.2,
    "server.notifications.channel_worker.MARGIN_S": 0.2,
    # What it had judged before is good for sending still: its leases alone are not.
    "server.notifications.send_queue.GOOD_S": 60.0,
}
PEOPLE = """
with person as (
    insert into users (display_name, kind)
    select 'person ' || n, 'both' from generate_series(1, $1) n returning id
), private as (
    insert into user_private (user_id, email) select id, id || '@example.org' from person
    returning user_id
)
select jsonb_agg(jsonb_build_object(
    'user_id', user_id, 'type', 'contract.funded', 'category', 'contract'))::text
from private
"""
ROWS = "select * from notification_deliveries order by user_id, id"


@pytest.mark.timeout(120)
async def test_a_worker_that_was_stopped_records_nothing_and_begins_nothing(serve, owner):
    await owner.execute("update platform_settings set value = '0' where key = 'mail_wait_seconds'")
    async with serve(deliveries_batch=0) as app, mail_server() as inbox:
        more = {
            "PARLEY_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}",
            "PARLEY_SMTP_TLS": "none",
            "PARLEY_SMTP_TIMEOUT_S": "1",
            # One mail at a time goes to a server that has not answered yet.
            "PARLEY_SMTP_CONNECTIONS": "2",
            "PARLEY_PUSH_TIMEOUT_S": "0.5",
            "PARLEY_PUBLIC_URL": "https://parley.example",
            "PARLEY_MAIL_FROM": "no-reply@parley.example",
            "PARLEY_DELIVERIES_POLL_S": "0.05",
        }
        async with process_with(more, app.settings, QUICKLY) as first:
            _freezes_at_first_mail(inbox, first)
            await _notify(owner, MAILS)
            await _arrived(inbox, 1)
            # It is sending one, and has others that wait.
            had = Counter(row["status"] for row in await owner.fetch(ROWS))
            assert had["leased"] in {2, 3, 4} and not had["sent"]
            async with process_with(more, app.settings, QUICKLY) as second:
                recorded = await _all_sent(owner)
                sent = len(inbox.arrived)
                await second.kill()
            thaw(first.pid)
            await _has_lost(first)
            # It is back at work, and is done with what it had.
            await _notify(owner, 1)
            await _arrived(inbox, sent + 1)
        ids = Counter(one.message_id for one in inbox.arrived)
        told = Counter(one.recipients[0] for one in inbox.arrived)
        rows = await owner.fetch(ROWS)
    assert [row for row in rows if row in recorded] == recorded
    assert len(ids) == len(told) == MAILS + 1
    assert [one for one, count in ids.items() if count > 1] == [inbox.arrived[0].message_id]
    assert len(inbox.arrived) == MAILS + 2


def _freezes_at_first_mail(inbox: Inbox, process: Process) -> None:
    """Stop a process when its first mail has arrived, before it hears so."""

    def arrived(_mail: object) -> None:
        inbox.when_arrived = None
        freeze(process.pid)

    inbox.when_arrived = arrived


async def _notify(owner: asyncpg.Connection, people: int) -> None:
    await owner.execute("select notify_users($1::jsonb)", await owner.fetchval(PEOPLE, people))


async def _all_sent(owner: asyncpg.Connection) -> list[asyncpg.Record]:
    async with asyncio.timeout(WITHIN_S):
        while True:
            rows = await owner.fetch(ROWS)
            if {row["status"] for row in rows} == {"sent"}:
                return rows
            await asyncio.sleep(0.05)


async def _arrived(inbox: Inbox, mails: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        while len(inbox.arrived) < mails:
            await asyncio.sleep(0.01)


async def _has_lost(process: Process) -> None:
    """Return once a process has found that what it did is not its own any more."""
    lost = r'^parley_deliveries_total\{channel="email",reason="",state="lost"\} [1-9]'
    async with asyncio.timeout(WITHIN_S), aiohttp.ClientSession() as http:
        while True:
            async with http.get(f"{process.http_url}/metrics") as answer:
                if re.search(lost, await answer.text(), re.MULTILINE):
                    return
            await asyncio.sleep(0.05)
