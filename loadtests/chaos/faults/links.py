"""What happens between a client and the server."""

from typing import ClassVar
from uuid import UUID

from loadtests.chaos.faults.fault import Fault
from loadtests.chaos.people.device import Device
from loadtests.chaos.servers.proxy import Way
from loadtests.chaos.stage import Stage

_LONG_TEXT = 4_000
_FLOOD = 80


def _some(stage: Stage, least: int, most: int) -> list[Device]:
    devices = stage.cast.devices
    return stage.chance.sample(devices, min(len(devices), stage.chance.randint(least, most)))


class ResetMidFrame(Fault):
    """Connections are reset after some bytes more, in either direction."""

    name: ClassVar[str] = "clients reset mid-frame"

    async def strike(self, stage: Stage) -> None:
        """Some devices; those that sent nothing meanwhile are spared."""
        for device in _some(stage, 5, 20):
            way = stage.chance.choice(list(Way))
            for link in device.door.links:
                link.reset_after(way, stage.chance.randint(1, 400))
        await stage.pass_time(0.5, 1.5)
        for device in stage.cast.devices:
            for link in device.door.links:
                link.spare()


class StallClients(Fault):
    """Nothing goes through in one direction or both; nobody says that it is over."""

    name: ClassVar[str] = "clients stalled, half-open"

    async def strike(self, stage: Stage) -> None:
        """Some devices, for some seconds."""
        stalled = _some(stage, 3, 10)
        ways = stage.chance.choice(([Way.FORTH], [Way.BACK], list(Way)))
        for device in stalled:
            for way in ways:
                device.door.stop(way)
        await stage.pass_time(1, 6)
        for device in stalled:
            for way in ways:
                device.door.go(way)


class SlowReaders(Fault):
    """Devices read nothing while long messages come for them, until they are sent away (4004)."""

    name: ClassVar[str] = "slow readers under a flood"

    async def strike(self, stage: Stage) -> None:
        """Up to three people of one conversation."""
        room = stage.chance.choice(stage.cast.rooms)
        writer = stage.cast.devices_of(room.owner)[0]
        readers = [
            device
            for device in stage.cast.devices
            if device.user_id in room.members and device.user_id != room.owner
        ]
        slow = stage.chance.sample(readers, min(len(readers), 3))
        for device in slow:
            device.door.stop(Way.BACK)
        for _ in range(_FLOOD):
            content = "字" * stage.chance.randint(1, _LONG_TEXT)
            client_id = str(UUID(int=stage.chance.getrandbits(128), version=4))
            stage.oracle.sent += 1
            await stage.traffic.send(writer, room, content, client_id=client_id)
        await stage.pass_time(0, 1)
        for device in slow:
            device.door.go(Way.BACK)
