"""The people of the matrix, and how its rows come into their states."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from protocol.machine import Party
from tests.app import Person, Served
from tests.integration.transitions.conftest import Market

Json = dict[str, Any]


class Cast(NamedTuple):
    """Everybody who asks. The client and the freelancer are those of the row."""

    client: Person
    freelancer: Person
    stranger: Person
    staff: Person
    admin: Person


async def casting(app: Served) -> Cast:
    """A new cast, in which two are staff."""
    cast = Cast(*await app.people(*Cast._fields))
    for person, role in ((cast.staff, "support"), (cast.admin, "admin")):
        await app.app.core.foundation.pool.execute(
            "UPDATE users SET staff_role = $2 WHERE id = $1", person.id, role
        )
    return cast


Make = Callable[[Market, Cast, str], Awaitable[str]]
"""A new row as its words say, with whatever belongs to it: its id."""
Bodies = Callable[[Market, Cast, str], Awaitable[Mapping[str, Json]]]
"""Valid bodies of a row's actions."""


async def without_bodies(_market: Market, _cast: Cast, _key: str) -> Mapping[str, Json]:
    """The bodies of actions that need none."""
    return {}


@dataclass(frozen=True)
class Scene:
    """How the rows of one machine are made, and who is who to them.

    `make` takes a state, or one of `besides`: words of which the first is a state, such as
    `active idle`, for what holds or does not within one state. `parties` need not name staff. So
    many rows are asked about `at_once`.
    """

    make: Make
    parties: Mapping[str, frozenset[Party]]
    bodies: Bodies = field(default=without_bodies)
    besides: tuple[str, ...] = ()
    at_once: int = 4

    def party(self, name: str) -> frozenset[Party]:
        """What one of the cast is to a row."""
        of_staff = {"staff": {Party.STAFF}, "admin": {Party.STAFF, Party.ADMIN}}
        return self.parties.get(name, frozenset()) | frozenset(of_staff.get(name, ()))


def parties(**named: str) -> dict[str, frozenset[Party]]:
    """Who some of the cast are, in words."""
    return {name: frozenset(map(Party, words.split())) for name, words in named.items()}


async def put(market: Market, table: str, key: str, status: str) -> str:
    """Write a status to which nobody leads a row here: past the guard, and past all else."""
    await market.app.as_owner(
        "SET session_replication_role = replica;"
        f" UPDATE {table} SET status = '{status}' WHERE id = '{key}'"
    )
    return key
