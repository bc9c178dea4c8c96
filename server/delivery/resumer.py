"""Joins a connection to its user's channels, and resumes it from where the client was."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from protocol.bus import BusEvent
from protocol.requests import Resume
from protocol.resume import Replay, Replayed, replay
from server.connection.mailbox import Mailbox
from server.delivery.channel import Channel
from server.delivery.hub import Hub
from server.delivery.large_conversation_joiner import LargeConversationJoiner
from storage.bus.event_log import EventLog, Joined, LogPosition
from storage.redis.guard import RedisAwayError

_ENTRY = re.compile(r"[0-9]{1,19}-[0-9]{1,19}")
"""An entry id of a Redis stream."""


@dataclass(slots=True)
class Opening:
    """Where a connection starts. `outcome` is `resumed`, or the reason why not."""

    outcome: str
    epoch: str = ""
    offset: str = ""
    events: list[Replayed] = field(default_factory=list)
    stale: set[str] = field(default_factory=set)
    marks: list[BusEvent] = field(default_factory=list)

    @property
    def is_resumed(self) -> bool:
        """Whether `events` are all that the client missed."""
        return self.outcome == "resumed"

    def replayed(self) -> Iterator[tuple[BusEvent, str]]:
        """The events that the client missed, each with its `at`; newer watermarks come last."""
        yield from ((one.event, one.at) for one in self.events)
        yield from ((mark, "") for mark in self.marks)


class Resumer:
    """Joins connections to their users' channels and logs."""

    def __init__(
        self,
        hub: Hub,
        event_log: EventLog,
        large: LargeConversationJoiner,
        timeline: Callable[[], str],
    ) -> None:
        """`timeline` names the history of PostgreSQL: revs of others are not comparable."""
        self._hub = hub
        self._event_log = event_log
        self._large = large
        self._timeline = timeline

    async def join(self, user_id: str, mailbox: Mailbox, wanted: Resume | None) -> Opening:
        """Subscribe, wait for the confirmation, and read the log from the client's last entry.

        If Redis is away, the client has to sync. Raises `RequestError` (`unavailable`).
        """
        channel = await self._hub.listeners.join(user_id, mailbox)
        try:
            joined = await self._event_log.join(user_id, self._place_of(wanted))
        except RedisAwayError:
            self._hub.begin(channel, None, mailbox, Replay())
            await self._large.join(mailbox, channel, await self._large.of(user_id, None), {})
            return Opening("redis_away")
        told = self._told(joined, wanted)
        replayed = told if isinstance(told, Replay) else Replay()
        self._hub.begin(channel, joined.newest, mailbox, replayed)
        large = await self._large.of(user_id, joined)
        await self._large.join(mailbox, channel, large, replayed.revs)
        if wanted is None or isinstance(told, str):
            return self._anew(str(told), joined)
        return await self._resumed(mailbox, channel, joined, wanted, told, large)

    def _told(self, joined: Joined, wanted: Resume | None) -> Replay | str:
        """The events in the user's log that the client missed, or why it cannot resume."""
        if wanted is None:
            return "anew"
        place = self._place_of(wanted)
        if joined.entries is None:
            return "trimmed" if place.epoch == joined.newest.epoch else "other_epoch"
        return replay(joined.entries, _revs(wanted), place.entry) or "too_much"

    async def _resumed(
        self,
        mailbox: Mailbox,
        channel: Channel,
        joined: Joined,
        wanted: Resume,
        told: Replay,
        large: Mapping[str, int],
    ) -> Opening:
        try:
            # For those stale by the user's log that holds, as after joining again.
            named = [name for name in large if name not in told.stale]
            of_large, stale = await self._large.replay(mailbox, channel, named, told.revs)
        except RedisAwayError:
            return self._anew("redis_away", joined)
        return Opening(
            "resumed",
            wanted.epoch,
            wanted.offset,
            told.events + of_large,
            told.stale | stale,
            joined.marks,
        )

    def _anew(self, outcome: str, joined: Joined) -> Opening:
        newest = joined.newest
        return Opening(outcome, f"{newest.epoch}.{self._timeline()}", newest.entry)

    def _place_of(self, wanted: Resume | None) -> LogPosition:
        """The client's position; an empty one if its epoch is of another history of PostgreSQL."""
        if wanted is None:
            return LogPosition("", "")
        epoch, _, timeline = wanted.epoch.rpartition(".")
        is_ours = timeline == self._timeline() and _ENTRY.fullmatch(wanted.offset)
        return LogPosition(epoch, wanted.offset) if is_ours else LogPosition("", "")


def _revs(wanted: Resume) -> dict[str, int]:
    return {str(key): rev for key, rev in wanted.revs.items()}
