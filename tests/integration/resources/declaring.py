"""Declarations of a program that is not this one: a version before, or after."""

import contextlib
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from uuid import UUID

import asyncpg

from handlers.resources import RESOURCES
from handlers.resources.shared_fields import EQUAL, KEY, OWN, STAMPS, mine, whose
from protocol.machine import Machine, Party, transition
from server.processes.migration import DECLARED
from storage.resources.access import APP, Declared
from storage.resources.kinds import INT, one_of, text
from storage.resources.resource import ALL, Field, Figure, Resource
from storage.resources.rule import EVERYBODY
from tests.integration.resources.world import uid

TOOLS_TABLE = """
    create table user_tools (
        id uuid primary key default uuid7(),
        user_id uuid not null references users (id),
        name text not null,
        used_count integer not null default 0,
        note text not null default '',
        "order" integer,
        status text not null default 'new',
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        version integer not null default 1
    )
"""
"""What its migration would do, and no more."""

TOOL = Machine("tool", "user_tools", {Party.OWNER: "user_id"}, (
    transition("add", "", "new", Party.SYSTEM),
    transition("wear", "new", "worn", Party.OWNER),
))  # fmt: skip

TOOLS = Resource(
    path="user-tools", noun="tool", table="user_tools", says="A tool that somebody works with",
    public=EVERYBODY, readers={OWN: mine("user_id")}, verbs=ALL, owner="user_id", writer=OWN,
    cache_s=60, machine=TOOL,
    fields=(
        KEY, whose("user_id"),
        Field("name", text(100, 1), write=OWN, required=True, filter=EQUAL),
        Field("used_count", INT, figure=Figure.COUNTED),
        Field("status", one_of("new", "worn"), filter=EQUAL), *STAMPS,
    ),
)  # fmt: skip

ANNA, BEN = uid(1), uid(2)
PEOPLE = (
    "insert into users (id, display_name, kind) values ($1, 'anna', 'both'), ($2, 'ben', 'both')"
)


def declared_with(*resources: Resource, machines: Iterable[Machine] = ()) -> Declared:
    """What is declared, with other resources and machines in the place of those of their tables."""
    of = {r.table: r for r in DECLARED.resources} | {r.table: r for r in resources}
    by = {m.table: m for m in DECLARED.machines} | {m.table: m for m in machines}
    return Declared(tuple(of.values()), tuple(by.values()))


def resource_of(path: str, **other: object) -> Resource:
    """A resource, declared otherwise."""
    return replace(RESOURCES[path], **other)  # type: ignore[arg-type]  # members by name


@contextlib.asynccontextmanager
async def as_app(connection: asyncpg.Connection, user: UUID) -> AsyncIterator[asyncpg.Connection]:
    """The connection in a transaction as a request of this user has it; nothing is kept."""
    undone = connection.transaction()
    await undone.start()
    try:
        await connection.execute(f"set local role {APP}")
        await connection.fetch("select set_config('app.user_id', $1, true)", str(user))
        yield connection
    finally:
        await undone.rollback()
