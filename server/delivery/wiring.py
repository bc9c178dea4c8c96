"""The delivery of a process, built from its bus and its readers."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.bus import Bus
from server.delivery.gap_filler import GapFiller, hold_s
from server.delivery.hub import Hub
from server.delivery.large_conversation_joiner import LargeConversationJoiner
from server.delivery.own_messages import OwnMessages
from server.delivery.reconciler import Reconciler
from server.delivery.resumer import Resumer
from server.foundation import Foundation
from server.readers import Readers


@dataclass(frozen=True, slots=True)
class Delivery:
    """The parts that others use, and those that run."""

    hub: Hub
    own_messages: OwnMessages
    resumer: Resumer
    large_joiner: LargeConversationJoiner
    reconciler: Reconciler
    gap_filler: GapFiller

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Its background tasks."""
        return (
            self.gap_filler.run,
            self.large_joiner.run,
            self.reconciler.run,
            self.hub.listeners.run,
        )


def delivery_of(foundation: Foundation, readers: Readers, bus: Bus) -> Delivery:
    """The delivery of a process."""
    metrics, guard, event_log = foundation.metrics, foundation.guard, bus.event_log
    least_s = foundation.settings.hold_ms / 1000
    own_messages = OwnMessages()
    hub = Hub(foundation.nodes, metrics, own_messages)
    large_joiner = LargeConversationJoiner(hub, event_log, guard, readers.gaps)
    return Delivery(
        hub=hub,
        own_messages=own_messages,
        resumer=Resumer(hub, event_log, large_joiner, lambda: foundation.lease.timeline),
        large_joiner=large_joiner,
        reconciler=Reconciler(hub, event_log, guard, readers.gaps),
        gap_filler=GapFiller(
            hub.delivery,
            hub.large,
            readers.gaps,
            metrics,
            lambda: hold_s(least_s, bus.publisher.slowest_s()),
        ),
    )
