"""Sends over the bare wire, several at once, and again in order what was not stored."""

import asyncio
import random
from uuid import UUID

from client.connection.connection import Connection
from client.errors import CommandError, ConnectionLost, ReplyTimeout
from loadtests.chaos.judges.sending import Draft, SendOrder
from loadtests.chaos.judges.violations import Kind, Violations
from loadtests.chaos.judges.wire import WireJudge
from loadtests.chaos.people.cast import Room
from loadtests.chaos.people.traffic import Traffic, text
from protocol.replies import MessageReply
from protocol.text import Id

BURST = (1, 5)
AGAIN_S = (0.05, 0.5)
REPLY_S = 5.0


class WireSender:
    """What a listener says itself, over all of its connections."""

    def __init__(
        self, judge: WireJudge, user_id: Id, traffic: Traffic, violations: Violations, seed: str
    ) -> None:
        self._judge = judge
        self._user_id = user_id
        self._traffic = traffic
        self._violations = violations
        self._chance = random.Random(f"{seed}/{judge.name}/sends")
        self._orders: dict[Id, SendOrder] = {}

    @property
    def pending(self) -> int:
        """Messages that are neither stored nor refused for good, as far as is known."""
        return sum(len(order.pending) for order in self._orders.values())

    async def run(self, connection: Connection) -> None:
        """Sends until the connection ends; first what an earlier one left without an answer."""
        async with self._traffic.turn():
            await asyncio.gather(*(self._settle(connection, room) for room in self._unsettled()))
        while connection.is_open:
            await self._traffic.idle(self._chance, BURST[1])
            async with self._traffic.turn() as goes_on:
                room = self._traffic.room_of(self._user_id, self._chance) if goes_on else None
                if room is not None and connection.is_open:
                    self._draft(room)
                    await self._settle(connection, room)
            if not goes_on:
                await connection.ended()

    def _unsettled(self) -> list[Room]:
        return [room for room in self._traffic.rooms if self._order(room.key).pending]

    def _order(self, key: Id) -> SendOrder:
        return self._orders.setdefault(key, SendOrder())

    def _draft(self, room: Room) -> None:
        for _ in range(self._chance.randint(*BURST)):
            client_id = str(UUID(int=self._chance.getrandbits(128), version=4))
            content = text(self._chance, self._traffic.count_send())
            self._order(room.key).draft(client_id, content)

    async def _settle(self, connection: Connection, room: Room) -> None:
        """Sends what is pending, all at once, until nothing is or the connection has ended."""
        order = self._order(room.key)
        while order.pending and connection.is_open:
            await asyncio.gather(
                *(self._send(connection, room, draft) for draft in list(order.pending))
            )
            if order.pending:
                await asyncio.sleep(self._chance.uniform(*AGAIN_S))

    async def _send(self, connection: Connection, room: Room, draft: Draft) -> None:
        key, client_id = room.key, draft.client_id
        d = {"conversation_id": key, "client_id": client_id, "content": draft.content}
        self._judge.sends(key, client_id)
        try:
            await connection.request(
                "message.send",
                d,
                MessageReply,
                timeout_s=REPLY_S,
                applied=lambda reply: self._stored(room, draft, reply),
            )
        except CommandError as error:
            self._judge.refused(key, client_id, for_good=not error.retryable)
            if not error.retryable:
                self._order(key).dropped(draft)
                self._traffic.refuse(error, room, self._user_id, self._judge.name)
        except ReplyTimeout:
            await connection.close()
        except ConnectionLost:
            pass

    def _stored(self, room: Room, draft: Draft, reply: MessageReply) -> None:
        message = reply.message
        self._judge.acknowledged(message)
        self._traffic.oracle.stored(message)
        if wrong := self._order(room.key).stored(draft, message.seq):
            self._violations.note(Kind.REORDERED, f"{self._judge.name} in {room.key}: {wrong}")
