"""A digest, from the preference to the mailbox: one mail of what is unread when its window ends."""

import asyncio
import datetime as dt
import re

import pytest

from tests.integration.notifications.stage import Json, Stage

INVITED, SHOWN = 23, 20


def _window(every: str) -> tuple[str, Json]:
    """A zone and a digest whose window does not end by itself while the test runs."""
    now = dt.datetime.now(dt.UTC)
    zone = "UTC" if now.minute < 30 else "Asia/Kolkata"
    return zone, {"every": every, "hour": (now.hour + 12) % 24}


async def _live_in(stage: Stage, zone: str) -> None:
    node = stage.nodes[1]
    held = {"If-Match": (await node.http("GET", "/v1/me", stage.ben)).headers["ETag"]}
    me = await node.http("PATCH", "/v1/me", stage.ben, {"timezone": zone}, headers=held)
    assert me.status == 200, me.body


async def _invite(stage: Stage, count: int) -> None:
    """Ada takes Ben into so many groups, of each of which he is notified."""
    await asyncio.gather(
        *(
            stage.nodes[0].command(
                "conversation.create",
                stage.ada,
                {"type": "group", "title": f"Room {n}", "participant_ids": [str(stage.ben.id)]},
            )
            for n in range(count)
        )
    )
    for _ in range(count):
        await stage.told()


async def _carried(stage: Stage) -> list[set[str]]:
    """What each digest carried, the first one first."""
    rows = await stage.owner.fetch(
        """
        select array_agg(i.notification_id::text) filter (where i.notification_id is not null) ids
        from notification_deliveries d left join notification_delivery_items i
            on i.user_id = d.user_id and i.delivery_id = d.id
        where d.group_key = 'digest' group by d.id order by d.id
        """
    )
    return [set(row["ids"] or ()) for row in rows]


@pytest.mark.parametrize("every", ["hourly", "daily"])
async def test_one_mail_tells_what_is_unread_when_the_window_ends(staged, every):
    async with staged() as stage:
        zone, digest = _window(every)
        await _live_in(stage, zone)
        no_push = {"category": "message", "channel": "push", "is_enabled": False}
        await stage.wire.ask("preference.set", digest=digest, preferences=[no_push])
        await _invite(stage, INVITED)
        waiting = ["digest"] * INVITED
        await stage.decided(*waiting)
        listed = (await stage.wire.ask("notification.list"))["notifications"]
        read = listed.pop(2)
        await stage.read(read)
        assert not stage.inbox.arrived

        await stage.window_ends()
        mail = await stage.mailed()
        await stage.decided(*waiting, "sent")
        assert len(stage.inbox.arrived) == 1
        assert mail["Subject"] == f"Parley: {INVITED - 1} notifications"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        for part in ("plain", "html"):
            text = mail.get_body((part,)).get_content()
            titles = re.findall(r"You were added to “Room \d+”", text)
            assert titles == [one["title"] for one in listed[:SHOWN]]
            assert f"{INVITED - 1 - SHOWN} more" in text
        assert await _carried(stage) == [{one["id"] for one in listed}]
        # Each of them says that it was told by a digest, those that were only counted too.
        for one, told in ((listed[0], True), (listed[-1], True), (read, False)):
            became = {(d["reason"], d["is_digest"]) for d in await stage.deliveries(one["id"])}
            assert became == {("digest", False)} | ({("sent", True)} if told else set())

        # All of the next window is read when it ends.
        await _invite(stage, 2)
        await stage.decided(*waiting, "digest", "digest", "sent")
        for one in (await stage.wire.ask("notification.list", unread=True))["notifications"]:
            await stage.read(one)
        await stage.window_ends()
        await stage.decided(*waiting, "digest", "digest", "read", "sent")
        assert len(stage.inbox.arrived) == 1
        assert [len(carried) for carried in await _carried(stage)] == [INVITED - 1, 0]
