"""What the sample people do: by the same executor and payments as in service, at times of the past.

The clock of workflows is put back meanwhile. It is right again when this is over, and after a
process that died in between, by `put_right`.
"""

import contextlib
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from typing import Any, Self, TypeAlias
from uuid import UUID, uuid4

import asyncpg
import msgspec
import orjson

from handlers.resources import RESOURCES
from handlers.workflows import WORKFLOWS
from handlers.workflows.money.answers import Answers
from server.workflows.payments import Payments
from server.workflows.provider_events import EventProcessor
from server.workflows.receiving import EventReceiver
from storage.database.idempotency import FirstAnswer
from storage.database.queries import load_queries
from storage.payments.events import ProviderEvents
from storage.payments.local import LocalProvider
from storage.payments.standing import Standings
from storage.resources.store import ResourceStore
from storage.workflows.asks import Ask, Begin
from storage.workflows.executor import Executor
from storage.workflows.timers import Timers, asked_by, timed_actions
from storage.workflows.workflow import Workflow

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
Json = dict[str, Any]

_FIXTURES = load_queries("fixtures")
_BY_PATH: Mapping[str, Workflow] = {w.resource: w for w in WORKFLOWS.values()}
_DUES = timed_actions(WORKFLOWS)
_TIMERS = 64
_DAY_S = 86_400


async def put_right(pool: Pool) -> None:
    """Set the clock of workflows right, where a process has died that had put it back."""
    await pool.execute(_FIXTURES["clock_right"])


class Acting:
    """Requests of the sample people. Every method raises `RequestError` for what is refused."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._store = ResourceStore(pool, RESOURCES)
        self._executor = Executor(
            pool, WORKFLOWS, lambda path: self._store.showing(RESOURCES[path])
        )
        self._timers = Timers(pool)
        events = ProviderEvents(pool)
        self._provider = LocalProvider(pool, events.now)
        answers = Answers(self._executor, Standings(pool), self._provider)
        self._calls = Payments(pool, uuid4(), self._provider, answers.answered)
        secret = secrets.token_hex()
        self._receiver = EventReceiver(events, self._provider.name, secret, events.now)
        self._processor = EventProcessor(events, answers.apply, events.now)

    @classmethod
    @contextlib.asynccontextmanager
    async def in_the_past(cls, pool: Pool) -> AsyncIterator[Self]:
        """Act at times that `at` says; the clock is right again at the end."""
        try:
            yield cls(pool)
        finally:
            await put_right(pool)

    async def at(self, days_ago: float) -> None:
        """Go on to a time, and do what is due by then."""
        await self._pool.execute(_FIXTURES["clock_back"], days_ago * _DAY_S)
        now, _clock = await self._timers.clocks()
        while due := await self._timers.due(now, _DUES, _TIMERS):
            for timer in due:
                await self._executor.run(asked_by(timer, WORKFLOWS))

    async def make(self, person: UUID, path: str, **values: Any) -> Json:
        """A row of a resource that people make."""
        resource, workflow = RESOURCES[path], _BY_PATH.get(path)
        if workflow is None or workflow.creation is None:
            made = await self._store.create(resource, values, person)
            assert not isinstance(made, FirstAnswer)
            return _read(made.body)
        action, parent = workflow.creations[0].action, values.get(workflow.creation.parent_key)
        insert = partial(self._store.insert, resource, values, person)
        begin = Begin(workflow, action, person, parent, insert=insert)
        return _read((await self._executor.begin(begin)).body)

    async def begin(self, person: UUID, path: str, **body: Any) -> Json:
        """A row that only its workflow makes."""
        workflow = _BY_PATH[path]
        [action] = workflow.makers
        assert workflow.creation is not None
        parent = body.get(workflow.creation.parent_key)
        shape = workflow.bodies[action]
        begin = Begin(workflow, action, person, parent, body=msgspec.convert(body, shape))
        return _read((await self._executor.begin(begin)).body)

    async def act(self, person: UUID, path: str, key: str, action: str, **body: Any) -> Json:
        """A transition; what it answers."""
        workflow = _BY_PATH[path]
        shape = workflow.bodies.get(action)
        given = None if shape is None else msgspec.convert(body, shape)
        done = await self._executor.run(Ask(workflow, action, UUID(key), person, given))
        assert done is not None
        return _read(done.body)

    async def ids(self, query: str, key: UUID) -> list[str]:
        """What a query of the fixtures finds of a row."""
        return [str(row["id"]) for row in await self._pool.fetch(_FIXTURES[query], key)]

    async def old_accounts(self, people: Sequence[UUID], days: float) -> None:
        """What these people are paid to has been theirs for so long."""
        await self._pool.execute(_FIXTURES["aged_accounts"], people, days * _DAY_S)

    async def settle(self) -> None:
        """Let the provider be called, and let what it says take effect."""
        while (await self._calls.consumers[0].consume()).rows:
            pass
        while await self._provider.send_due(self._receiver.take_own):
            while await self._processor.step():
                pass


def _read(body: str) -> Json:
    row: Json = orjson.loads(body)
    return row
