"""Sends unread figures that clients cannot compute: at most once a second for each user."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

import msgspec
import structlog

from protocol.bus import BusEvent, pack
from protocol.errors import RequestError
from protocol.events import UnreadEvent
from protocol.objects import UnreadTotals
from storage.bus.publisher import EPHEMERAL, Publication, Publisher
from storage.conversations.reader import ConversationReader
from storage.people.presence import PresenceStore
from storage.redis.guard import RedisAwayError

log = structlog.get_logger()

INTERVAL_S = 1.0
TOLD_AT_ONCE = 250
"""Users whose figures are read together."""

_encode = msgspec.json.Encoder().encode

NotificationCounts = Callable[[Collection[UUID]], Awaitable[dict[UUID, int]]]
"""Unread notifications by user."""


class UnreadTeller:
    """Collects users whose figures changed and publishes `unread.changed` for them."""

    def __init__(
        self,
        conversations: ConversationReader,
        notifications: NotificationCounts,
        presence: PresenceStore,
        publisher: Publisher,
    ) -> None:
        self._conversations = conversations
        self._notifications = notifications
        self._presence = presence
        self._publisher = publisher
        self._moved: dict[UUID, set[UUID]] = defaultdict(set)
        self._read: dict[UUID, set[UUID]] = defaultdict(set)
        self._woken = asyncio.Event()

    async def totals(self, user_id: UUID) -> UnreadTotals:
        """The figures of one user."""
        return (await self.totals_of([user_id]))[user_id]

    async def totals_of(self, user_ids: Collection[UUID]) -> dict[UUID, UnreadTotals]:
        """The figures of users."""
        messages = await self._conversations.unread_totals(user_ids)
        notifications = await self._notifications(user_ids)
        return {
            user_id: UnreadTotals(messages[user_id], notifications.get(user_id, 0))
            for user_id in user_ids
        }

    def moved(self, user_id: UUID, conversation_id: UUID | None) -> None:
        """A user's figures have changed in a way that the user's clients cannot compute."""
        conversations = self._moved[user_id]
        if conversation_id is not None:
            conversations.add(conversation_id)
        self._woken.set()

    def read(self, user_id: UUID, conversation_id: UUID) -> None:
        """A user has read on one device: only the other devices need the figures."""
        self._read[user_id].add(conversation_id)
        self._woken.set()

    async def run(self) -> None:
        """Publish until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            moved, self._moved = self._moved, defaultdict(set)
            read, self._read = self._read, defaultdict(set)
            try:
                for user_id in await self._with_others(read):
                    moved[user_id] |= read[user_id]
                await self._tell(moved)
            except RequestError as error:
                log.warning("unread_not_told", users=len(moved), reason=error.code)
            await asyncio.sleep(INTERVAL_S)

    async def _with_others(self, read: dict[UUID, set[UUID]]) -> list[UUID]:
        names = [str(user_id) for user_id in read]
        try:
            others = await self._presence.with_others(names)
        except RedisAwayError:
            return []
        return [UUID(name) for name in others]

    async def _tell(self, moved: dict[UUID, set[UUID]]) -> None:
        """In parts: a deletion in a large conversation changes the figures of all its members."""
        users = list(moved)
        for start in range(0, len(users), TOLD_AT_ONCE):
            await self._tell_some({user: moved[user] for user in users[start:][:TOLD_AT_ONCE]})

    async def _tell_some(self, moved: dict[UUID, set[UUID]]) -> None:
        totals = await self.totals_of(moved)
        pairs = [(user, conversation) for user, some in moved.items() for conversation in some]
        unread: dict[UUID, dict[str, int]] = defaultdict(dict)
        if pairs:
            for (user_id, conversation_id), count in (
                await self._conversations.unread_of(pairs)
            ).items():
                unread[user_id][str(conversation_id)] = count
        publications = []
        for user_id in moved:
            told = totals[user_id]
            event = UnreadEvent(told.messages, told.notifications, unread.get(user_id, {}))
            body = pack(BusEvent(b"unread.changed", d=_encode(event)))
            publications.append(Publication(body, [str(user_id)], EPHEMERAL))
        self._publisher.publish(publications)
