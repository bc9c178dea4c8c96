"""Applies the events that providers have sent, and asks where none came.

An event is applied by an execution of its own, and its outcome is noted afterwards: a process that
dies between the two applies it again, which changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import asyncpg
import structlog

from protocol.errors import RequestError
from server.outbox.waking import rest
from storage.database.postgres import UNAVAILABLE, losses_told
from storage.payments.events import NotThereYet, Outcome, ProviderEvents, StoredEvent
from storage.payments.local import Clock
from storage.payments.provider import Kind, NotKnown, PaymentProvider, ProviderAwayError, Told

log = structlog.get_logger()

Apply = Callable[[StoredEvent], Awaitable[Outcome]]
"""Does what an event asks for, or says why not."""
Answered = Callable[[Told], Awaitable[None]]
"""Takes what the provider answered, by an execution that may be repeated."""
Unsettled = Callable[[datetime], Awaitable[Sequence[tuple[Kind, str]]]]
"""What has been under way at the provider since before this time: kinds and keys."""

POLL_S = 1.0
ASK_EVERY_S = 60.0
ASK_AFTER_S = 600.0
"""How long something is under way until the provider is asked, and asked again."""
CALL_S = 20.0

_FAILED = (*UNAVAILABLE, asyncpg.PostgresError, RequestError)


class EventProcessor:
    """Applies stored events; any number of processes may run it."""

    def __init__(
        self,
        events: ProviderEvents,
        apply: Apply,
        clock: Clock,
        observe: Callable[[str], None] = lambda _state: None,
    ) -> None:
        """`observe` hears of the state that each event has come to."""
        self._events = events
        self._apply = apply
        self._clock = clock
        self._observe = observe
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be an event: look at once."""
        self._woken.set()

    async def run(self) -> None:
        """Apply events until cancelled."""
        while True:
            taken = 0
            try:
                with losses_told():
                    taken = await self.step()
            except _FAILED as error:
                log.warning("provider_events_wait", reason=type(error).__name__)
            if not taken:
                await rest(self._woken, POLL_S)

    async def step(self) -> int:
        """Apply the events that are due; how many there were. Raises what asyncpg raises."""
        found = await self._events.take(await self._clock())
        for event in found:
            outcome = await self._outcome(event)
            state = await self._events.settle(event, outcome, await self._clock())
            self._tell(event, state, getattr(outcome, "reason", ""))
        return len(found)

    async def _outcome(self, event: StoredEvent) -> Outcome:
        try:
            return await self._apply(event)
        except Exception as error:  # one event must not keep the others
            log.exception("provider_event_failed", kind=event.kind, event_id=event.event_id)
            return NotThereYet(f"{type(error).__name__}")

    def _tell(self, event: StoredEvent, state: str, reason: str) -> None:
        if not state:
            return
        self._observe(state)
        about = {"kind": event.kind, "event_id": event.event_id, "reason": reason}
        if state == "parked":
            log.error("provider_event_parked", **about)
        elif state == "refused":
            log.warning("provider_event_refused", **about)


class Asking:
    """Asks the provider about what has been under way for long, as an event may be lost."""

    def __init__(
        self, provider: PaymentProvider, unsettled: Unsettled, answered: Answered, clock: Clock
    ) -> None:
        self._provider = provider
        self._unsettled = unsettled
        self._answered = answered
        self._clock = clock
        self._asked: dict[str, datetime] = {}

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            try:
                with losses_told():
                    await self.step()
            except _FAILED as error:
                log.warning("provider_not_asked", reason=type(error).__name__)
            await asyncio.sleep(ASK_EVERY_S)

    async def step(self) -> int:
        """Ask about all that is due; how many answers there were."""
        now = await self._clock()
        answers, found = 0, await self._unsettled(now)
        again = now - timedelta(seconds=ASK_AFTER_S)
        keys = {key for _kind, key in found}
        self._asked = {k: at for k, at in self._asked.items() if k in keys and at > again}
        for kind, key in found:
            if key in self._asked:
                continue
            self._asked[key] = now
            try:
                async with asyncio.timeout(CALL_S):
                    answer = await self._provider.ask(kind, key)
            except (ProviderAwayError, TimeoutError) as error:
                log.warning("provider_away", kind=kind, reason=type(error).__name__)
                continue
            if isinstance(answer, NotKnown):
                # Its request is still to be made: the outbox has it, or an operator set it aside.
                log.warning("provider_knows_nothing", kind=kind, key=key)
                continue
            answers += await self._taken(Told(kind, key, answer))
        return answers

    async def _taken(self, told: Told) -> bool:
        try:
            await self._answered(told)
        except _FAILED:
            raise
        except Exception as error:  # noqa: BLE001 - one answer must not keep the others
            log.warning("provider_answer_not_taken", kind=told.kind, reason=str(error))
            return False
        return True
