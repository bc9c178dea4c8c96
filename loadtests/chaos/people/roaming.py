"""Who comes and goes: people leave, are removed and taken in again, and new conversations begin."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from functools import partial

from client.errors import CommandError, ConnectionLost, ReplyTimeout, SessionEnded
from loadtests.chaos.judges.oracle import CONTENT, Member
from loadtests.chaos.people.cast import Cast, Room
from loadtests.chaos.people.device import Device
from loadtests.chaos.people.traffic import Traffic, text
from protocol.text import Id

ROAMERS = 3
ROAM_S = (0.3, 2.0)
AWAY_S = (0.0, 1.0)
STAY_S = (0.0, 3.0)
AGAIN_S = 0.3
DRIFT = 2
"""Whoever leaves for good or comes to stay changes the size of a group by so many at the most."""
FOUNDED = (3, 6)
FOUNDED_MAX = 60
"""Conversations begun during a run: each is judged with all devices from then on."""
WEIGHTS = (10, 5, 3, 2)
"""Of a member's way out and back, a guest's visit, a change for good, and a new conversation."""


class Roaming:
    """Changes of membership. Each person is moved in and out of a room by one roamer at a time."""

    def __init__(self, cast: Cast, traffic: Traffic, seed: str) -> None:
        self.moves = 0
        """Times that somebody left, was removed, or was taken in."""
        self._cast = cast
        self._traffic = traffic
        self._oracle = traffic.oracle
        self._seed = seed
        self._founded = 0

    async def run(self, number: int) -> None:
        """One roamer, until all is over."""
        chance = random.Random(f"{self._seed}/roamer/{number}")
        actions = (self._leave_and_return, self._visit, self._change, self._found)
        goes_on = True
        while goes_on:
            await asyncio.sleep(chance.uniform(*ROAM_S))
            (action,) = chance.choices(actions, WEIGHTS)
            async with self._traffic.turn() as goes_on:
                if not goes_on:
                    break
                try:
                    await action(chance)
                except SessionEnded:
                    break  # told by those who send

    # What somebody does.

    async def _leave_and_return(self, chance: random.Random) -> None:
        room = self._group(chance)
        user_id = _one(self._removable(room), chance)
        if user_id is None:
            return
        room.away.add(user_id)
        await self._part(room, user_id, chance)
        await asyncio.sleep(chance.uniform(*AWAY_S))
        await self._take_in(room, user_id)
        room.away.discard(user_id)

    async def _visit(self, chance: random.Random) -> None:
        room = self._group(chance)
        user_id = _one(self._outsiders(room), chance)
        if user_id is None:
            return
        room.away.add(user_id)
        await self._take_in(room, user_id)
        await asyncio.sleep(chance.uniform(*STAY_S))
        await self._part(room, user_id, chance)
        room.away.discard(user_id)

    async def _change(self, chance: random.Random) -> None:
        """Somebody leaves for good, or comes to stay; larger rooms shrink and smaller ones grow."""
        room = self._group(chance)
        grows = chance.randint(room.size - DRIFT, room.size + DRIFT - 1) >= len(room.members)
        user_id = _one(self._outsiders(room) if grows else self._removable(room), chance)
        if user_id is None:
            return
        room.away.add(user_id)
        if grows:
            await self._take_in(room, user_id)
            self._cast.enter(room, user_id)
        else:
            self._cast.depart(room, user_id)
            await self._part(room, user_id, chance)
        room.away.discard(user_id)

    async def _found(self, chance: random.Random) -> None:
        """A new conversation, in which somebody speaks at once."""
        if self._founded >= FOUNDED_MAX:
            return
        self._founded += 1
        members = chance.sample(self._cast.people, chance.randint(*FOUNDED))
        device = self._first(members[0])
        try:
            shown = await device.session.create(members[1:], title="begun on the way")
        except (CommandError, ReplyTimeout, ConnectionLost):
            self._traffic.refused["conversation.create without an answer"] += 1
            return
        room = Room(shown.id, members[0], members, 1.0)
        for _ in range(chance.randint(1, 3)):
            content = text(chance, self._traffic.count_send())
            await self._traffic.send(device, room, content)
        self._cast.add(room)

    # Its parts.

    async def _part(self, room: Room, user_id: Id, chance: random.Random) -> None:
        """By oneself or by the owner; half the time with edits right before and after it."""
        owner = self._first(room.owner)
        is_edited = chance.random() < 0.5
        if is_edited:
            await self._edit(room, owner, chance)
        if chance.random() < 0.5:
            leaver = self._first(user_id).session
            await self._set(room, user_id, partial(leaver.leave, room.key), value=False)
        else:
            change = partial(owner.session.change_member, room.key, user_id, verb="remove")
            await self._set(room, user_id, change, value=False)
        if is_edited:
            await self._edit(room, owner, chance)

    async def _take_in(self, room: Room, user_id: Id) -> None:
        owner = self._first(room.owner).session
        change = partial(owner.change_member, room.key, user_id, verb="add")
        await self._set(room, user_id, change, value=True)

    async def _set(
        self, room: Room, user_id: Id, command: Callable[[], Awaitable[object]], *, value: bool
    ) -> None:
        self.moves += 1
        member = Member(user_id)
        self._oracle.tries(room.key, member, not value, value)
        await self._until_done(command)
        self._oracle.settles(room.key, member, value)

    async def _edit(self, room: Room, owner: Device, chance: random.Random) -> None:
        """The owner changes a message of this room that nobody is changing."""
        message = next((one for one in owner.own if one.conversation_id == room.key), None)
        if message is None:
            return
        owner.own.remove(message)
        content = text(chance, self._oracle.sent) + " (edited)"
        command = owner.session.edit(message, content)
        values = message.content, content
        done = await self._traffic.change(message.id, CONTENT, values, command)
        if done is not None:
            owner.own.append(done)

    async def _until_done(self, command: Callable[[], Awaitable[object]]) -> None:
        """Again and again; whom the first answer did not reach, finds it done."""
        while True:
            try:
                await command()
            except CommandError as error:
                if error.code == "not_found":
                    return
                self._traffic.refused[f"{error.op} {error.code}"] += 1
            except (ReplyTimeout, ConnectionLost):
                pass
            else:
                return
            await asyncio.sleep(AGAIN_S)

    def _first(self, user_id: Id) -> Device:
        return self._cast.devices_of(user_id)[0]

    def _group(self, chance: random.Random) -> Room:
        return chance.choice([room for room in self._cast.rooms if room.size > 2])

    def _removable(self, room: Room) -> list[Id]:
        return [one for one in room.members if one != room.owner and room.settled(one)]

    def _outsiders(self, room: Room) -> list[Id]:
        inside = {*room.members, *room.away}
        return [one for one in self._cast.people if one not in inside]


def _one(people: list[Id], chance: random.Random) -> Id | None:
    return chance.choice(people) if people else None
