"""The SQL of writes, and what the database's refusals mean.

One statement changes a row and shows it. The grants and policies decide; a statement that changed
nothing is followed by one that says why.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import asyncpg

from protocol.errors import ErrorCode, RequestError
from storage.resources.columns import shown
from storage.resources.conditions import Arguments
from storage.resources.constraint_words import CHECKS
from storage.resources.reading import told
from storage.resources.resource import Resource, stored_of, with_article
from storage.resources.rule import EVERYBODY


def insert(resource: Resource, values: Mapping[str, Any], caller: Any) -> tuple[str, list[Any]]:
    """A new row; the owner is the caller. Answers `body`, `key` and `version`."""
    arguments = Arguments()
    columns = {name: _argument(resource, name, v, arguments) for name, v in values.items()}
    if resource.owner:
        columns[resource.owner] = arguments.add(caller, "uuid")
    into = (
        f"({', '.join(columns)}) VALUES ({', '.join(columns.values())})"
        if columns
        else "DEFAULT VALUES"
    )
    return _showing(resource, f"INSERT INTO {resource.table} {into}"), arguments.values


def update(
    resource: Resource, key: Any, values: Mapping[str, Any], versions: Iterable[int] | None
) -> tuple[str, list[Any]]:
    """New values for a row, if it still has one of these versions; None is any."""
    arguments = Arguments()
    at = arguments.add(key, resource.named(resource.key).kind.cast)
    sets = [f"{name} = {_argument(resource, name, v, arguments)}" for name, v in values.items()]
    where = f"{resource.key} = {at}"
    if versions is not None:
        where += f" AND version = ANY ({arguments.add(list(versions), 'integer[]')})"
    change = f"UPDATE {resource.table} SET {', '.join(sets)} WHERE {where}"
    return _showing(resource, change), arguments.values


def delete(resource: Resource, *, is_versioned: bool) -> str:
    """Takes away the row `$1`, if it still has one of the versions `$2`."""
    cast = resource.named(resource.key).kind.cast
    version = " AND version = ANY ($2::integer[])" if is_versioned else ""
    # What does not depend on rows is looked at before any is locked.
    locked = f"(SELECT {resource.locked_by}($1::{cast})) AND " if resource.locked_by else ""
    return (
        f"DELETE FROM {resource.table} WHERE {locked}{resource.key} = $1::{cast}{version}"
        f" RETURNING {resource.key}"
    )


def diagnosis(resource: Resource) -> str:
    """Why nothing was written to the row `$1`: its version, whose it is, whether it is open."""
    cast = resource.named(resource.key).kind.cast
    version = "version" if resource.is_versioned else "NULL::integer"
    is_open = (resource.while_ or EVERYBODY).sql
    return (
        f"SELECT {version} AS version, ({resource.writes.sql}) AS is_writer, ({is_open}) AS is_open"
        f" FROM {resource.table} WHERE {resource.key} = $1::{cast}"
    )


def creation_diagnosis(
    resource: Resource, values: Mapping[str, Any], caller: Any
) -> tuple[str, list[Any]] | None:
    """Whether a row of these values, and others still to be said, is the caller's to make.

    None where what is said does not tell. What is not known is null, and so is what follows of it.
    """
    rule = resource.makes
    known = dict(values) | ({resource.owner: caller} if resource.owner else {})
    if not rule.keys <= known.keys():
        return None
    arguments = Arguments()
    columns = [
        _argument(resource, field.name, known[field.name], arguments)
        if field.name in rule.keys
        else f"NULL::{field.kind.cast}"
        for field in resource.fields
    ]
    named = (f"{sql} AS {f.name}" for sql, f in zip(columns, resource.fields, strict=True))
    row = f"SELECT {', '.join(named)}"
    return f"SELECT ({rule.sql}) IS FALSE FROM ({row}) {resource.table}", arguments.values


def refusal(resource: Resource, error: asyncpg.PostgresError) -> RequestError:
    """What the client is told of a statement that the database refused; raises what is a bug."""
    name = str(getattr(error, "constraint_name", "") or "")
    match error:
        case asyncpg.UniqueViolationError() | asyncpg.ExclusionViolationError():
            message = f"there is such {with_article(resource.noun)} already"
            # The last column is what makes the row another one: those before say whose it is.
            mine = [n for n in columns_of(resource, name) if n in resource.creatable]
            return RequestError(ErrorCode.CONFLICT, message, {"path": mine[-1]} if mine else {})
        case asyncpg.ForeignKeyViolationError():
            return _refused_reference(resource, name, error)
        case asyncpg.CheckViolationError() | asyncpg.NotNullViolationError():
            return RequestError.invalid(*_wrong(resource, name, error))
        case asyncpg.DataError():
            return RequestError.invalid("", "a value is out of bounds")
        case _:
            raise error


def duplicate(
    resource: Resource, values: Mapping[str, Any], caller: Any, constraint: str
) -> tuple[str, list[Any]] | None:
    """The statement that finds the key of the row for which a new one was refused.

    None where the values do not say which row that is.
    """
    known = dict(values) | ({resource.owner: caller} if resource.owner else {})
    names = columns_of(resource, constraint)
    if not names or not known.keys() >= set(names):
        return None
    arguments = Arguments()
    where = " AND ".join(f"{n} = {_argument(resource, n, known[n], arguments)}" for n in names)
    return f"SELECT {resource.key} FROM {resource.table} WHERE {where}", arguments.values


def key_seen(resource: Resource) -> str:
    """The statement that reads the key of the row `$1`, if there is one."""
    cast = resource.named(resource.key).kind.cast
    return f"SELECT {resource.key}::text FROM {resource.table} WHERE {resource.key} = $1::{cast}"


def columns_of(resource: Resource, constraint: str) -> list[str]:
    """The fields that a constraint's name lists after the table's: `gig_packages_gig_id_tier_key`.

    A longer name goes before one that it begins with.
    """
    rest, found = constraint.removeprefix(f"{resource.table}_"), []
    names = sorted((field.name for field in resource.fields), key=len, reverse=True)
    while name := next((n for n in names if re.match(rf"{n}(_|$)", rest)), ""):
        found.append(name)
        rest = rest.removeprefix(name).removeprefix("_")
    return found


def _refused_reference(resource: Resource, name: str, error: asyncpg.PostgresError) -> RequestError:
    guarded, path = _guarded(error), _field(resource, name)
    if guarded:
        # A guard of the schema: what is asked for does not go with other rows.
        message = f"{guarded}: {error.args[0]}"
        return RequestError(ErrorCode.CONFLICT, message, {"path": guarded})
    if path and resource.named(path).kind.cast.endswith("[]"):
        return RequestError.invalid(path, "each must be there and be yours")
    if path:
        return RequestError.invalid(path, "names nothing that is there")
    return RequestError(ErrorCode.CONFLICT, f"the {resource.noun} is in use")


def _wrong(resource: Resource, name: str, error: asyncpg.PostgresError) -> tuple[str, str]:
    """The field that a check refuses, and why."""
    guarded = _guarded(error)
    if isinstance(error, asyncpg.NotNullViolationError):
        return guarded, "must not be null"
    if guarded:
        return guarded, str(error.args[0])
    return CHECKS.get(name) or (_field(resource, name), "is out of bounds")


def forbidden(resource: Resource, *, creates: bool = False) -> RequestError:
    """The caller sees it, or would, but may not do this.

    What a new row belongs to may as well not be there: who may not see it is not told which.
    """
    if not creates:
        return RequestError(ErrorCode.FORBIDDEN, f"this {resource.noun} is not yours to write")
    what = f"such {with_article(resource.noun)} is not yours to make"
    belongs = [f.name for f in resource.fields if f.required and f.once and f.kind.cast == "uuid"]
    if not belongs:
        return RequestError(ErrorCode.FORBIDDEN, what)
    return RequestError(ErrorCode.FORBIDDEN, f"{what} for this {belongs[0]}", {"path": belongs[0]})


def _showing(resource: Resource, change: str) -> str:
    columns = ", ".join(shown(resource, name, "w") for name in resource.readable)
    version = "w.version" if resource.is_versioned else "NULL::integer"
    return (
        f"WITH {_written(resource, change)}"
        f" SELECT row_to_json(r)::text AS body, w.{resource.key}::text AS key,"
        f" {version} AS version{told(resource, 'w')} FROM w CROSS JOIN LATERAL (SELECT {columns}) r"
    )


def _written(resource: Resource, change: str) -> str:
    """The row that is written, as `w`, with the figures beside it."""
    beside = resource.beside
    if beside is None:
        return f"w AS ({change} RETURNING {', '.join(stored_of(resource))})"
    counted = ", ".join(f"c.{name}" for name in sorted(beside.columns))
    return (
        f"o AS ({change} RETURNING {', '.join(stored_of(resource))}), w AS (SELECT o.*, {counted}"
        f" FROM o LEFT JOIN {beside.table} c ON c.{beside.key} = o.{resource.key})"
    )


def _argument(resource: Resource, name: str, value: Any, arguments: Arguments) -> str:
    kind = resource.named(name).kind
    if kind.cast == "jsonb":
        return f"{arguments.add(None if value is None else kind.stored(value), 'text')}::jsonb"
    return arguments.add(None if value is None else kind.stored(value), kind.cast)


def _guarded(error: asyncpg.PostgresError) -> str:
    """The column that an error names: PostgreSQL itself names none of a check or a foreign key."""
    return str(getattr(error, "column_name", "") or "")


def _field(resource: Resource, constraint: str) -> str:
    """The field that a constraint is of, the first in its name: `jobs_deadline_future`."""
    names = columns_of(resource, constraint)
    return names[0] if names and names[0] in resource.creatable else ""
