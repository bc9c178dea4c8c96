"""Reading and writing resources: a request is a transaction, as the role that policies hold.

`BEGIN`, the role and the user go to PostgreSQL in one round trip, the statement in a second, the
end in a third: asyncpg has no pipeline for fewer. All of it is local to the transaction, so it
works behind PgBouncer.
"""

import contextlib
import dataclasses
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg

from protocol.errors import ErrorCode, RequestError
from storage.database.bounded import database_within
from storage.database.idempotency import FirstAnswer, Idempotency, IdempotencyKey
from storage.database.installation.acting import becoming
from storage.database.postgres import REPEATABLE, unavailable
from storage.resources import writing
from storage.resources.access import APP, SERVICE
from storage.resources.conditions import with_values
from storage.resources.reading import Page, Reader, Selection
from storage.resources.resource import Resource, given_of
from storage.resources.search import SETTINGS

REQUEST_S = 8.0
"""How long a request may take in all, waiting for a connection included."""


class Row(NamedTuple):
    """A row as JSON, and what tells about it: `asked` are the machine's columns.

    `actions` are what the reader may do with it, where that is known already.
    """

    body: str
    key: str = ""
    version: int | None = None
    is_public: bool = False
    sort_value: str | None = None
    asked: Mapping[str, str | None] = {}
    actions: Sequence[str] | None = None


