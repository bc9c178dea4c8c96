"""What people do all the time: mostly send, and edit, react, delete and read."""

import asyncio
import contextlib
import random
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Coroutine, Hashable
from typing import Any
from uuid import UUID

from client.errors import CommandError, ConnectionLost, ReplyTimeout, SessionEnded
from loadtests.chaos.judges.oracle import CONTENT, Oracle, Reaction
from loadtests.chaos.judges.violations import Kind, Violations
from loadtests.chaos.people.cast import Cast, Room
from loadtests.chaos.people.device import Device
from protocol.objects import Message
from protocol.text import Id

DOERS_A_DEVICE = 2
WEIGHTS = (74, 8, 8, 3, 7)
"""Of sending, editing, reacting, deleting and reading."""
SLOWDOWN = 10
"""How much slower people are while the messages are ahead of the faults."""
IDLE_MAX_S = 5.0
REPLIES = 0.05
"""Of the messages, those that answer another one."""
DEVICES_MAX = 3
EMOJI = "👍🎉😀🚀💡🙏🔥👀🌱"
WORDS = ("the", "first", "cut", "is", "ready,", "剪辑", "and", "字幕", "follow;", "Ümit", "🎬")


class Traffic:
    """The doings of everybody. `due` says how many messages may have been sent by now."""

    def __init__(
        self, cast: Cast, oracle: Oracle, violations: Violations, seed: str, rate: float
    ) -> None:
        self.refused: Counter[str] = Counter()
        self.unanswered = 0
        self.changed = 0
        """Edits, deletions and reactions that were acknowledged."""
        self.due = 0
        self.oracle = oracle
        self._cast = cast
        self._violations = violations
        self._seed = seed
        self._mean_s = DOERS_A_DEVICE * len(cast.devices) / rate
        self._open = asyncio.Event()
        self._busy = 0
        self._is_over = False

    @contextlib.asynccontextmanager
    async def running(self, *beside: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
        """Everybody does things while the block lasts, and ends what is begun.

        What runs `beside` it ends when a turn says so.
        """
        self._open.set()
        async with asyncio.TaskGroup() as group:
            for device in self._cast.devices:
                for number in range(DOERS_A_DEVICE):
                    group.create_task(self._do(device, number))
            for work in beside:
                group.create_task(work)
            try:
                yield
            finally:
                self._is_over = True
                self._open.set()

    async def pause(self, within_s: float) -> None:
        """Nobody begins anything; returns when all that was begun has ended."""
        self._open.clear()
        async with asyncio.timeout(within_s):
            while self._busy:
                await asyncio.sleep(0.05)

    def go_on(self) -> None:
        """After a pause."""
        self._open.set()

    # For whoever does something.

    @property
    def rooms(self) -> list[Room]:
        """All conversations."""
        return self._cast.rooms

    async def idle(self, chance: random.Random, times: float = 1) -> None:
        """The time between two doings of one doer, longer while the messages are ahead."""
        slow = SLOWDOWN if self.oracle.sent >= self.due else 1
        pause_s = chance.expovariate(1 / (self._mean_s * slow * times))
        await asyncio.sleep(min(pause_s, IDLE_MAX_S))

    @contextlib.asynccontextmanager
    async def turn(self) -> AsyncIterator[bool]:
        """Do one thing in it, unless it yields false: then all is over."""
        await self._open.wait()
        self._busy += 1
        try:
            yield not self._is_over
        finally:
            self._busy -= 1

    def count_send(self) -> int:
        """The number of a message that is about to be sent."""
        self.oracle.sent += 1
        return self.oracle.sent

    def room_of(self, user_id: Id, chance: random.Random) -> Room | None:
        """One of a person's conversations."""
        return _one_of(self._cast.rooms_of(user_id), chance)

    def refuse(self, error: CommandError, room: Room, user_id: Id, name: str) -> None:
        """A send was refused for good, as it should be only to those who have left."""
        self.refused[f"message.send {error.code}"] += 1
        if room.settled(user_id):
            self._violations.note(Kind.REFUSED, f"{name} in {room.key}: {error}")

    # One device.

    async def _do(self, device: Device, number: int) -> None:
        chance = random.Random(f"{self._seed}/{device.name}/{number}")
        actions = (self._send, self._edit, self._react, self._delete, self._read)
        goes_on = True
        while goes_on:
            await self.idle(chance)
            (action,) = chance.choices(actions, WEIGHTS)
            async with self.turn() as goes_on:
                if not goes_on:
                    break
                try:
                    await action(device, chance)
                except SessionEnded as error:
                    self._violations.note(Kind.STUCK, f"{device.name} has given up: {error}")
                    break

    async def _send(self, device: Device, chance: random.Random) -> None:
        room = self._room(device, chance)
        if room is None:
            return
        content = text(chance, self.count_send())
        client_id = str(UUID(int=chance.getrandbits(128), version=4))
        parents = [one for one in device.others if one.conversation_id == room.key]
        if parents and chance.random() < REPLIES:
            parent_id = chance.choice(parents).id
            await self.send(device, room, content, client_id=client_id, parent_id=parent_id)
        else:
            await self.send(device, room, content, client_id=client_id)

    async def send(self, device: Device, room: Room, content: str, **fields: str) -> None:
        """Sends until it is acknowledged, refused, or nobody knows."""
        try:
            message = await device.session.send(room.key, content, **fields)
        except ReplyTimeout:
            self.unanswered += 1
        except CommandError as error:
            if "parent_id" in fields:
                self.refused[f"message.send {error.code}"] += 1
            else:
                self.refuse(error, room, device.user_id, device.name)
        else:
            self.oracle.stored(message)
            device.own.append(message)

    async def _edit(self, device: Device, chance: random.Random) -> None:
        message = _taken(device.own, chance)
        if message is None:
            return await self._send(device, chance)
        content = text(chance, self.oracle.sent) + " (edited)"
        done = await self.change(
            message.id, CONTENT, (message.content, content), device.session.edit(message, content)
        )
        if done is not None:
            device.own.append(done)
        return None

    async def _delete(self, device: Device, chance: random.Random) -> None:
        message = _taken(device.own, chance)
        if message is not None:
            await self.change(
                message.id, CONTENT, (message.content, None), device.session.delete(message)
            )

    async def _react(self, device: Device, chance: random.Random) -> None:
        message = _taken(device.others, chance)
        if message is None or not device.holds(message.conversation_id):
            return
        # The devices of one person do not give the same.
        mine = EMOJI[device.place :: DEVICES_MAX]
        thing = Reaction(device.user_id, chance.choice(mine))
        added = await self.change(
            message.id, thing, (False, True), device.session.react(message, thing.emoji)
        )
        if added is not None and chance.random() < 0.3:
            await self.change(
                message.id,
                thing,
                (True, False),
                device.session.react(message, thing.emoji, remove=True),
            )

    async def change(
        self,
        subject: Id,
        thing: Hashable,
        values: tuple[Hashable, Hashable],
        command: Awaitable[Message],
    ) -> Message | None:
        """Once; the message as it is then, or None when it was not acknowledged."""
        before, value = values
        self.oracle.tries(subject, thing, before, value)
        try:
            message = await command
        except CommandError as error:
            self.refused[f"{error.op} {error.code}"] += 1
            if not error.retryable:
                self.oracle.refuses(subject, thing, value)
        except (ReplyTimeout, ConnectionLost):
            self.refused["change without an answer"] += 1
        else:
            self.changed += 1
            self.oracle.settles(subject, thing, value)
            self.oracle.moved(message.conversation_id, message.rev)
            return message
        return None

    async def _read(self, device: Device, chance: random.Random) -> None:
        room = self._room(device, chance)
        if room is None:
            return
        held = device.session.state.conversations[room.key]
        try:
            reply = await device.session.read(room.key, held.last_seq)
        except CommandError as error:
            self.refused[f"{error.op} {error.code}"] += 1
        except (ReplyTimeout, ConnectionLost):
            pass
        else:
            self.oracle.read(device.user_id, room.key, reply.seq)

    def _room(self, device: Device, chance: random.Random) -> Room | None:
        rooms = [room for room in self._cast.rooms_of(device.user_id) if device.holds(room.key)]
        return _one_of(rooms, chance)


def _one_of(rooms: list[Room], chance: random.Random) -> Room | None:
    return chance.choices(rooms, [room.weight for room in rooms])[0] if rooms else None


def _taken(messages: deque[Message], chance: random.Random) -> Message | None:
    """One of them, taken out: what is done to a message is done by one doer at a time."""
    if not messages:
        return None
    at = chance.randrange(len(messages))
    message = messages[at]
    del messages[at]
    return message


def text(chance: random.Random, number: int) -> str:
    """What a message says."""
    return f"{number}: " + " ".join(chance.choices(WORDS, k=chance.randint(1, 40)))
