"""Who talks with whom: people, their devices, and conversations of every size."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from client.frames import JSON, MSGPACK
from loadtests.bench.accounts import Login
from loadtests.chaos.device import Device
from loadtests.chaos.oracle import Oracle
from loadtests.chaos.proxy import Address
from loadtests.chaos.told import DeviceRecord
from loadtests.chaos.trace import Write, traced
from loadtests.chaos.violations import Violations
from protocol.text import Id

_READY_S = 60.0
_AT_ONCE = 8


class Scale(msgspec.Struct, frozen=True):
    """How many of everything."""

    people: int = 50
    second_devices: int = 10
    directs: int = 26
    groups: int = 14
    group_size: tuple[int, int] = (3, 8)
    crowds: int = 2
    crowd_size: int = 40
    listeners: int = 8


@dataclass(slots=True)
class Room:
    """A conversation of the run."""

    key: Id
    owner: Id
    members: list[Id]
    weight: float
    away: set[Id] = field(default_factory=set)
    """Members who are leaving or coming back."""

    def settled(self, user_id: Id) -> bool:
        """Whether the person is a member and stays one."""
        return user_id in self.members and user_id not in self.away


@dataclass(slots=True)
class Cast:
    """All devices and all conversations."""

    devices: list[Device]
    rooms: list[Room]

    def devices_of(self, user_id: Id) -> list[Device]:
        """A person's devices."""
        return [device for device in self.devices if device.user_id == user_id]

    def rooms_of(self, user_id: Id) -> list[Room]:
        """The conversations in which a person is settled."""
        return [room for room in self.rooms if room.settled(user_id)]


@contextlib.asynccontextmanager
async def assembled(
    scale: Scale,
    logins: Sequence[Login],
    judges: tuple[Oracle, Violations],
    backends: Callable[[], Sequence[Address]],
    chance: random.Random,
    write: Write | None = None,
) -> AsyncIterator[Cast]:
    """Everybody connected, every conversation made and known to its members.

    `write` is given a line for each frame taken in.
    """
    oracle, violations = judges
    owners = [*logins, *logins[: scale.second_devices]]
    async with contextlib.AsyncExitStack() as stack:
        devices: list[Device] = []
        for number, login in enumerate(owners):
            name = f"device {number}"
            record = DeviceRecord(name, login.user_id, violations)
            form = traced((JSON, MSGPACK)[number % 2], name, write)
            is_second = number >= len(logins)
            device = Device(name, login, form, backends, (oracle, record), is_second=is_second)
            devices.append(await stack.enter_async_context(device))
        for device in devices:
            await device.session.ready(_READY_S)
        cast = Cast(devices, [])
        await _make_rooms(cast, scale, chance)
        for device in devices:
            keys = {room.key for room in cast.rooms_of(device.user_id)}
            await device.session.until(partial(_holds_all, device, keys), _READY_S)
        yield cast


def _holds_all(device: Device, keys: set[Id]) -> bool:
    return all(map(device.holds, keys))


async def _make_rooms(cast: Cast, scale: Scale, chance: random.Random) -> None:
    people = [device.user_id for device in cast.devices[: scale.people]]
    plans: list[tuple[list[Id], float]] = []
    for number in range(scale.directs):
        first = people[2 * number % len(people)]
        others = [other for other in people if other != first]
        plans.append(([first, chance.choice(others)], 3.0))
    sizes = [chance.randint(*scale.group_size) for _ in range(scale.groups)]
    plans += [(chance.sample(people, size), 1.5) for size in sizes]
    plans += [(chance.sample(people, scale.crowd_size), 0.1) for _ in range(scale.crowds)]
    turn = asyncio.Semaphore(_AT_ONCE)

    async def make(members: list[Id], weight: float) -> Room:
        async with turn:
            session = cast.devices_of(members[0])[0].session
            if len(members) == 2:
                shown = await session.create_direct(members[1])
            else:
                shown = await session.create(members[1:], title=f"{len(members)} people")
            return Room(shown.id, members[0], members, weight)

    made = await asyncio.gather(*(make(*plan) for plan in plans))
    # Two pairs may have been the same people.
    cast.rooms = list({room.key: room for room in made}.values())