class ResourceStore:
    """The statements of `Reader` and `writing`, run. Raises `RequestError`."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        resources: Mapping[str, Resource],
        given: Mapping[str, Any] | None = None,
    ) -> None:
        """`given` are the values of fields that the server says; of others the column's default."""
        self._pool = pool
        self._given = given or {}
        self._reader = Reader(resources)
        self._idempotency = Idempotency()

    async def get(
        self, resource: Resource, key: Any, selection: Selection, caller: UUID | None
    ) -> Row | None:
        """One row; None where there is none that the caller may see."""
        async with self.as_app(caller, reads=True) as connection:
            record = await connection.fetchrow(self._reader.one(resource, selection), key)
        return None if record is None else _row(record)

    async def page(
        self, resource: Resource, selection: Selection, page: Page, caller: UUID | None
    ) -> list[Row]:
        """The rows of a page."""
        try:
            async with self.as_app(caller, reads=True) as connection:
                page = await _asked_first(connection, resource, page)
                statement, arguments = self._reader.many(resource, selection, page)
                return [_row(record) for record in await connection.fetch(statement, *arguments)]
        except asyncpg.DataError as error:
            raise writing.refusal(resource, error) from error

    async def public_page(
        self, resource: Resource, selection: Selection, page: Page, caller: UUID | None
    ) -> list[Row]:
        """The rows of a page that everybody sees, by filters that are not leakproof.

        The keys are found in a view of the tables' owner, with the public rule in the statement:
        under a policy, even one that lets all through, the planner may not know how many rows such
        a filter leaves. The rows are fetched under the policy, of the same snapshot: none is gone
        by then.
        """
        begin = f"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE {SERVICE}"
        try:
            async with self.begun(f"{begin}; {SETTINGS}") as connection:
                page = await _asked_first(connection, resource, page)
                statement, arguments = self._reader.keys(resource, page)
                found = await connection.fetch(statement, *arguments)
                places = {str(record["key"]): record["sort_value"] for record in found}
                with becoming():
                    await connection.execute(_role(caller))
                keys = [record["key"] for record in found]
                rows = await connection.fetch(self._reader.by_keys(resource, selection), keys)
        except asyncpg.DataError as error:
            raise writing.refusal(resource, error) from error
        shown = (_row(record) for record in rows)
        return [row._replace(sort_value=places[row.key]) for row in shown]

    async def create(
        self,
        resource: Resource,
        values: Mapping[str, Any],
        caller: UUID,
        idempotency_key: IdempotencyKey | None = None,
    ) -> Row | FirstAnswer:
        """A new row of the caller's; with a key, what was told when it was sent before."""
        statement, arguments = writing.insert(resource, self._whole(resource, values), caller)
        async with self._writing(resource, caller, idempotency_key, creates=True) as (
            connection,
            told,
        ):
            if told is not None:
                return told
            row = _row(await connection.fetchrow(statement, *arguments))
            if idempotency_key is not None:
                await self._idempotency.keep(
                    connection, idempotency_key, row.body, row.key, row.version
                )
        return row

    async def insert(
        self, resource: Resource, values: Mapping[str, Any], caller: UUID, connection: Any
    ) -> Any:
        """A new row of the caller's in a transaction of the service's: its key.

        The policies judge it, as they do in `create`; the transaction goes on as the service.
        """
        statement, arguments = writing.insert(resource, self._whole(resource, values), caller)
        with _judged_by_policies(resource, creates=True):
            with becoming():
                await connection.execute(_role(caller))
            record = await connection.fetchrow(statement, *arguments)
        with becoming():
            await connection.execute(f"SET LOCAL ROLE {SERVICE}")
        return UUID(record["key"])

    def _whole(self, resource: Resource, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values of a new row, with those that the server says."""
        given = {name: self._given[name] for name in given_of(resource) & self._given.keys()}
        return {**values, **given}

    def showing(self, resource: Resource) -> str:
        """The statement that reads the row `$1` as whoever sees it is shown it: `body`, `version`.

        For a transaction of the service.
        """
        return self._reader.one(resource, Selection(tuple(resource.readable), {}))

    async def change(
        self,
        resource: Resource,
        key: Any,
        values: Mapping[str, Any],
        versions: Sequence[int] | None,
        caller: UUID,
    ) -> Row:
        """New values for a row of one of these versions.

        Raises the first that holds of `not_found`, `forbidden`, `conflict` where the row's state
        does not allow it, `precondition_failed` for another version, and `validation_failed`.
        """
        statement, arguments = writing.update(resource, key, values, versions)
        async with self._writing(resource, caller) as (connection, _told):
            record = await connection.fetchrow(statement, *arguments)
            if record is None:
                before = await _standing_before(connection, resource, key, versions)
                raise before or _not_now(resource)
        return _row(record)

    async def delete(
        self, resource: Resource, key: Any, versions: Sequence[int] | None, caller: UUID
    ) -> None:
        """Take a row away; raises as `change` does."""
        statement = writing.delete(resource, is_versioned=versions is not None)
        arguments = [key] if versions is None else [key, list(versions)]
        async with self._writing(resource, caller) as (connection, _told):
            if await connection.fetchval(statement, *arguments) is None:
                before = await _standing_before(connection, resource, key, versions)
                raise before or _not_now(resource)

    async def before_writing(
        self, resource: Resource, key: Any, versions: Sequence[int] | None, caller: UUID
    ) -> None:
        """Raise what refuses any change of a row, in the order that `change` has.

        For who has something against what is to be written: it is told last.
        """
        async with self.as_app(caller, reads=True) as connection:
            before = await _standing_before(connection, resource, key, versions)
        if before is not None:
            raise before

    async def before_creating(
        self, resource: Resource, values: Mapping[str, Any], caller: UUID
    ) -> None:
        """Raise `forbidden` if no row with these values is the caller's to make; as above."""
        diagnosis = writing.creation_diagnosis(resource, values, caller)
        if diagnosis is None:
            return
        statement, arguments = diagnosis
        async with self.as_app(caller, reads=True) as connection:
            is_refused = await connection.fetchval(statement, *arguments)
        if is_refused:
            raise writing.forbidden(resource, creates=True)

    async def duplicate_of(
        self, resource: Resource, values: Mapping[str, Any], caller: UUID, error: RequestError
    ) -> str | None:
        """The key of the row for which a new one was refused; None where the caller sees none.

        The service looks for it: some columns that make a row another one are shown to nobody.
        """
        cause = error.__cause__
        if not isinstance(cause, asyncpg.UniqueViolationError):
            return None
        whole = self._whole(resource, values)
        asked = writing.duplicate(resource, whole, caller, str(cause.constraint_name))
        if asked is None:
            return None
        async with self.as_service() as connection:
            found = await connection.fetchval(asked[0], *asked[1])
            with becoming():
                await connection.execute(_role(caller))
            seen: str | None = await connection.fetchval(writing.key_seen(resource), found)
        return seen

    async def by_keys(
        self, resource: Resource, selection: Selection, keys: Sequence[Any], caller: UUID | None
    ) -> list[Row]:
        """The rows with these keys that the caller sees, in their order."""
        if not keys:
            return []
        async with self.as_app(caller, reads=True) as connection:
            found = await connection.fetch(self._reader.by_keys(resource, selection), keys)
        return [_row(record) for record in found]

    @contextlib.asynccontextmanager
    async def as_app(self, caller: UUID | None, *, reads: bool) -> AsyncIterator[Any]:
        """A connection in a transaction of this user, who may be nobody."""
        begin = "BEGIN READ ONLY" if reads else "BEGIN"
        async with self.begun(f"{begin}; {_role(caller)}") as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def as_service(self) -> AsyncIterator[Any]:
        """A connection in a transaction that sees every row."""
        async with self.begun(f"BEGIN; SET LOCAL ROLE {SERVICE}") as connection:
            yield connection

    @contextlib.asynccontextmanager
    async def _writing(
        self,
        resource: Resource,
        caller: UUID,
        idempotency_key: IdempotencyKey | None = None,
        *,
        creates: bool = False,
    ) -> AsyncIterator[tuple[Any, FirstAnswer | None]]:
        with _judged_by_policies(resource, creates=creates):
            try:
                async with self.begun("BEGIN") as connection:
                    told = (
                        None
                        if idempotency_key is None
                        else await self._idempotency.begin(connection, idempotency_key)
                    )
                    with becoming():
                        await connection.execute(_role(caller))
                    yield connection, told
            except REPEATABLE as error:
                raise unavailable() from error

    @contextlib.asynccontextmanager
    async def begun(self, begin: str) -> AsyncIterator[Any]:
        """A connection in a transaction that begins with these statements."""
        async with database_within(REQUEST_S), self._pool.acquire() as connection:
            with becoming():
                await connection.execute(begin)
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


@contextlib.contextmanager
def _judged_by_policies(resource: Resource, *, creates: bool) -> Iterator[None]:
    """Around a write as the role that policies hold: what it is refused with, as it is told."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise writing.forbidden(resource, creates=creates) from error
    except REPEATABLE:
        raise
    except asyncpg.PostgresError as error:
        raise writing.refusal(resource, error) from error


async def _asked_first(connection: Any, resource: Resource, page: Page) -> Page:
    conditions = await with_values(connection, resource, page.conditions)
    return dataclasses.replace(page, conditions=conditions)


async def _standing_before(
    connection: Any, resource: Resource, key: Any, versions: Sequence[int] | None
) -> RequestError | None:
    """Why a row cannot be written, whatever would be written to it: 404, 403, 409, 412."""
    found = await connection.fetchrow(writing.diagnosis(resource), key)
    if found is None:
        return RequestError.not_found(resource.noun)
    if not found["is_writer"]:
        return writing.forbidden(resource)
    if not found["is_open"]:
        return _not_now(resource)
    if versions is not None and found["version"] not in versions:
        if versions:
            return RequestError.outdated(resource.noun, found["version"])
        unread = "If-Match names no version: send the row's ETag, or its version in quotes"
        return RequestError(ErrorCode.PRECONDITION_FAILED, unread)
    return None


def _not_now(resource: Resource) -> RequestError:
    return RequestError(ErrorCode.CONFLICT, f"the {resource.noun} is in no state to be changed")


def _role(caller: UUID | None) -> str:
    # An id of ours or nothing: no text of a client's gets here.
    user = "" if caller is None else str(caller)
    return f"SET LOCAL ROLE {APP}; SET LOCAL app.user_id = '{user}'"


def _row(record: Mapping[str, Any]) -> Row:
    told = dict(record)
    asked = {n.removeprefix("asked_"): told.pop(n) for n in [*told] if n.startswith("asked_")}
    key = told.pop("sort_key", "")
    return Row(key=told.pop("key", key), asked=asked, **told)
