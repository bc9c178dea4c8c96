"""What became of deliveries: told to their person and to staff, listed for operators, replayed."""

import datetime as dt
from uuid import uuid4

import pytest

from server.cli import deliveries
from server.config import Settings
from server.notifications.channel_worker import Pace
from server.notifications.sender import Handed, Tries
from tests.integration.deliveries.ground import Ground


@pytest.fixture
async def told(serve, owner):
    """The app, which delivers nothing by itself, a ground on its tables, Ben, and the path of his
    notification's deliveries.
    """
    async with serve(deliveries_batch=0) as app:
        ground = Ground(app.app.core.foundation.pool, owner)
        ben = await app.person("ben")
        await ground.notify(ben.id)
        notification = await owner.fetchval("select id from notifications")
        yield app, ground, ben, f"/v1/notifications/{notification}/deliveries"


async def test_a_person_sees_why_something_came_or_not(told):
    app, ground, ben, path = told
    waiting, _none = (await app.http("GET", path, ben)).body["data"]
    assert (waiting["channel"], waiting["status"], waiting["reason"]) == ("email", "pending", None)
    await ground.owner.execute("update notifications set read_at = now()")
    await ground.passes(130)
    await ground.work()
    judged, _none = (await app.http("GET", path, ben)).body["data"]
    assert (judged["status"], judged["reason"]) == ("cancelled", "read")
    assert (judged["next_attempt_at"], judged["sent_at"], judged["attempts"]) == (None, None, 0)


async def test_staff_see_it_and_nobody_else(told, owner):
    app, _, ben, path = told
    anna, staff = await app.people("anna", "staff")
    await owner.execute("update users set staff_role = 'support' where id = $1", staff.id)
    for_ben = f"{path}?user_id={ben.id}"
    assert (await app.http("GET", for_ben, staff)).body["data"][0]["status"] == "pending"
    assert (await app.http("GET", for_ben, anna)).status == 404
    assert (await app.http("GET", path, anna)).status == 404
    assert (await app.http("GET", path)).status == 401
    assert (await app.http("GET", f"/v1/notifications/{uuid4()}/deliveries", ben)).status == 404
    assert (await app.http("GET", "/v1/notifications/x/deliveries", ben)).status == 404
    assert (await app.http("GET", f"{path}?x=1", ben)).status == 422


async def test_a_person_sees_why_nothing_was_queued(told, owner):
    app, ground, ben, path = told

    async def missing():
        data = (await app.http("GET", path, ben)).body["data"]
        return [(one["channel"], one["status"], one["reason"]) for one in data if one["id"] is None]

    assert await missing() == [("push", "suppressed", "device_gone")]
    await ground.device(ben.id)
    # A device that came later is no reason.
    assert await missing() == []
    await owner.execute("delete from notification_deliveries")
    assert await missing() == []
    await owner.execute(
        """
        insert into notification_preferences (user_id, category, channel, is_enabled)
        values ($1, 'contract', 'email', false), ($1, 'contract', 'push', false)
        """,
        ben.id,
    )
    assert sorted(await missing()) == [
        ("email", "cancelled", "preference_off"),
        ("push", "cancelled", "preference_off"),
    ]
    await owner.execute("update notifications set read_at = now()")
    assert {reason for *_, reason in await missing()} == {"read"}
    # What was queued then is not kept any more.
    await owner.execute("update notifications set updated_at = now() - interval '31 days'")
    assert await missing() == []


async def test_the_resource_lists_ones_own(told):
    app, _, ben, _ = told
    (row,) = (await app.http("GET", "/v1/notification-deliveries?status=pending", ben)).body["data"]
    assert (row["channel"], row["category"], row["reason"]) == ("email", "contract", None)
    assert "endpoint" not in row


async def test_what_was_given_up_is_listed_and_replayed(told):
    app, ground, _, _ = told
    settings = Settings(database_url=app.settings.database_url)

    async def said(doing, **asked):
        return await deliveries.run(settings, doing, deliveries.choice_of(doing, asked))

    assert (await said("list")).text == "no delivery was given up"
    await ground.passes(130)
    ground.mail.answers = [Handed(state="retry", error="451 greylisted\nfor ever")]
    await ground.work(ground.worker(Pace(tries=Tries({"email": dt.timedelta(0)}))))
    (row,) = await ground.rows()
    listed = (await said("list", of_channel="email")).text
    assert str(row["id"]) in listed
    assert "451 greylisted for ever" in listed
    missing = uuid4()
    told = await said("replay", deliveries=[row["id"], missing])
    assert (told.text, told.code) == (
        f"1 delivery is tried again; not given up: {missing}", 1
    )  # fmt: skip
    await ground.work()
    assert len(ground.mail.sent) == 1
    assert (await said("replay", every=True)).text == "0 deliveries are tried again"


@pytest.mark.parametrize("asked", [{}, {"every": True, "of_channel": "push"}])
def test_what_is_replayed_has_to_be_said_once(asked):
    with pytest.raises(deliveries.WrongDeliveriesError):
        deliveries.choice_of("replay", asked)
