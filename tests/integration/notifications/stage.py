"""Two nodes, two people, a mail server and a push service: what happens from the event to both."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg
import orjson

from tests.app import Person, Serve, Served
from tests.push_service import Browser, PushService, push_service
from tests.smtp_server import Inbox, mail_server
from tests.wire import WAIT_S, Wire

Json = dict[str, Any]

HOSTILE = 'Ada\r\nBcc: all@example.org "the" first'
"""Ada's name: it must end no header."""
AN_HOUR = 3600
"""A wait that `due` ends."""


@dataclass
class Stage:
    """Ada on one node and Ben on the other, in a direct conversation; Ben has a browser."""

    nodes: tuple[Served, Served]
    owner: asyncpg.Connection
    inbox: Inbox
    pushes: PushService
    browser: Browser
    ada: Person
    ben: Person
    wire: Wire
    conversation: str

    async def say(self, content: str, *, names_ben: bool = False) -> Json:
        """Ada's message; one that names Ben is a notification of its own, at once."""
        d = {"conversation_id": self.conversation, "client_id": uuid4(), "content": content}
        named = {"mentions": [str(self.ben.id)]} if names_ben else {}
        answer = await self.nodes[0].command("message.send", self.ada, _plain(d) | named)
        message: Json = answer.body["message"]
        return message

    async def by_ada(self, op: str, **fields: Any) -> None:
        """Another command of hers about the conversation."""
        d = _plain({"conversation_id": self.conversation} | fields)
        assert (await self.nodes[0].command(op, self.ada, d)).status == 200

    async def told(self) -> Json:
        """What Ben's socket is told of next; what is sent of it is queued by then."""
        event = await self.wire.expect("notification.created")
        notification: Json = event["d"]["notification"]
        return notification

    async def read(self, notification: Json) -> None:
        """Ben reads it: the next one of its kind is another."""
        await self.wire.ask("notification.read", ids=[notification["id"]])

    async def due(self) -> None:
        """Time passes until all that waits is due."""
        await self.owner.execute(
            "update notification_deliveries set next_attempt_at = now()"
            " where status in ('pending', 'deferred')"
        )

    async def window_ends(self) -> None:
        """Time passes until the window of the digest that waits has ended."""
        await self.owner.execute(
            """
            update notification_deliveries set
                next_attempt_at = now(),
                edition = extract(epoch from now())::bigint - 1000 * (
                    select count(*) from notification_deliveries where group_key = 'digest')
            where group_key = 'digest' and next_attempt_at is not null
            """
        )

    async def pushed(self, count: int = 1) -> Json:
        """What Ben's browser shows last, once it has got so many."""
        arrived = await self.pushes.after(count)
        shown: Json = orjson.loads(self.browser.read(arrived[-1].body))
        return shown

    async def mailed(self, count: int = 1) -> Any:
        """The last mail in Ben's mailbox, once there are so many."""
        async with asyncio.timeout(WAIT_S):
            while len(self.inbox.arrived) < count:
                await asyncio.sleep(0.02)
        return self.inbox.arrived[-1].message

    async def decided(self, *reasons: str) -> None:
        """Return once deliveries stand for these reasons, and none for others."""
        asked = "select reason from notification_deliveries where reason is not null order by 1"
        found: list[str] = []
        try:
            async with asyncio.timeout(WAIT_S):
                while found != sorted(reasons):
                    await asyncio.sleep(0.02)
                    found = [row["reason"] for row in await self.owner.fetch(asked)]
        except TimeoutError:
            raise AssertionError(f"deliveries stand for {found}") from None

    async def deliveries(self, notification_id: str) -> list[Json]:
        """What became of the deliveries of a notification of Ben's."""
        path = f"/v1/notifications/{notification_id}/deliveries"
        found: list[Json] = (await self.nodes[1].http("GET", path, self.ben)).body["data"]
        return [one for one in found if one["id"] is not None]


Stages = Callable[..., contextlib.AbstractAsyncContextManager[Stage]]


@contextlib.asynccontextmanager
async def stage_on(
    serve: Serve,
    owner: asyncpg.Connection,
    *,
    wait_s: int = 0,
    mail_wait_s: int = 0,
    hold_s: int = 0,
    ones: Mapping[str, Any] | None = None,
    others: Mapping[str, Any] | None = None,
) -> AsyncIterator[Stage]:
    """The stage; deliveries wait for `wait_s`, mail for `mail_wait_s` if that is longer.

    What is for somebody active waits for `hold_s`.

    `ones` are settings of Ada's node only, `others` of Ben's.
    """
    for key, value in (
        ("push_wait_seconds", wait_s),
        ("mail_wait_seconds", max(wait_s, mail_wait_s)),
        ("active_hold_seconds", hold_s),
    ):
        await owner.execute(
            "update platform_settings set value = to_jsonb($1::int) where key = $2", value, key
        )
    async with mail_server() as inbox, push_service() as pushes:
        settings = {
            "public_url": "https://parley.example",
            "unread_notice_s": 0.2,
            "deliveries_poll_s": 0.05,
            "outbound_http": True,
            "outbound_networks": ["127.0.0.0/8"],
            "smtp_url": f"smtp://127.0.0.1:{inbox.port}",
            "smtp_tls": "none",
            "mail_from": "no-reply@parley.example",
        }
        async with (
            serve(**settings | dict(ones or {})) as one,
            serve(**settings | dict(others or {})) as two,
        ):
            ada, ben = await one.people(HOSTILE, "Ben")
            browser = Browser()
            device = {"platform": "web", "token": pushes.url(), **browser.keys()}
            made = await two.http("POST", "/v1/push-devices", ben, device)
            assert made.status == 201, made.body
            answer = await one.command(
                "conversation.create", ada, {"type": "direct", "participant_ids": [str(ben.id)]}
            )
            talk = answer.body["conversation"]["id"]
            wire = await two.connect(ben)
            yield Stage((one, two), owner, inbox, pushes, browser, ada, ben, wire, talk)


def _plain(d: Json) -> Json:
    return {name: str(value) if name.endswith("_id") else value for name, value in d.items()}
