"""Every command once, on a real server: what it answered, and what the others heard of it."""

from typing import Any, Self
from uuid import uuid4

from tests.app import Person, Served
from tests.wire import Format, Wire

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360f8cf500f0003860180a5a5d6e30000000049454e44ae426082"
)
HOURS = {"weekday": 6, "from": "22:00:00", "until": "08:00:00"}
ENOUGH_EVENTS = {
    "message.created",
    "message.updated",
    "conversation.created",
    "conversation.updated",
    "conversation.settings",
    "member.joined",
    "member.left",
    "receipt.read",
    "receipt.delivered",
    "typing.started",
    "typing.stopped",
    "presence.changed",
    "notification.created",
    "unread.changed",
}


class Scenario:
    """Anna does everything; ben, carl and her tablet listen, all in the same format."""

    def __init__(self, served: Served, people: list[Person], wires: list[Wire]) -> None:
        self.served = served
        self.anna, self.ben, self.carl = people
        self.a, self.tablet, self.b, self.c = wires
        self.replies: list[tuple[str, Any]] = [("hello", self.a.hello)]
        self.room = ""
        self.message = ""

    @classmethod
    async def begin(cls, served: Served, form: Format) -> Self:
        """The people, connected."""
        people = await served.people("anna", "ben", "carl")
        persons = [people[0], await served.login(people[0]), *people[1:]]
        return cls(served, people, [await served.connect(person, form) for person in persons])

    @property
    def events(self) -> list[dict[str, Any]]:
        """All that anybody heard."""
        return [
            frame
            for wire in (self.a, self.tablet, self.b, self.c)
            for frame in wire.frames
            if "ev" in frame
        ]

    async def play(self) -> None:
        """Everything, in an order in which it can be done."""
        await self._meet()
        await self._talk()
        await self._read()
        await self._look_around()
        await self._part()
        await self._heard()

    async def _do(self, op: str, **fields: Any) -> Any:
        reply = await self.a.ask(op, fields)
        self.replies.append((op, reply))
        return reply

    async def _in_room(self, op: str, **fields: Any) -> Any:
        return await self._do(op, conversation_id=self.room, **fields)

    async def _on_message(self, op: str, **fields: Any) -> Any:
        return await self._in_room(op, message_id=self.message, **fields)

    async def _meet(self) -> None:
        await self._do("ping")
        await self._do("token.refresh", token=self.anna.token)
        made = await self._do(
            "conversation.create", type="group", participant_ids=[self.ben.id], title="Pier"
        )
        self.room = made["conversation"]["id"]
        await self._in_room("member.add", user_id=self.carl.id)
        await self._in_room("conversation.update", title="Quay")
        await self._in_room("conversation.settings", is_pinned=True)

    async def _talk(self) -> None:
        parent = {"conversation_id": self.room, "client_id": str(uuid4()), "content": "where?"}
        asked = (await self.b.ask("message.send", parent))["message"]
        uploaded = [
            (await self.served.upload(self.anna, data, name)).body["file"]["file_id"]
            for data, name in ((PNG, "plan.png"), (b"some words\n", "notes.txt"))
        ]
        sent = await self._in_room(
            "message.send",
            client_id=uuid4(),
            content="at the pier",
            parent_id=asked["id"],
            mentions=[self.ben.id],
            attachments=[{"file_id": file_id} for file_id in uploaded],
        )
        self.message = sent["message"]["id"]
        await self._on_message("message.edit", content="at the old pier")
        await self._on_message("reaction.add", emoji="👍")
        await self._on_message("message.pin")
        await self._on_message("message.get")
        await self._in_room("message.history")
        await self._in_room("message.thread", parent_id=asked["id"])
        await self._in_room("conversation.get")
        await self._do("conversation.list")
        await self._do("message.search", query="pier")
        await self._do("sync", conversations={self.room: 3}, receipts_since="2026-11-01T00:00:00Z")

    async def _read(self) -> None:
        another = {"conversation_id": self.room, "client_id": str(uuid4()), "content": "coming"}
        seq = (await self.b.ask("message.send", another))["message"]["seq"]
        await self._in_room("receipt.delivered", seq=seq)
        await self.b.expect("receipt.delivered")
        await self._in_room("receipt.read", seq=seq)
        await self.b.expect("receipt.read")
        await self._in_room("typing.start")
        await self._in_room("typing.stop")
        await self.b.expect("typing.stopped")

    async def _look_around(self) -> None:
        await self._do("presence.watch", user_ids=[self.ben.id])
        await self.b.ask("presence.set", status="dnd", text="at work")
        await self.a.expect("presence.changed", where=lambda d: d["status"] == "dnd")
        await self._do("presence.unwatch", user_ids=[self.ben.id])
        await self._do("presence.set", status="away")
        told = await self.b.expect("notification.created")
        page = await self.b.ask("notification.list")
        assert told["d"]["notification"]["id"] in [n["id"] for n in page["notifications"]]
        self.replies.append(("notification.list", page))
        await self._do("notification.read", up_to="2026-11-20T22:03:00.000Z")
        await self._do("notification.archive", ids=[uuid4()])
        await self._do("preference.set", quiet_hours=[HOURS], snooze_until="2026-11-20T22:03:00Z")
        await self._do("preference.get")
        await self._do("block.add", user_id=self.carl.id)
        await self._do("block.list")
        await self._do("block.remove", user_id=self.carl.id)
        await self._do("people.find", query=self.carl.name)
        await self._do(
            "report.create", subject_type="message", subject_id=self.message, reason="other"
        )
        kept = await self._do("template.create", title="greeting", content="Hello!")
        await self._do("template.list")
        await self._do("template.delete", template_id=kept["templates"][0]["id"])

    async def _part(self) -> None:
        await self._on_message("reaction.remove", emoji="👍")
        await self._on_message("message.unpin")
        await self._on_message("message.delete")
        await self._in_room("member.remove", user_id=self.carl.id)
        await self._in_room("conversation.leave")

    async def _heard(self) -> None:
        """Wait for what comes by way of the outbox, in its own time."""
        await self.c.expect("member.left", where=lambda d: d["user_id"] == str(self.carl.id))
        await self.b.expect("member.left", where=lambda d: d["user_id"] == str(self.anna.id))
        await self.tablet.expect("conversation.settings")
        await self.tablet.expect("unread.changed")
