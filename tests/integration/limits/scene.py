"""A room with two people in it, made over the wire."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from tests.app import Person, Served
from tests.wire import Wire


@dataclass(frozen=True)
class Room:
    """A group of anna, who owns it, and ben; both connected, ben in the other format."""

    served: Served
    anna: Person
    ben: Person
    a: Wire
    b: Wire
    id: str

    async def send(self, content: str | None = "hello", **fields: Any) -> Any:
        """Anna's message, or `Refused`."""
        return (await self.a.ask("message.send", self.message(content, **fields)))["message"]

    async def refused_send(self, content: str | None = "hello", **fields: Any) -> Any:
        """The error that Anna's message gets."""
        return await self.a.refusal("message.send", self.message(content, **fields))

    def message(self, content: str | None = "hello", **fields: Any) -> dict[str, Any]:
        """The `d` of a send."""
        told = {"conversation_id": self.id, "client_id": str(uuid4()), "content": content}
        return told | fields


async def make_room(served: Served) -> Room:
    """The room, new."""
    anna, ben = await served.people("anna", "ben")
    a, b = await served.connect(anna), await served.connect(ben, "msgpack")
    made = await a.ask("conversation.create", type="group", participant_ids=[ben.id])
    return Room(served, anna, ben, a, b, made["conversation"]["id"])


def is_invalid(error: dict[str, Any], path: str, **details: Any) -> bool:
    """True for `validation_failed` of this field whose details name the limit."""
    told = error["details"]
    return (error["code"], told.get("path")) == ("validation_failed", path) and all(
        told[name] == value for name, value in details.items()
    )


def limits(**given):
    """The limits of the server that the fixture `room` is on."""
    return pytest.mark.parametrize("room", [given], indirect=True, ids=[""])
