"""Who talks with whom: people, their devices, and conversations of every size."""

import asyncio
import contextlib
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

import msgspec

from client.connection.frames import JSON, MSGPACK
from loadtests.bench.target.accounts import Login
from loadtests.chaos.judges.oracle import Oracle
from loadtests.chaos.judges.told import DeviceRecord
from loadtests.chaos.judges.violations import Violations
from loadtests.chaos.people.device import Device
from loadtests.chaos.people.trace import Write, traced
from loadtests.chaos.servers.proxy import Address
from protocol.text import Id

_READY_S = 60.0
_AT_ONCE = 8
EDGE = 3
"""How far conversations on the edge of a crowd are to grow."""


class Scale(msgspec.Struct, frozen=True):
    """How many of everything."""

    people: int = 50
    devices: tuple[int, int] = (25, 5)
    """How many people have a second device, and how many of these a third one."""
    directs: int = 26
    groups: int = 14
    group_size: tuple[int, int] = (3, 8)
    crowds: int = 2
    crowd_size: int = 40
    edges: int = 1
    """Conversations that grow, as people come and go, past the size at which they are a crowd."""
    edge_size: int = 31
    listeners: int = 10
    """On the bare wire; their people have a device besides."""
    twins: int = 2
    """More of them, for people who have one on the bare wire already."""
    senders: int = 6
    """How many of those on the bare wire send as well, the twins before the others."""


@dataclass(slots=True)
class Room:
    """A conversation of the run."""

    key: Id
    owner: Id
    members: list[Id]
    weight: float
    size: int = 0
    """How many there were in the beginning, or are to be."""
    away: set[Id] = field(default_factory=set)
    """People who are leaving, coming, or coming back."""

    def __post_init__(self) -> None:
        self.size = self.size or len(self.members)

    def settled(self, user_id: Id) -> bool:
        """Whether the person is a member and stays one."""
        return user_id in self.members and user_id not in self.away


class Cast:
    """All devices and all conversations."""

    def __init__(self, devices: list[Device]) -> None:
        self.devices = devices
        self.people = list(dict.fromkeys(device.user_id for device in devices))
        self.rooms: list[Room] = []
        self._devices: dict[Id, list[Device]] = defaultdict(list)
        self._rooms: dict[Id, dict[Id, Room]] = defaultdict(dict)
        for device in devices:
            self._devices[device.user_id].append(device)

    def devices_of(self, user_id: Id) -> list[Device]:
        """A person's devices, the first one first."""
        return self._devices[user_id]

    def rooms_of(self, user_id: Id) -> list[Room]:
        """The conversations in which a person is settled."""
        return [room for room in self._rooms[user_id].values() if user_id not in room.away]

    def add(self, room: Room) -> None:
        """A conversation that its members may know by now."""
        self.rooms.append(room)
        for user_id in room.members:
            self._rooms[user_id][room.key] = room

    def enter(self, room: Room, user_id: Id) -> None:
        """Somebody is a member from now on."""
        room.members.append(user_id)
        self._rooms[user_id][room.key] = room

    def depart(self, room: Room, user_id: Id) -> None:
        """Somebody is a member no more."""
        room.members.remove(user_id)
        del self._rooms[user_id][room.key]


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
    second, third = scale.devices
    owners = [*logins, *logins[:second], *logins[:third]]
    async with contextlib.AsyncExitStack() as stack:
        devices: list[Device] = []
        for number, login in enumerate(owners):
            name = f"device {number}"
            record = DeviceRecord(name, login.user_id, violations)
            form = traced((JSON, MSGPACK)[number % 2], name, write)
            place = (number >= len(logins)) + (number >= len(logins) + second)
            device = Device(name, login, form, backends, (oracle, record), place=place)
            devices.append(await stack.enter_async_context(device))
        for device in devices:
            await device.session.ready(_READY_S)
        cast = Cast(devices)
        await _make_rooms(cast, scale, chance)
        for device in devices:
            keys = {room.key for room in cast.rooms_of(device.user_id)}
            await device.session.until(partial(_holds_all, device, keys), _READY_S)
        yield cast


def _holds_all(device: Device, keys: set[Id]) -> bool:
    return all(map(device.holds, keys))


async def _make_rooms(cast: Cast, scale: Scale, chance: random.Random) -> None:
    people = cast.people
    plans: list[tuple[list[Id], float, int]] = []
    for number in range(scale.directs):
        first = people[2 * number % len(people)]
        others = [other for other in people if other != first]
        plans.append(([first, chance.choice(others)], 3.0, 2))
    sizes = [chance.randint(*scale.group_size) for _ in range(scale.groups)]
    plans += [(chance.sample(people, size), 1.5, size) for size in sizes]
    size = scale.crowd_size
    plans += [(chance.sample(people, size), 0.1, size) for _ in range(scale.crowds)]
    size = scale.edge_size
    plans += [(chance.sample(people, size), 0.2, size + EDGE) for _ in range(scale.edges)]
    turn = asyncio.Semaphore(_AT_ONCE)

    async def make(members: list[Id], weight: float, size: int) -> Room:
        async with turn:
            session = cast.devices_of(members[0])[0].session
            if len(members) == 2:
                shown = await session.create_direct(members[1])
            else:
                shown = await session.create(members[1:], title=f"{len(members)} people")
            return Room(shown.id, members[0], members, weight, size)

    made = await asyncio.gather(*(make(*plan) for plan in plans))
    # Two pairs may have been the same people.
    for room in {room.key: room for room in made}.values():
        cast.add(room)
