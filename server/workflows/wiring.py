"""The executor of a process, and the background tasks of workflows."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from handlers.resources import RESOURCES
from handlers.workflows import WORKFLOWS
from server.bus import Bus
from server.foundation import Foundation
from server.outbox.consumer import OutboxConsumer
from server.workflows.domain_events import DomainEvents
from server.workflows.ledger_upkeep import LedgerUpkeep
from server.workflows.payments import CONSUMER
from server.workflows.payments_wiring import (
    LocalPayments,
    PaymentParts,
    local_payments_of,
    payments_of,
)
from server.workflows.timers import TimersPoller
from storage.resources.store import ResourceStore
from storage.workflows.executor import Executor
from storage.workflows.timers import Timers


@dataclass(frozen=True, slots=True)
class Workflows:
    """The executor, which the doors ask too, and what goes on without anybody asking."""

    executor: Executor
    domain: DomainEvents
    timers: TimersPoller
    payments: PaymentParts
    local: LocalPayments | None
    ledger: LedgerUpkeep

    @property
    def consumers(self) -> tuple[OutboxConsumer, ...]:
        """Its consumers, for the figures of the outbox."""
        return (self.domain.consumer, self.payments.consumer)

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Its background tasks."""
        sending = () if self.local is None else (self.local.sender.run,)
        return (self.timers.run, self.domain.run, *self.payments.runs, *sending)


def workflows_of(
    foundation: Foundation,
    bus: Bus,
    wake_outbox: Callable[[], None],
    is_listening: Callable[[], bool],
) -> Workflows:
    """The workflows of a process; `is_listening` says whether it hears what is published."""
    store, observe = ResourceStore(foundation.pool, RESOURCES), foundation.metrics.outbox_lag
    domain = DomainEvents(foundation.pool, foundation.owner, bus.publisher, is_listening, observe)

    def committed(enqueued: frozenset[str]) -> None:
        wake_outbox()
        domain.consumer.wake()
        if CONSUMER in enqueued:
            payments.calls.wake()

    executor = Executor(
        foundation.pool, WORKFLOWS, lambda path: store.showing(RESOURCES[path]), committed
    )
    timers = TimersPoller(
        Timers(foundation.pool),
        WORKFLOWS,
        executor.run,
        foundation.metrics.timers,
        foundation.settings.timers_poll_s,
    )
    local = local_payments_of(foundation)
    payments = payments_of(foundation, local, executor)
    assert foundation.settings.database_url is not None
    ledger = LedgerUpkeep(foundation.settings.database_url, foundation.metrics.ledger_found)
    return Workflows(executor, domain, timers, payments, local, ledger)
