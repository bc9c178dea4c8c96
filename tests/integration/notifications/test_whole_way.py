"""From what happens to the socket, the browser and the mailbox: two nodes, a real mail server and
push service, and what somebody does in the grace before it goes out.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
import pytest

from tests.app import Person, Served
from tests.push_service import Browser, PushService, push_service
from tests.smtp_server import Inbox, mail_server
from tests.wire import WAIT_S, Wire

Json = dict[str, Any]


@dataclass
class Stage:
    """Ada on one node and Ben on the other, in a direct conversation; Ben has a browser."""

    nodes: tuple[Served, Served]
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

    async def pushed(self, count: int = 1) -> Json:
        """What Ben's browser shows last, once it has got so many."""
        arrived = await self.pushes.after(count)
        shown: Json = orjson.loads(self.browser.read(arrived[-1].body))
        return shown

    async def mailed(self) -> Any:
        """The first mail in Ben's mailbox, and all its text."""
        async with asyncio.timeout(WAIT_S):
            while not self.inbox.arrived:
                await asyncio.sleep(0.05)
        return self.inbox.arrived[0].message

    async def decided(self, *reasons: str) -> None:
        """Return once Ben's deliveries stand for these reasons."""
        async with asyncio.timeout(WAIT_S):
            while True:
                page = await self.nodes[1].http("GET", "/v1/notifications", self.ben)
                found = [
                    one["reason"]
                    for item in page.body["data"]
                    for one in await self.deliveries(item["id"])
                ]
                if sorted(filter(None, found)) == sorted(reasons):
                    return
                await asyncio.sleep(0.1)

    async def deliveries(self, notification_id: str) -> list[Json]:
        """What became of a notification of Ben's."""
        path = f"/v1/notifications/{notification_id}/deliveries"
        found: list[Json] = (await self.nodes[1].http("GET", path, self.ben)).body["data"]
        return found


Stages = Callable[..., contextlib.AbstractAsyncContextManager[Stage]]


@pytest.fixture
def staged(serve, owner) -> Stages:
    """Makes the stage; deliveries wait so many seconds."""

    @contextlib.asynccontextmanager
    async def staged(wait_s: int = 0) -> AsyncIterator[Stage]:
        # Whole seconds, and nobody is active for a minute after a command.
        await owner.execute(
            "update platform_settings set value = to_jsonb($1::int)"
            " where key in ('push_wait_seconds', 'mail_wait_seconds')",
            wait_s,
        )
        await owner.execute(
            "update platform_settings set value = '0' where key = 'active_hold_seconds'"
        )
        async with mail_server() as inbox, push_service() as pushes:
            settings = {
                "unread_notice_s": 0.2,
                "deliveries_poll_s": 0.1,
                "outbound_http": True,
                "outbound_networks": ["127.0.0.0/8"],
                "smtp_url": f"smtp://127.0.0.1:{inbox.port}",
                "smtp_tls": "none",
                "mail_from": "no-reply@parley.example",
                "public_url": "https://localhost:8443",
            }
            async with serve(**settings) as one, serve(**settings) as two:
                ada, ben = await one.people('Ada\r\nBcc: all@example.org "the" first', "Ben")
                browser = Browser()
                device = {"platform": "web", "token": pushes.url(), **browser.keys()}
                made = await two.http("POST", "/v1/push-devices", ben, device)
                assert made.status == 201, made.body
                answer = await one.command(
                    "conversation.create",
                    ada,
                    {"type": "direct", "participant_ids": [str(ben.id)]},
                )
                key = answer.body["conversation"]["id"]
                wire = await two.connect(ben)
                yield Stage((one, two), inbox, pushes, browser, ada, ben, wire, key)

    return staged


async def test_socket_browser_and_mailbox(staged):
    async with staged() as stage:
        sent = await stage.say("Is the logo done?")
        told = (await stage.wire.expect("notification.created"))["d"]
        assert told["notification"]["type"] == "message.run"
        assert told["unread"] == {"messages": 1, "notifications": 0}
        shown = await stage.pushed()
        assert shown["id"] == told["notification"]["id"]
        assert "Is the logo done?" in shown["body"] and "\n" not in shown["title"]
        assert shown["url"] == f"/conversations/{stage.conversation}"
        mail = await stage.mailed()
        assert mail["Bcc"] is None and "Ada Bcc" in mail["Subject"]
        for part in ("plain", "html"):
            assert "Is the logo done?" in mail.get_body((part,)).get_content()
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        await stage.decided("sent", "sent")
        assert len(stage.inbox.arrived) == 1 and sent["seq"] == 1


async def test_an_edit_in_the_grace_is_what_is_told(staged):
    async with staged(2) as stage:
        sent = await stage.say("a wrong word", names_ben=True)
        await stage.wire.expect("notification.created")
        await stage.by_ada("message.edit", message_id=sent["id"], content="the right word")
        assert "the right word" in (await stage.pushed())["body"]
        mail = await stage.mailed()
        assert "the right word" in mail.get_body(("plain",)).get_content()
        assert "a wrong word" not in mail.as_string()


@pytest.mark.parametrize(
    ("reason", "act"),
    [
        ("deleted", lambda stage, sent: stage.by_ada("message.delete", message_id=sent["id"])),
        (
            "read",
            lambda stage, sent: stage.wire.ask(
                "receipt.read", conversation_id=stage.conversation, seq=sent["seq"]
            ),
        ),
        ("blocked", lambda stage, _sent: stage.wire.ask("block.add", user_id=stage.ada.id)),
        (
            "muted",
            lambda stage, _sent: stage.wire.ask(
                "conversation.settings", conversation_id=stage.conversation, is_muted=True
            ),
        ),
    ],
    ids=["deleted", "read", "blocked", "muted"],
)
async def test_what_is_done_in_the_grace_cancels(
    staged, owner, reason: str, act: Callable[[Stage, Json], Awaitable[None]]
):
    async with staged(2) as stage:
        sent = await stage.say("for nothing", names_ben=True)
        await stage.wire.expect("notification.created")
        await act(stage, sent)
        async with asyncio.timeout(WAIT_S):
            while True:
                rows = await owner.fetch("select status, reason from notification_deliveries")
                if {row["status"] for row in rows} == {"cancelled"}:
                    break
                await asyncio.sleep(0.1)
        assert [row["reason"] for row in rows] == [reason, reason]
        assert not stage.pushes.arrived and not stage.inbox.arrived


async def test_a_login_that_has_ended_gets_no_push(staged):
    async with staged(2) as stage:
        assert (await stage.nodes[1].http("POST", "/v1/auth/logout", stage.ben)).status < 300
        await stage.say("not to that browser")
        assert "not to that browser" in (await stage.mailed()).get_body(("plain",)).get_content()
        assert not stage.pushes.arrived


def _plain(d: Json) -> Json:
    return {name: str(value) if name.endswith("_id") else value for name, value in d.items()}
