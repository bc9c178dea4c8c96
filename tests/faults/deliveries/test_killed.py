"""Workers are killed while they send mail, one after another: each mail arrives, with one id.

What arrives twice was taken by the server before a worker died that could not record it: there are
never more of them than sends that were under way when workers were killed. The suite sends
three hundred; `PARLEY_DELIVERIES=10000` sends as many.
"""

import asyncio
import contextlib
import os
import random
from collections import Counter

import pytest

from tests.faults.process import process_with
from tests.smtp_server import mail_server

MAILS = int(os.environ.get("PARLEY_DELIVERIES", "300"))
KILLS = 5
WORKERS = KILLS + 2
"""All are up before the first is killed: while one starts, the others would send everything."""
AT_ONCE = 4
"""Connections of each worker to the mail server: so many sends are under way when it dies."""
WITHIN_S = 200 + MAILS / 20
"""For each of what is waited for, on a slow machine."""
QUICKLY = {
    # A lease lapses soon, so that the test need not wait a minute for what the dead had taken.
    "storage.notifications.deliveries.LEASE_S": 6.0,
    "server.notifications.leases.LEASE_S": 6.0,
    "server.notifications.leases.RENEW_S": 0.5,
    "server.notifications.deliverer.LEASE_S": 6.0,
    "server.notifications.deliverer.RENEW_S": 0.5,
    "server.notifications.deliverer.MARGIN_S": 0.5,
    "server.notifications.channel_worker.MARGIN_S": 0.5,
}

PEOPLE = """
with person as (
    insert into users (display_name, kind)
    select 'person ' || n, 'both' from generate_series(1, $1) n returning id
), private as (
    insert into user_private (user_id, email) select id, id || '@example.org' from person
    returning user_id
)
select coalesce(jsonb_agg(jsonb_build_object(
    'user_id', user_id, 'type', 'contract.funded', 'category', 'contract')), '[]')::text
from private
"""


@pytest.mark.timeout(150 + 2 * WITHIN_S)
async def test_what_is_killed_between_is_sent_once_more_at_most(serve, owner):
    async with (
        serve(deliveries_batch=0) as app,
        mail_server() as inbox,
        contextlib.AsyncExitStack() as stack,
    ):
        more = {
            "PARLEY_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}",
            "PARLEY_SMTP_TLS": "none",
            "PARLEY_SMTP_TIMEOUT_S": "4",
            "PARLEY_SMTP_CONNECTIONS": str(AT_ONCE),
            "PARLEY_PUSH_TIMEOUT_S": "1",
            "PARLEY_MAIL_FROM": "no-reply@parley.example",
            "PARLEY_DELIVERIES_POLL_S": "0.1",
            "PARLEY_DELIVERY_AGAIN_S": "1",
            "PARLEY_PUBLIC_URL": "http://localhost:8080",
        }
        # Mails that are taken and not yet recorded are what a death leaves in doubt.
        inbox.answers_after_s = 0.1
        people = await owner.fetchval(PEOPLE, MAILS)
        await owner.execute("select notify_users($1::jsonb)", people)
        async with asyncio.TaskGroup() as group:
            starts = [
                group.create_task(
                    stack.enter_async_context(process_with(more, app.settings, QUICKLY))
                )
                for _ in range(WORKERS)
            ]
        workers = [start.result() for start in starts]
        await owner.execute(
            "update notification_deliveries set next_attempt_at = now() - interval '1 second'"
        )
        dice = random.Random(7)
        for number in range(1, KILLS + 1):
            await _arrived(inbox, MAILS * number // (KILLS + 1))
            await workers.pop(dice.randrange(len(workers))).kill()
            # The others have not sent all of it meanwhile.
            assert await _waiting(owner)
        await _all_sent(owner)
        ids = Counter(one.message_id for one in inbox.arrived)
        told = Counter(one.recipients[0] for one in inbox.arrived)
    # Everybody was told, and by one mail as far as mail programs can see.
    assert len(told) == len(ids) == MAILS
    # Some died between the server's answer and the record, or the test would have tried nothing.
    assert 0 < len(inbox.arrived) - MAILS <= KILLS * AT_ONCE * 2


async def _arrived(inbox, mails: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        while len(inbox.arrived) < mails:
            await asyncio.sleep(0.005)


async def _waiting(owner) -> int:
    waiting: int = await owner.fetchval(
        "select count(*) from notification_deliveries where status <> 'sent'"
    )
    return waiting


async def _all_sent(owner) -> None:
    async with asyncio.timeout(WITHIN_S):
        while await _waiting(owner):
            await asyncio.sleep(0.1)
