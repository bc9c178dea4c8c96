"""What people do in a scenario: at the server, and, if it lets them, in the oracle's world."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from uuid import UUID

from protocol.objects import Notification
from storage.people.activity import Activity
from tests.faults.deliveries.scenarios.script import CHANNELS, PEOPLE, TALKS, Event
from tests.faults.deliveries.scenarios.stage import Stage
from tests.faults.deliveries.scenarios.world import Said, World

GROUP_OF: Mapping[str, str] = MappingProxyType(
    {"message.run": "run", "message.mention": "mention", "message.reply": "reply"}
)


class Doing:
    """Commands by numbers. `door` hears of each, unless it is a quiet one."""

    def __init__(self, stage: Stage, world: World, door: Activity) -> None:
        self._stage, self._world, self._door = stage, world, door
        self._ids: dict[int, UUID] = {}
        """Of messages, by number."""

    async def do(self, event: Event) -> None:
        """One of these."""
        members = TALKS[event.where]
        event = event._replace(who=members[event.who % len(members)])
        if not event.is_quiet or event.kind == "act":
            self._door.acted[self._stage.people[event.who]] = self._stage.clock.time()
            self._world.acted_ms[event.who] = self._stage.clock.at_ms
        await getattr(self, f"_{event.kind}")(event)

    async def _act(self, event: Event) -> None:
        """Nothing but being there."""

    async def _say(
        self, event: Event, named: Sequence[int] = (), answered: Said | None = None
    ) -> None:
        number = self._world.next_number()
        talk = self._world.talks[event.where]
        key = await self._stage.say(
            event.who,
            event.where,
            f"w{number}v1",
            named,
            None if answered is None else self._ids[answered.number],
        )
        if key is None:
            return
        self._ids[number] = key
        self._world.say(
            Said(
                number,
                event.where,
                len(talk.said) + 1,
                event.who,
                self._stage.clock.at_ms,
                frozenset(named) & talk.present,
                None if answered is None else answered.sender,
            )
        )

    async def _name(self, event: Event) -> None:
        others = [one for one in TALKS[event.where] if one != event.who]
        named = {others[event.about % len(others)], others[event.about // 7 % len(others)]}
        await self._say(event, sorted(named))

    async def _answer(self, event: Event) -> None:
        # Mostly that of somebody else; who is named besides hears of that.
        said = self._message(event, is_own=event.about % 5 == 0)
        others = [one for one in TALKS[event.where] if one != event.who]
        named = [others[event.about % len(others)]] if event.about % 4 == 0 else []
        await self._say(event, named, said)

    def _message(self, event: Event, *, is_own: bool) -> Said | None:
        said = [
            one for one in self._world.talks[event.where].said
            if (one.sender == event.who) is is_own and one.number in self._ids
        ]  # fmt: skip
        return said[event.about % len(said)] if said else None

    async def _edit(self, event: Event) -> None:
        said = self._message(event, is_own=True)
        if said is not None:
            text = f"w{said.number}v{said.version + 1}"
            key = self._ids[said.number]
            if await self._stage.edit(event.who, event.where, key, text):
                said.version += 1

    async def _delete(self, event: Event) -> None:
        said = self._message(event, is_own=True)
        if said is not None and await self._stage.delete(
            event.who, event.where, self._ids[said.number]
        ):
            said.is_deleted = True

    async def _read(self, event: Event) -> None:
        last = len(self._world.talks[event.where].said)
        seq = last if event.about % 3 else event.about % (last + 1)
        if seq and await self._stage.read(event.who, event.where, seq):
            self._world.read(event.who, event.where, seq)

    async def _leave(self, event: Event) -> None:
        if await self._stage.leave(event.who, event.where):
            self._world.talks[event.where].present.discard(event.who)

    async def _mute(self, event: Event) -> None:
        is_muted = event.about % 2 == 1
        if await self._stage.mute(event.who, event.where, is_muted=is_muted):
            muted = self._world.talks[event.where].muted
            (muted.add if is_muted else muted.discard)(event.who)

    async def _block(self, event: Event) -> None:
        others = [one for one in range(PEOPLE) if one != event.who]
        other = others[event.about // 2 % len(others)]
        is_blocked = event.about % 2 == 1
        if await self._stage.block(event.who, other, is_blocked=is_blocked):
            self._world.block(event.who, other, is_blocked=is_blocked)

    async def _want(self, event: Event) -> None:
        channel = CHANNELS[event.about // 2 % 2]
        is_on = event.about % 2 == 0
        if await self._stage.want(event.who, channel, is_on=is_on):
            self._world.wants[event.who, channel] = is_on

    async def _see(self, event: Event) -> None:
        """Marks as read what the inbox shows."""
        rows = await self._chosen(event)
        await self._stage.see(event.who, [UUID(row.id) for row in rows])
        for row in rows:
            if row.type != "message.run":
                self._close(event.who, row)

    async def _archive(self, event: Event) -> None:
        rows = await self._chosen(event)
        await self._stage.archive(event.who, [UUID(row.id) for row in rows])
        for row in rows:
            self._close(event.who, row)

    async def _chosen(self, event: Event) -> Sequence[Notification]:
        rows = (await self._stage.look(event.who)).rows
        return rows[event.about % len(rows) :][: 1 + event.about % 2] if rows else ()

    def _close(self, person: int, row: Notification) -> None:
        talk = self._stage.talks.index(UUID(row.data["conversation_id"]))
        self._world.close(person, GROUP_OF[row.type], talk, row.data["seq"])
