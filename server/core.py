"""What a process stands on: its rooms, each built from those above it."""

import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from server.bus import Bus, bus_of
from server.config import Settings
from server.delivery.wiring import Delivery, delivery_of
from server.foundation import Foundation, foundation
from server.mail.wiring import MailRoom, mail_room, pruning
from server.notifications.announcing import Announcing
from server.notifications.deliverer import Deliverer
from server.notifications.push import PushParts, push_of
from server.notifications.retention import RetentionUpkeep
from server.notifications.wiring import deliverer_of
from server.outbox.wiring import Outbox, outbox_of
from server.readers import Readers, readers_of
from server.schedules.runner import Schedules
from server.workflows.wiring import Workflows, workflows_of
from server.writers import Writers, writers_of
from server.ws.wiring import Connections, connections_of
from storage.notifications.announcements import Announcements
from storage.notifications.retention import Retention
from storage.people.activity import Activity
from storage.schedules import ScheduleStore


@dataclass(frozen=True, slots=True)
class Core:
    """The rooms, as `opened` builds them."""

    foundation: Foundation
    readers: Readers
    bus: Bus
    delivery: Delivery
    outbox: Outbox
    writers: Writers
    connections: Connections
    workflows: Workflows
    schedules: Schedules
    """Rooms above add to them what they do again and again."""
    push: PushParts
    mail: MailRoom
    activity: Activity
    deliverer: Deliverer

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """The background tasks, to be ended in this order: what others hand work to ends last."""
        return (
            *self.connections.runs,
            self.activity.run,
            self.deliverer.run,
            self.schedules.run,
            *self.workflows.runs,
            *self.outbox.runs,
            *self.writers.runs,
            *self.bus.runs,
            *self.delivery.runs,
            self.foundation.lease.run,
        )


@contextlib.asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Core]:
    """The core, connected. Raises what asyncpg raises when PostgreSQL is not there."""
    async with foundation(settings) as ground, push_of(ground) as push, mail_room(ground) as mail:
        readers = readers_of(ground)
        bus = bus_of(ground)
        delivery = delivery_of(ground, readers, bus)

        def is_listening() -> bool:
            return delivery.hub.listeners.is_connected

        outbox = outbox_of(ground, readers, bus, is_listening)
        writers = writers_of(ground, readers, bus, delivery, outbox)
        connections = connections_of(ground, bus, delivery.hub)
        workflows = workflows_of(ground, bus, outbox.wake, is_listening)
        schedules = _schedules_of(ground)
        schedules.add(workflows.ledger.schedule(settings.night_hour))
        schedules.add(pruning(mail, settings.night_hour))
        announcements = Announcements(ground.pool)
        announcing = Announcing(announcements, outbox.relay.wake, settings.announcement_per_s)
        retention = Retention(
            ground.pool,
            dt.timedelta(days=settings.notifications_kept_days),
            dt.timedelta(days=settings.deliveries_kept_days),
        )
        schedules.add(
            announcing.schedule(), RetentionUpkeep(retention).schedule(settings.night_hour)
        )
        activity = Activity(ground.redis_calls)
        deliverer = deliverer_of(ground, mail, push, activity)
        yield Core(
            *(ground, readers, bus, delivery, outbox, writers, connections, workflows),
            *(schedules, push, mail, activity, deliverer),
        )


def _schedules_of(ground: Foundation) -> Schedules:
    settings = ground.settings
    assert settings.database_url is not None
    store = ScheduleStore(ground.pool, settings.database_url)
    return Schedules(store, ground.metrics.schedules, settings.schedules_poll_s)
