"""Who is active on another node is left alone for now; of whom nothing is known is told."""

import asyncio
from urllib.parse import urlsplit

from storage.people import activity
from tests.faults.proxy import proxy_to
from tests.wire import WAIT_S

WAITING = """
    select extract(epoch from next_attempt_at - now())::float8 as in_s
    from notification_deliveries where status = 'deferred'
"""


async def test_a_reader_on_another_node_is_active_until_redis_is_away(
    staged, redis_url, monkeypatch
):
    monkeypatch.setattr(activity, "PUBLISH_S", 0.05)
    redis = urlsplit(redis_url)
    assert redis.hostname is not None and redis.port is not None
    async with proxy_to(redis.hostname, redis.port) as proxy:
        own = {"redis_url": redis_url.replace(f":{redis.port}", f":{proxy.port}")}
        # Only Ada's node delivers: it knows of Ben by Redis alone.
        async with staged(hold_s=600, ones=own, others={"deliveries_batch": 0}) as stage:
            await stage.wire.ask("conversation.list")
            known = stage.nodes[0].app.core.activity
            async with asyncio.timeout(WAIT_S):
                while not await known.until([stage.ben.id]):
                    await asyncio.sleep(0.02)
            await stage.say("are you there?", names_ben=True)
            await stage.told()
            await stage.decided("active_until", "active_until")
            rows = await stage.owner.fetch(WAITING)
            assert all(30 < row["in_s"] <= 60 for row in rows) and len(rows) == 2
            assert not stage.pushes.arrived and not stage.inbox.arrived

            await proxy.cut()
            await stage.due()
            assert "are you there?" in (await stage.pushed())["body"]
            await stage.mailed()
            await stage.decided("sent", "sent")
