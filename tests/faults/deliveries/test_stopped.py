"""A worker is told to end (SIGTERM) while it sends: what it has begun is recorded, and nothing is
sent twice; what it has not begun, another sends at once.
"""

import asyncio
import os
import signal
from collections import Counter

import pytest

from tests.faults.deliveries.test_frozen import ROWS, _arrived, _notify
from tests.faults.process import process_with
from tests.smtp_server import mail_server

MAILS = 20
AT_ONCE = 4
WITHIN_S = 30.0


@pytest.mark.timeout(150)
async def test_what_is_under_way_is_ended_and_nothing_is_sent_twice(serve, owner):
    await owner.execute("update platform_settings set value = '0' where key = 'mail_wait_seconds'")
    async with serve(deliveries_batch=0) as app, mail_server() as inbox:
        more = {
            "PARLEY_SMTP_URL": f"smtp://127.0.0.1:{inbox.port}",
            "PARLEY_SMTP_TLS": "none",
            "PARLEY_SMTP_CONNECTIONS": str(AT_ONCE),
            "PARLEY_PUBLIC_URL": "https://parley.example",
            "PARLEY_MAIL_FROM": "no-reply@parley.example",
            "PARLEY_DELIVERIES_POLL_S": "0.05",
        }
        # The server has the mail, and its sender does not know so yet.
        inbox.answers_after_s = 1.0
        async with process_with(more, app.settings, {}) as first:
            await _notify(owner, MAILS)
            await _arrived(inbox, AT_ONCE + 2)
            os.kill(first.pid, signal.SIGTERM)
            assert await first.ended() == 0
        rows = await owner.fetch(ROWS)
        assert Counter(row["status"] for row in rows)["sent"] == len(inbox.arrived) < MAILS
        assert {row["lease"] for row in rows} == {None}
        assert {row["attempts"] for row in rows if row["status"] != "sent"} == {0}
        inbox.answers_after_s = 0
        async with process_with(more, app.settings, {}), asyncio.timeout(WITHIN_S):
            while {row["status"] for row in await owner.fetch(ROWS)} != {"sent"}:
                await asyncio.sleep(0.05)
    assert len(inbox.arrived) == len({one.message_id for one in inbox.arrived}) == MAILS
