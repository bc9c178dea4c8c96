"""Carries out transitions, each in one transaction.

1. The Idempotency-Key is taken; a request that was answered is answered again.
2. As `parley_app` the row is looked for: who may not see it is told that there is none.
3. As `parley_service` what it stands on is locked, in the one order that all executions keep, and
   then read with its facts: party, state, version and guards are judged in this order.
4. The effect decides, and one call writes everything: rows, history, timers, events, the message.
5. The row is read as it is shown and kept as the key's answer at once, and the transaction commits.

A deadlock or a serialization failure is tried again, up to five times.
"""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson

from protocol.errors import ErrorCode, RequestError
from protocol.events import reminder_of
from protocol.machine import Party, Transition
from protocol.text import format_time
from storage.database.bounded import database_within
from storage.database.idempotency import IdempotencyKey
from storage.database.installation.acting import becoming
from storage.database.logins import SERVICE
from storage.database.postgres import REPEATABLE, unavailable
from storage.database.queries import load_queries
from storage.workflows import facts as asked
from storage.workflows.asks import Ask, Begin, Done
from storage.workflows.execution.judging import judged, judged_creation, no_parent
from storage.workflows.execution.refusals import refusal
from storage.workflows.moves import keep_at_hand
from storage.workflows.rows import Row
from storage.workflows.work import Work, Workflows
from storage.workflows.workflow import Shown, Told, Workflow

T = TypeVar("T")
_SQL = load_queries("workflows/executor")

EXECUTION_S = 8.0
"""How long an execution may take in all, waiting for a connection and for locks included."""
TRIES = 5
_PAUSE_S = 0.02

Show = Callable[[str], str]
"""The statement that reads the row `$1` as the resource at a path shows it: `body`, `version`."""


