"""The payments of a process, put together by its settings."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from handlers.workflows.money.answers import Answers
from server.foundation import Foundation
from server.outbox.consumer import OutboxConsumer
from server.workflows.local_provider import LocalSender
from server.workflows.payments import Payments
from server.workflows.provider_events import Asking, EventProcessor
from server.workflows.receiving import EventReceiver
from storage.payments.closed import NoProvider
from storage.payments.events import ProviderEvents
from storage.payments.local import Clock, LocalProvider
from storage.payments.provider import PaymentProvider
from storage.payments.standing import Standings
from storage.workflows.executor import Executor


@dataclass(frozen=True, slots=True)
class LocalPayments:
    """The local provider, what sends its events, and what takes them."""

    provider: LocalProvider
    receiver: EventReceiver
    sender: LocalSender


@dataclass(frozen=True, slots=True)
class PaymentParts:
    """What calls the provider of a process, and applies what it says."""

    provider: PaymentProvider
    calls: Payments
    processor: EventProcessor
    asking: Asking

    @property
    def consumer(self) -> OutboxConsumer:
        """One of its consumers of the outbox, for the figures."""
        return self.calls.consumers[0]

    @property
    def runs(self) -> tuple[Callable[[], Awaitable[None]], ...]:
        """Its background tasks."""
        return (*self.calls.runs, self.processor.run, self.asking.run)


def local_payments_of(foundation: Foundation, clock: Clock | None = None) -> LocalPayments | None:
    """The local provider, if the settings name it; by the clock of workflows if none is given.

    Its events come in by the receiver alone, as those of a provider outside.
    """
    settings = foundation.settings
    if settings.provider != "local":
        return None
    assert settings.provider_secret is not None
    events = ProviderEvents(foundation.pool)
    present = clock or events.now
    provider = LocalProvider(foundation.pool, present, settings.local_provider_switches)
    secret = settings.provider_secret.get_secret_value()
    receiver = EventReceiver(events, provider.name, secret, present)
    sender = LocalSender(provider, receiver)
    provider.begun = sender.wake
    return LocalPayments(provider, receiver, sender)


def payments_of(
    foundation: Foundation, local: LocalPayments | None, executor: Executor
) -> PaymentParts:
    """What calls the provider that the settings name, and takes what it says."""
    metrics, pool = foundation.metrics, foundation.pool
    provider: PaymentProvider = NoProvider() if local is None else local.provider
    events, standings = ProviderEvents(pool), Standings(pool)
    answers = Answers(executor, standings, provider)
    calls = Payments(pool, foundation.owner, provider, answers.answered, metrics.outbox_lag)
    processor = EventProcessor(events, answers.apply, events.now, metrics.provider_event)
    if local is not None:
        local.receiver.stored = processor.wake
    asking = Asking(provider, standings.unsettled, answers.answered, events.now)
    return PaymentParts(provider, calls, processor, asking)
