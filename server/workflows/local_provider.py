"""Sends the events of the local provider, as a provider outside would."""

import asyncio

import asyncpg
import structlog

from protocol.errors import RequestError
from server.outbox.waking import rest
from server.workflows.receiving import EventReceiver
from storage.database.postgres import UNAVAILABLE, losses_told
from storage.payments.local import LocalProvider

log = structlog.get_logger()

POLL_S = 1.0


class LocalSender:
    """The background task of the local provider; any number of processes may run it."""

    def __init__(self, provider: LocalProvider, receiver: EventReceiver) -> None:
        self._provider = provider
        self._receiver = receiver
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There may be an event to send: look at once."""
        self._woken.set()

    async def run(self) -> None:
        """Send what is due until cancelled."""
        while True:
            sent = 0
            try:
                with losses_told():
                    sent = await self._provider.send_due(self._receiver.take_own)
            except (*UNAVAILABLE, asyncpg.PostgresError, RequestError) as error:
                log.warning("local_provider_waits", reason=type(error).__name__)
            if not sent:
                await rest(self._woken, POLL_S)