class Executor:
    """Executions on a pool of connections. Raises `RequestError`."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        workflows: Workflows,
        show: Show,
        done: Callable[[frozenset[str]], None] = lambda _enqueued: None,
    ) -> None:
        """`done` is called after each commit, with the consumers that effects enqueued for.

        The outbox may hold rows for others too, of events and triggers.
        """
        self._pool = pool
        self._workflows = workflows
        self._show = show
        self._by_path = {workflow.resource: workflow for workflow in workflows.values()}
        self._done = done

    async def run(self, ask: Ask) -> Done | None:
        """Carry out an action. None where a timer was not due any more."""
        found = await self._tried(lambda connection: self._run(connection, ask))
        if found is not None:
            self._done(found.enqueued)
        return found

    async def begin(self, begin: Begin) -> Done:
        """Make a row."""
        found = await self._tried(lambda connection: self._begin(connection, begin))
        self._done(found.enqueued)
        return found

    async def alone(self, act: Callable[[Work], Awaitable[None]]) -> None:
        """An execution of the server itself that belongs to no row; `act` locks what it needs."""

        async def run(connection: Any) -> frozenset[str]:
            now = await connection.fetchval(_SQL["now"])
            work = Work(connection, self._workflows, now, None, Party.SYSTEM)
            await act(work)
            await self._write(work, await work.ended(None))
            return _enqueued(work)

        self._done(await self._tried(run))

    async def _tried(self, execution: Callable[[Any], Awaitable[T]]) -> T:
        async with database_within(EXECUTION_S):
            for _ in range(TRIES):
                try:
                    async with self._begun() as connection:
                        found = await execution(connection)
                except REPEATABLE:
                    await asyncio.sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 - a pause
                    continue
                except asyncpg.PostgresError as error:
                    raise refusal(error) from error
                return found
        raise unavailable()

    @contextlib.asynccontextmanager
    async def _begun(self) -> AsyncIterator[Any]:
        async with self._pool.acquire() as connection:
            with becoming():
                await connection.execute(f"BEGIN; SET LOCAL ROLE {SERVICE}")
            try:
                yield connection
            except Exception:  # whatever it was, it is undone
                await connection.execute("ROLLBACK")
                raise
            except BaseException:
                # Out of time, in the middle of something: nobody waits for the end of that.
                connection.terminate()
                raise
            await connection.execute("COMMIT")

    async def _run(self, connection: Any, ask: Ask) -> Done | None:
        workflow, machine = ask.workflow, ask.workflow.machine
        once = ask.idempotency
        statement = asked.opening_sql(workflow, is_once=once is not None)
        opened = await connection.fetchrow(statement, ask.key, ask.caller, *_named(once))
        repeated = _repeated(opened, once)
        if repeated is not None:
            return repeated
        if not opened["sees"]:
            raise RequestError.not_found(workflow.noun)
        now = opened["now"]
        timer = None
        if ask.timer is not None:
            timer = await connection.fetchrow(_SQL["timer"], ask.timer, now)
            if timer is None:
                return None
        statement = asked.facts_sql(workflow, ask.action)
        record = await connection.fetchrow(statement, ask.key, ask.caller, now)
        if record is None:
            raise RequestError.not_found(workflow.noun)
        read = asked.read_in(record)
        transition, party = judged(ask, read.row["status"], read.facts, read.row)
        work = Work(connection, self._workflows, now, ask.caller, party, _key_of(once))
        [row] = work.have(machine.table, [read.row])
        keep_at_hand(work, workflow, row, read)
        if timer is not None:
            await self._timed(work, ask, transition, row, timer)
            return Done(204, "", enqueued=_enqueued(work))
        answer = await work.carry_out(workflow, transition, row, ask.body, ask.facts)
        await self._write(work, await work.ended((workflow, transition, row)))
        done = await self._answered(work, once, answer, workflow, row)
        return done._replace(changed=_changed(work), enqueued=_enqueued(work))

    async def _timed(
        self, work: Work, ask: Ask, transition: Transition, row: Row, timer: Mapping[str, Any]
    ) -> None:
        """Do what a timer asks for, or tell of it where the timer is a reminder."""
        workflow = ask.workflow
        if timer["state"] != row.status:
            raise RequestError(ErrorCode.CONFLICT, f"{ask.action}: a timer of {timer['state']}")
        if timer["kind"] == "reminder":
            name, due_at = reminder_of(workflow.machine.name), format_time(timer["due_at"])
            work.tell(workflow.machine.name, name, row, ask.action, due_at=due_at)
            await work.connection.execute(_SQL["reminded"], ask.timer, work.now)
            await self._write(work, await work.ended(None))
            return
        await work.carry_out(workflow, transition, row, ask.body, ask.facts)
        await work.connection.execute(_SQL["end_timer"], ask.timer)
        await self._write(work, await work.ended((workflow, transition, row)))

    async def _begin(self, connection: Any, begin: Begin) -> Done:
        workflow = begin.workflow
        begun = await self._begun_by(connection, begin)
        if isinstance(begun, Done):
            return begun
        work, above, transition = begun
        if begin.insert is not None:
            key = await begin.insert(connection)
            made = await work.one(workflow.machine.table, key)
        else:
            values = await workflow.makers[begin.action](work, above, begin.body)
            made = work.insert(workflow.machine.table, status=transition.target, **values)
        answer = await work.began(workflow, transition, made, begin.body)
        await self._write(work, await work.ended((workflow, transition, made)))
        answer = answer or Shown(workflow.resource, made, 201)
        done = await self._answered(work, begin.idempotency, answer, workflow, made)
        return done._replace(changed=_changed(work), enqueued=_enqueued(work))

    async def _begun_by(self, connection: Any, begin: Begin) -> tuple[Work, Row, Transition] | Done:
        """The parent under its lock, and the transition by which the caller may begin a row.

        Or what the same request was answered before.
        """
        workflow, creation = begin.workflow, begin.workflow.creation
        assert creation is not None
        parent = self._workflows[creation.parent] if creation.parent else None
        key = begin.caller if parent is None else begin.parent
        if key is None:
            raise begin.refused or RequestError.invalid(creation.parent_key, "is missing")
        once = begin.idempotency
        statement = asked.creation_opening_sql(workflow, parent, is_once=once is not None)
        opened = await connection.fetchrow(statement, key, begin.caller, *_named(once))
        repeated = _repeated(opened, once)
        if repeated is not None:
            return repeated
        statement = asked.creation_sql(workflow, parent)
        record = await connection.fetchrow(statement, key, begin.caller, opened["now"])
        if record is None or not opened["sees"]:
            if begin.insert is not None:
                await begin.insert(connection)  # which the policies refuse, in their own words
            raise no_parent(workflow, parent)
        transition = next(t for t in workflow.creations if t.action == begin.action)
        party = judged_creation(begin, transition, asked.facts_in(record))
        now, caller = opened["now"], begin.caller
        work = Work(connection, self._workflows, now, caller, party, _key_of(once))
        table = "users" if parent is None else parent.machine.table
        [above] = work.have(table, [asked.row_in(record)])
        return work, above, transition

    @staticmethod
    async def _write(work: Work, steps: list[dict[str, Any]]) -> None:
        if steps:
            text = orjson.dumps(steps, default=str, option=orjson.OPT_PASSTHROUGH_SUBCLASS)
            await work.connection.execute(_SQL["write"], text.decode(), work.now)

    async def _answered(
        self,
        work: Work,
        once: IdempotencyKey | None,
        answer: Shown | Told | None,
        workflow: Workflow,
        row: Row,
    ) -> Done:
        if isinstance(answer, Told):
            body = orjson.dumps(dict(answer.body), default=str).decode()
            done = Done(answer.status, body, key=answer.location)
            if once is not None:
                told = (done.status, done.path, done.body)
                await work.connection.execute(asked.TOLD_SQL, done.key, *once, *told)
            return done
        path, shown, status = answer or Shown(workflow.resource, row)
        of = None if work.actor is None else self._by_path.get(path)
        statement = asked.answer_sql(self._show(path), of, is_kept=once is not None)
        who = () if of is None and once is None else (work.actor,)
        kept = () if once is None else (*once[1:], status, path)
        record = await work.connection.fetchrow(statement, shown.id, *who, *kept)
        actions = None
        if of is not None:
            actions = asked.actions_of(of, record["status"], asked.facts_in(record))
        key, version = str(shown.id), record["version"]
        return Done(status, record["body"], path, key, version, actions=actions)


def _changed(work: Work) -> frozenset[tuple[str, UUID]]:
    """The rows that were written, whose copies are old by now."""
    return frozenset((s["table"], s["id"]) for s in work.steps if s["do"] == "update")


def _enqueued(work: Work) -> frozenset[str]:
    """The consumers that have something to do."""
    return frozenset(s["consumer"] for s in work.steps if s["do"] == "enqueue")


def _key_of(key: IdempotencyKey | None) -> str | None:
    return None if key is None else key.key


def _named(key: IdempotencyKey | None) -> tuple[str, ...]:
    """What names a request besides its caller."""
    return () if key is None else (key.method, key.path, key.key)


def _repeated(found: Mapping[str, Any], key: IdempotencyKey | None) -> Done | None:
    """What a request was answered with when it was sent before, by what opened the execution."""
    if key is None:
        return None
    if found["is_taken"]:
        raise RequestError(
            ErrorCode.IDEMPOTENCY_IN_PROGRESS, "a request with this key is under way"
        )
    if found["request_hash"] is None:
        return None
    if found["request_hash"] != key.request_hash:
        raise RequestError(ErrorCode.DUPLICATE_MISMATCH, "this key was sent with another body", {})
    told = (found["status"], found["body"], found["path"], found["row_key"], found["version"])
    return Done(*told, is_repeated=True)
