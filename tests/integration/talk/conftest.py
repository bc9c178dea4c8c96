"""Devices of people, connected to the running app by the client library."""

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest

from tests.app import Person, Served
from tests.integration.talk.device import FORMATS, Device, device_of
from tests.wire import Format

Connect = Callable[..., Awaitable[Device]]


@pytest.fixture
async def connect(app: Served) -> AsyncIterator[Connect]:
    """Makes devices that are up to date, in either format, on any node."""
    async with contextlib.AsyncExitStack() as stack:

        async def connect(
            person: Person, form: Format = "json", on: Served | None = None
        ) -> Device:
            device = await stack.enter_async_context(device_of(on or app, person, FORMATS[form]))
            await device.told()
            device.log.clear()
            return device

        yield connect


@dataclass(frozen=True)
class Pair:
    """Two people with a direct conversation; anna speaks JSON, ben MessagePack."""

    people: tuple[Person, Person]
    anna: Device
    ben: Device
    key: str


@pytest.fixture
async def pair(app: Served, connect: Connect) -> Pair:
    """Anna has opened a direct conversation with ben; nothing is said yet."""
    first, second = await app.people("anna", "ben")
    anna, ben = await connect(first, "json"), await connect(second, "msgpack")
    conversation = await anna.session.create_direct(ben.me)
    await ben.hear("conversation.created")
    for device in (anna, ben):
        await device.told()
        device.log.clear()
    return Pair((first, second), anna, ben, conversation.id)
