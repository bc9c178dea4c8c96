"""Every reason for which a delivery stands as it does, told to its person and to staff alike."""

import asyncio
import contextlib
import datetime as dt
import hashlib
import hmac
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from protocol.notifications.judgement import Reason
from tests.app import Person, Served
from tests.program import command
from tests.push_service import Browser, push_service
from tests.smtp_server import Inbox, mail_server
from tests.wire import WAIT_S

SECRET = "the secret of mail events"
SETTINGS = {
    "push_wait_seconds": 3600,
    "mail_wait_seconds": 3600,
    "mails_per_day": 1,
    "deliver_review_email": False,
}
OPEN = "status in ('pending', 'deferred', 'leased')"


def _json(value: object) -> str:
    return orjson.dumps(value, default=str).decode()


class Became(NamedTuple):
    """How deliveries by a channel stand."""

    channel: str
    status: str
    reason: str


SENT = Became("email", "sent", "sent")
CAPPED = Became("email", "deferred", "capped")


class Scene:
    """A node that delivers by real mail and push; nothing is due before `due`."""

    def __init__(
        self, app: Served, owner: asyncpg.Connection, inbox: Inbox, push_url: str, ada: Person
    ) -> None:
        self.app, self.owner, self.inbox, self.push_url, self.ada = app, owner, inbox, push_url, ada

    async def notify(self, person: Person, **more: Any) -> None:
        """What an event of the marketplace makes."""
        item = {
            "user_id": person.id,
            "type": "contract.started",
            "category": "contract",
            "group_key": "a",
        }
        await self.owner.execute("select notify_users($1::jsonb)", _json([item | more]))

    async def ask(self, op: str, person: Person, **d: Any) -> Any:
        """A command that is carried out."""
        answer = await self.app.command(op, person, orjson.loads(_json(d)))
        assert answer.status == 200, answer.body
        return answer.body

    async def mention(self, person: Person, kind: str = "direct") -> dict[str, str]:
        """Ada names somebody in a conversation; the message, as commands name it."""
        made = await self.ask(
            "conversation.create", self.ada, type=kind, participant_ids=[person.id]
        )
        of = {"conversation_id": made["conversation"]["id"]}
        said = {"client_id": uuid4(), "content": "look", "mentions": [person.id]}
        sent = await self.ask("message.send", self.ada, **of, **said)
        async with asyncio.timeout(WAIT_S):
            while "message.mention" not in await self.types(person):
                await asyncio.sleep(0.02)
        return of | {"message_id": sent["message"]["id"]}

    async def types(self, person: Person) -> dict[str, UUID]:
        """The ids of somebody's notifications, by type."""
        rows = await self.owner.fetch(
            "select type, id from notifications where user_id = $1", person.id
        )
        return {row["type"]: row["id"] for row in rows}

    async def due(self, person: Person | None = None, which: str = OPEN) -> None:
        """Time passes until all that waits is due, of all people or of one."""
        await self.owner.execute(
            "update notification_deliveries set next_attempt_at = now()"
            f" where {which} and ($1::uuid is null or user_id = $1)",
            None if person is None else person.id,
        )

    async def told(self, person: Person, asker: Person) -> list[list[Became]]:
        """What is told of the deliveries that were queued of each of a person's notifications."""
        found = []
        for one in (await self.types(person)).values():
            of = "" if asker is person else f"?user_id={person.id}"
            path = f"/v1/notifications/{one}/deliveries{of}"
            answer = await self.app.http("GET", path, asker)
            assert answer.status == 200, answer.body
            found.append(
                [
                    Became(d["channel"], d["status"], d["reason"])
                    for d in answer.body["data"]
                    if d["id"] is not None
                ]
            )
        return sorted(found)


@pytest.fixture
async def scene(serve, owner) -> AsyncIterator[Scene]:
    for key, value in SETTINGS.items():
        await owner.execute(
            "update platform_settings set value = $2::jsonb where key = $1",
            key,
            _json(value),
        )
    async with contextlib.AsyncExitStack() as stack:
        inbox = await stack.enter_async_context(mail_server())
        pushes = await stack.enter_async_context(push_service())
        app = await stack.enter_async_context(
            serve(
                deliveries_poll_s=0.05,
                public_url="https://parley.example",
                outbound_http=True,
                outbound_networks=["127.0.0.0/8"],
                smtp_url=f"smtp://127.0.0.1:{inbox.port}",
                smtp_tls="none",
                mail_from="no-reply@parley.example",
                mail_events_secret=SECRET,
            )
        )
        yield Scene(app, owner, inbox, pushes.url(), await app.person("Ada"))


