"""What people do all the time: mostly send, and edit, react, delete, read, leave and come back."""

import asyncio
import contextlib
import random
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from uuid import UUID

from client.errors import CommandError, ConnectionLost, ReplyTimeout, SessionEnded
from loadtests.chaos.cast import Cast, Room
from loadtests.chaos.device import Device
from loadtests.chaos.oracle import CONTENT, Member, Oracle, Reaction
from loadtests.chaos.violations import Kind, Violations
from protocol.objects import Message
from protocol.text import Id

DOERS_A_DEVICE = 2
SLOWDOWN = 10
"""How much slower people are while the messages are ahead of the faults."""
ROAMERS = 2
REPLIES = 0.05
"""Of the messages, those that answer another one."""
ROAM_S = (0.5, 3.0)
AGAIN_S = 0.3
EMOJI = "👍🎉😀🚀💡🙏🔥👀"
WORDS = ("the", "first", "cut", "is", "ready,", "剪辑", "and", "字幕", "follow;", "Ümit", "🎬")


class Traffic:
    """The doings of everybody. `due` says how many messages may have been sent by now."""

    def __init__(
        self, cast: Cast, oracle: Oracle, violations: Violations, seed: str, rate: float
    ) -> None:
        self.refused: Counter[str] = Counter()
        self.unanswered = 0
        self.due = 0
        self._cast = cast
        self._oracle = oracle
        self._violations = violations
        self._seed = seed
        self._mean_s = DOERS_A_DEVICE * len(cast.devices) / rate
        self._open = asyncio.Event()
        self._busy = 0
        self._is_over = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everybody does things while the block lasts, and ends what is begun."""
        self._open.set()
        async with asyncio.TaskGroup() as group:
            for device in self._cast.devices:
                for number in range(DOERS_A_DEVICE):
                    group.create_task(self._do(device, number))
            for number in range(ROAMERS):
                group.create_task(self._roam(number))
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

    # One device.

    async def _do(self, device: Device, number: int) -> None:
        chance = random.Random(f"{self._seed}/{device.name}/{number}")
        actions = (self._send, self._edit, self._react, self._delete, self._read)
        while not self._is_over:
            slow = SLOWDOWN if self._oracle.sent >= self.due else 1
            await asyncio.sleep(chance.expovariate(1 / (self._mean_s * slow)))
            (action,) = chance.choices(actions, (80, 5, 6, 2, 7))
            async with self._turn():
                if self._is_over:
                    break
                try:
                    await action(device, chance)
                except SessionEnded as error:
                    self._violations.note(Kind.STUCK, f"{device.name} has given up: {error}")
                    break

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        await self._open.wait()
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1

    async def _send(self, device: Device, chance: random.Random) -> None:
        room = self._room(device, chance)
        if room is None:
            return
        self._oracle.sent += 1
        content = _text(chance, self._oracle.sent)
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
            self.refused[f"message.send {error.code}"] += 1
            if room.settled(device.user_id) and "parent_id" not in fields:
                self._violations.note(Kind.REFUSED, f"{device.name} in {room.key}: {error}")
        else:
            self._oracle.stored(message)
            device.own.append(message)

    async def _edit(self, device: Device, chance: random.Random) -> None:
        message = _taken(device.own, chance)
        if message is None:
            return await self._send(device, chance)
        content = _text(chance, self._oracle.sent) + " (edited)"
        done = await self._change(
            message.id, CONTENT, (message.content, content), device.session.edit(message, content)
        )
        if done is not None:
            device.own.append(done)
        return None

    async def _delete(self, device: Device, chance: random.Random) -> None:
        message = _taken(device.own, chance)
        if message is not None:
            await self._change(
                message.id, CONTENT, (message.content, None), device.session.delete(message)
            )

    async def _react(self, device: Device, chance: random.Random) -> None:
        message = _taken(device.others, chance)
        if message is None or not device.holds(message.conversation_id):
            return
        # The devices of one person do not give the same.
        mine = EMOJI[: len(EMOJI) // 2] if device.is_second else EMOJI[len(EMOJI) // 2 :]
        thing = Reaction(device.user_id, chance.choice(mine))
        added = await self._change(
            message.id, thing, (False, True), device.session.react(message, thing.emoji)
        )
        if added is not None and chance.random() < 0.3:
            await self._change(
                message.id,
                thing,
                (True, False),
                device.session.react(message, thing.emoji, remove=True),
            )

    async def _change(
        self,
        subject: Id,
        thing: Hashable,
        values: tuple[Hashable, Hashable],
        command: Awaitable[Message],
    ) -> Message | None:
        """Once; the message as it is then, or None when it was not acknowledged."""
        before, value = values
        self._oracle.tries(subject, thing, before, value)
        try:
            message = await command
        except CommandError as error:
            self.refused[f"{error.op} {error.code}"] += 1
            if not error.retryable:
                self._oracle.refuses(subject, thing, value)
        except (ReplyTimeout, ConnectionLost):
            self.refused["change without an answer"] += 1
        else:
            self._oracle.settles(subject, thing, value)
            self._oracle.moved(message.conversation_id, message.rev)
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
            self._oracle.read(device.user_id, room.key, reply.seq)

    def _room(self, device: Device, chance: random.Random) -> Room | None:
        rooms = [room for room in self._cast.rooms_of(device.user_id) if device.holds(room.key)]
        if not rooms:
            return None
        return chance.choices(rooms, [room.weight for room in rooms])[0]

    # Leaving and coming back.

    async def _roam(self, number: int) -> None:
        chance = random.Random(f"{self._seed}/roamer/{number}")
        while not self._is_over:
            await asyncio.sleep(chance.uniform(*ROAM_S))
            room = chance.choice([room for room in self._cast.rooms if len(room.members) > 2])
            staying = [one for one in room.members if one != room.owner and room.settled(one)]
            user_id = chance.choice(staying) if staying else None
            async with self._turn():
                if user_id is None or self._is_over:
                    continue
                try:
                    await self._leave_and_return(room, user_id, chance.uniform(0, 1))
                except SessionEnded:
                    break  # told by those who send

    async def _leave_and_return(self, room: Room, user_id: Id, pause_s: float) -> None:
        room.away.add(user_id)
        person, owner = (self._cast.devices_of(one)[0].session for one in (user_id, room.owner))
        member = Member(user_id)
        self._oracle.tries(room.key, member, before=True, value=False)
        await self._until_done(lambda: person.leave(room.key))
        self._oracle.settles(room.key, member, value=False)
        await asyncio.sleep(pause_s)
        self._oracle.tries(room.key, member, before=False, value=True)
        await self._until_done(lambda: owner.change_member(room.key, user_id, verb="add"))
        self._oracle.settles(room.key, member, value=True)
        room.away.discard(user_id)

    async def _until_done(self, command: Callable[[], Awaitable[object]]) -> None:
        """Again and again; whom the first answer did not reach, finds it done."""
        while True:
            try:
                await command()
            except CommandError as error:
                if error.code == "not_found":
                    return
                self.refused[f"{error.op} {error.code}"] += 1
            except (ReplyTimeout, ConnectionLost):
                pass
            else:
                return
            await asyncio.sleep(AGAIN_S)


def _taken(messages: deque[Message], chance: random.Random) -> Message | None:
    """One of them, taken out: what is done to a message is done by one doer at a time."""
    if not messages:
        return None
    at = chance.randrange(len(messages))
    message = messages[at]
    del messages[at]
    return message


def _text(chance: random.Random, number: int) -> str:
    return f"{number}: " + " ".join(chance.choices(WORDS, k=chance.randint(1, 40)))