# Each brings a person to where a delivery of theirs will stand for one reason.


async def _sent(scene: Scene, person: Person) -> None:
    await scene.notify(person)


async def _read(scene: Scene, person: Person) -> None:
    await scene.notify(person)
    ids = list((await scene.types(person)).values())
    await scene.ask("notification.read", person, ids=ids)


async def _deleted(scene: Scene, person: Person) -> None:
    message = await scene.mention(person)
    await scene.ask("message.delete", scene.ada, **message)


async def _settled(scene: Scene, person: Person) -> None:
    await scene.notify(person)
    (one,) = (await scene.types(person)).values()
    await scene.owner.execute(
        "select close_notifications(array[$1::uuid], array[$2::uuid], 'settled')", person.id, one
    )


async def _left(scene: Scene, person: Person) -> None:
    message = await scene.mention(person, "group")
    await scene.ask("conversation.leave", person, conversation_id=message["conversation_id"])


async def _blocked(scene: Scene, person: Person) -> None:
    await scene.mention(person)
    await scene.ask("block.add", person, user_id=scene.ada.id)


async def _account_closed(scene: Scene, person: Person) -> None:
    await scene.notify(person)
    await scene.owner.execute("update users set status = 'suspended' where id = $1", person.id)


async def _muted(scene: Scene, person: Person) -> None:
    message = await scene.mention(person)
    where = {"conversation_id": message["conversation_id"]}
    await scene.ask("conversation.settings", person, **where, is_muted=True)


async def _expired(scene: Scene, person: Person) -> None:
    await scene.notify(person, expires_at="2026-01-01T00:00:00Z")


async def _active(scene: Scene, person: Person) -> None:
    await scene.notify(person)
    await scene.ask("conversation.list", person)


def _preferring(**wishes: Any) -> Callable[[Scene, Person], Awaitable[None]]:
    async def preferring(scene: Scene, person: Person) -> None:
        await scene.notify(person)
        await scene.ask("preference.set", person, **wishes)

    return preferring


def _hours() -> list[dict[str, Any]]:
    """Quiet hours around now, every day, by the clock of UTC."""
    now = dt.datetime.now(dt.UTC)
    ends = [(now + dt.timedelta(hours=h)).strftime("%H:%M:00") for h in (-2, 2)]
    return [{"weekday": day, "from": ends[0], "until": ends[1]} for day in range(7)]


async def _capped(scene: Scene, person: Person) -> None:
    await scene.notify(person)
    await scene.notify(person, type="contract.completed", group_key="b")


async def _switched_off(scene: Scene, person: Person) -> None:
    await scene.notify(person, type="review.published", category="review")


async def _device_gone(scene: Scene, person: Person) -> None:
    device = {"platform": "web", "token": scene.push_url, **Browser().keys()}
    made = await scene.app.http("POST", "/v1/push-devices", person, device)
    await scene.notify(person)
    gone = await scene.app.http("DELETE", f"/v1/push-devices/{made.body['id']}", person)
    assert gone.status == 204


async def _suppressed(scene: Scene, person: Person) -> None:
    await scene.notify(person)
    event = {"id": "1", "kind": "bounce", "address": f"{person.id}@example.org", "code": "5.1.1"}
    raw, at_s = orjson.dumps({"events": [event]}), int(time.time())
    mac = hmac.new(SECRET.encode(), b"%d." % at_s + raw, hashlib.sha256).hexdigest()
    headers = {"Mail-Signature": f"t={at_s},v1={mac}", "Content-Type": "application/json"}
    answer = await scene.app.http("POST", "/v1/mail-events", headers=headers, data=raw)
    assert answer.body == {"bounces": 1, "suppressed": 1}


async def _replaced(scene: Scene, person: Person) -> None:
    await scene.notify(person)
    # A worker has it, and dies.
    await scene.owner.execute(
        "update notification_deliveries set status = 'leased', lease = gen_random_uuid()"
        " where user_id = $1",
        person.id,
    )
    await scene.notify(person)


async def _failed(scene: Scene, person: Person) -> None:
    await scene.notify(person)
    scene.inbox.to_recipient.append("554 5.6.0 not this content")
    await scene.due(person)
    async with asyncio.timeout(WAIT_S):
        while await scene.told(person, person) != _by_mail("dead", "failed"):
            await asyncio.sleep(0.02)


def _by_mail(status: str, *reasons: str) -> list[list[Became]]:
    """What becomes of as many notifications, each of which is mailed or not."""
    return sorted([Became("email", status, reason)] for reason in reasons)


Act = Callable[[Scene, Person], Awaitable[None]]
OFF = [{"category": "contract", "channel": "email", "is_enabled": False}]
CASES: Mapping[str, tuple[Act, list[list[Became]]]] = {
    "failed": (_failed, _by_mail("dead", "failed")),
    "sent": (_sent, [[SENT]]),
    "read": (_read, _by_mail("cancelled", "read")),
    "deleted": (_deleted, _by_mail("cancelled", "deleted")),
    "settled": (_settled, _by_mail("cancelled", "settled")),
    # Of what was said there, and of the invitation.
    "left": (_left, _by_mail("cancelled", "left", "left")),
    "blocked": (_blocked, _by_mail("cancelled", "blocked")),
    "account_closed": (_account_closed, _by_mail("cancelled", "account_closed")),
    "muted": (_muted, _by_mail("cancelled", "muted")),
    "expired": (_expired, _by_mail("cancelled", "expired")),
    "active_until": (_active, _by_mail("deferred", "active_until")),
    "quiet_until": (
        _preferring(quiet_hours=_hours()), _by_mail("deferred", "quiet_until")
    ),
    "snoozed_until": (
        _preferring(snooze_until="2099-01-01T00:00:00Z"), _by_mail("deferred", "snoozed_until")
    ),
    "preference_off": (_preferring(preferences=OFF), _by_mail("cancelled", "preference_off")),
    "digest": (_preferring(digest={"every": "weekly"}), _by_mail("cancelled", "digest")),
    "capped": (_capped, [[CAPPED], [SENT]]),
    "switched_off": (_switched_off, _by_mail("suppressed", "switched_off")),
    "device_gone": (_device_gone, [[Became("push", "suppressed", "device_gone"), SENT]]),
    "suppressed": (_suppressed, _by_mail("suppressed", "suppressed")),
    "replaced": (_replaced, [[SENT, Became("email", "cancelled", "replaced")]]),
}  # fmt: skip


async def test_each_reason_is_told_and_what_was_given_up_is_replayed(
    scene, owner, database_url, tmp_path
):
    assert set(CASES) == set(Reason)
    people = {}
    for name, (act, _) in CASES.items():
        people[name] = await scene.app.person(name)
        await act(scene, people[name])
    await scene.due()
    staff = await scene.app.person("staff")
    await owner.execute("update users set staff_role = 'support' where id = $1", staff.id)
    wanted = {name: became for name, (_, became) in CASES.items()}
    found: dict[str, list[list[Became]]] = {}
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(WAIT_S):
            while found != wanted:
                found = {name: await scene.told(one, staff) for name, one in people.items()}
                if any(CAPPED in one for one in found["replaced"]):
                    # The dead worker's was taken up alone, and has the only mail of the day until
                    # it is judged; the next is judged again in ten seconds, which pass here.
                    await scene.due(people["replaced"], "status = 'deferred'")
    assert found == wanted
    for name, one in people.items():
        if name != "account_closed":
            assert await scene.told(one, one) == wanted[name]
    mailed = {arrived.recipients[0] for arrived in scene.inbox.arrived}
    assert mailed == {
        f"{people[name].id}@example.org"
        for name, became in wanted.items()
        if any(SENT in one for one in became)
    }

    done = await command(
        *("deliveries", "replay", "--all"), data_dir=tmp_path, PARLEY_DATABASE_URL=database_url
    )
    assert (done.code, done.output) == (0, "1 delivery is tried again\n")
    failed = people["failed"]
    async with asyncio.timeout(WAIT_S):
        while await scene.told(failed, failed) != [[SENT]]:
            await asyncio.sleep(0.02)
    assert scene.inbox.arrived[-1].recipients == [f"{failed.id}@example.org"]
