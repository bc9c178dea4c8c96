"""Who may read and write what, as PostgreSQL is to hold it: derived from the declarations.

Of each table: row security, policies by row, grants by column, triggers, and the transitions that
the guard of its status lets through. `parley migrate` makes what is not there yet
(storage/resources/upkeep/holding.py).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import NamedTuple

from sqlalchemy.dialects import postgresql

from protocol.machine import Machine
from storage.resources.resource import Figure, Resource, Who, given_of, stored_of
from storage.resources.rule import EVERYBODY, Rule

APP, SERVICE, READONLY = "parley_app", "parley_service", "parley_readonly"
ROLES = (APP, SERVICE, READONLY)

TOUCH, COPIED, GUARD = "touch_row", "tell_copies", "guard_status"
FUNCTIONS = (TOUCH, COPIED, GUARD)
"""What the triggers call: it makes the next version, tells of copies, holds to a machine."""
STAMPS = frozenset({"created_at", "updated_at", "version"})
LOOKED_INTO = {"hidden_people": "hidden_id"}
"""Tables that are no resource and that policies look into, and what they read there."""
_KEPT = frozenset({"updated_at", "version"})
"""What the trigger of versions itself writes."""
_UPDATES_ONLY = frozenset({"users", "reports"})
"""Tables whose rows were made before the guard was: how one begins is left to what makes it."""

_dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # it has no types
quoted = _dialect.identifier_preparer.quote
"""A name as SQL has it, which need not be one of ours: it may be a word of SQL's own."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy by row; `using` is for rows that are there, `check` for what is written."""

    name: str
    table: str
    command: str
    role: str
    using: str = ""
    check: str = ""

    @property
    def form(self) -> tuple[str, str, str, str]:
        """What it says, by whatever name."""
        return self.command, self.role, self.using, self.check

    def sql(self) -> str:
        """The statement that makes it."""
        using = f"\n    USING ({self.using})" if self.using else ""
        check = f"\n    WITH CHECK ({self.check})" if self.check else ""
        head = f"CREATE POLICY {self.name} ON {self.table} FOR {self.command} TO {self.role}"
        return f"{head}{using}{check};"


class Grant(NamedTuple):
    """A privilege of a role; no column means the table, as for DELETE, which knows no columns."""

    role: str
    privilege: str
    column: str = ""


@dataclass(frozen=True, slots=True)
class Trigger:
    """A trigger for each row that calls one of `FUNCTIONS`; `columns` are those of its UPDATE.

    `is_for_all` is true where these are all that there are, and more would be its, too.
    """

    name: str
    table: str
    function: str
    events: frozenset[str]
    columns: frozenset[str] = frozenset()
    argument: str = ""
    is_for_all: bool = field(default=False, compare=False)

    def sql(self) -> str:
        """The statement that makes it, in the place of one of the same name."""
        moment = "AFTER" if self.function == COPIED else "BEFORE"
        of = "" if self.is_for_all else f" OF {', '.join(map(quoted, sorted(self.columns)))}"
        events = [f"{e}{of}" if e == "UPDATE" else e for e in sorted(self.events)]
        argument = f"'{self.argument}'" if self.argument else ""
        what = f"{moment} {' OR '.join(events)} ON {self.table}"
        return (
            f"CREATE OR REPLACE TRIGGER {quoted(self.name)} {what}\n"
            f"    FOR EACH ROW EXECUTE FUNCTION {self.function}({argument});"
        )


@dataclass(frozen=True, slots=True)
class Access:
    """What holds of a table, or is to. `strangers` are names of policies for roles not of ours.

    `columns` are those that it has, `retired` those that it is not to have any more.
    """

    table: str
    row_security: bool = False
    policies: tuple[Policy, ...] = ()
    grants: frozenset[Grant] = frozenset()
    triggers: tuple[Trigger, ...] = ()
    edges: frozenset[tuple[str, str]] = frozenset()
    strangers: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    retired: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Declared:
    """All declarations: whoever knows them hands them over."""

    resources: tuple[Resource, ...]
    machines: tuple[Machine, ...]

    def access(
        self, columns: Mapping[str, Sequence[str]], only: str | None = None
    ) -> dict[str, Access]:
        """What is to hold of each table, by its name; or of one of them.

        `columns` are those of the tables that are there, but for generated ones: a change of any
        makes a new version, also of those that are shown to nobody.
        """
        resources = {resource.table: resource for resource in self.resources}
        machines = {machine.table: machine for machine in self.machines}
        assert len(resources) == len(self.resources), "two resources of one table"
        assert len(machines) == len(self.machines), "two machines of one table"
        beside = {r.beside.table: r for r in self.resources if r.beside is not None}
        found: dict[str, Access] = {}
        for table in dict.fromkeys([*LOOKED_INTO, *resources, *machines, *beside]):
            if only not in (None, table):
                continue
            if table in beside:
                found[table] = _access_beside(beside[table])
            elif table in resources or table in machines:
                resource, machine = resources.get(table), machines.get(table)
                found[table] = _access(table, resource, machine, columns.get(table))
            else:
                looked_into = Grant(APP, "SELECT", LOOKED_INTO[table])
                found[table] = Access(table, grants=frozenset({looked_into}))
        return found


def _access(
    table: str, resource: Resource | None, machine: Machine | None, columns: Sequence[str] | None
) -> Access:
    triggers: list[Trigger] = []
    if resource is not None and resource.is_versioned and not resource.is_view:
        triggers.append(touch(resource, columns or [f.name for f in resource.fields]))
    if resource is not None and resource.cache_s:
        triggers.append(copied(resource))
    if machine is not None:
        triggers.append(guard(machine))
    is_table = resource is not None and not resource.is_view
    return Access(
        table,
        row_security=is_table,
        policies=tuple(policies(resource)) if resource is not None and is_table else (),
        grants=frozenset() if resource is None else grants(resource),
        triggers=tuple(triggers),
        edges=frozenset() if machine is None else machine.edges(),
        retired=frozenset() if resource is None else resource.counted,
    )


def _access_beside(resource: Resource) -> Access:
    """Who sees a row sees what is beside it, and nobody writes that."""
    beside = resource.beside
    assert beside is not None
    table, readers = beside.table, (APP, READONLY)
    its_row = f"EXISTS (SELECT FROM {resource.table} p WHERE p.id = {beside.key})"
    columns = {beside.key, "status", *beside.columns}
    told = frozenset(n for n in beside.columns if resource.named(n).figure is Figure.COUNTED)
    copied_beside = Trigger(
        f"{table}_copied", table, COPIED, frozenset({"UPDATE"}), told, beside.key
    )
    return Access(
        table,
        row_security=True,
        policies=(
            Policy(f"{table}_read", table, "SELECT", APP, using=its_row),
            Policy(f"{table}_service", table, "ALL", SERVICE, using="true", check="true"),
            Policy(f"{table}_readonly", table, "SELECT", READONLY, using="true"),
        ),
        grants=frozenset(Grant(role, "SELECT", name) for role in readers for name in columns),
        triggers=(copied_beside,) if resource.cache_s and told else (),
    )


def policies(resource: Resource) -> Iterator[Policy]:
    """The policies of a resource's table."""
    table = resource.table
    yield Policy(f"{table}_read", table, "SELECT", APP, using=_seen(resource))
    if resource.writer is not Who.NOBODY:
        yield from _writing(resource)
    yield Policy(f"{table}_service", table, "ALL", SERVICE, using="true", check="true")
    yield Policy(f"{table}_readonly", table, "SELECT", READONLY, using="true")


def _writing(resource: Resource) -> Iterator[Policy]:
    table, mine = resource.table, resource.writes
    while_ = _all(mine, resource.while_)
    if "create" in resource.verbs:
        yield Policy(f"{table}_create", table, "INSERT", APP, check=resource.makes.sql)
    if "change" in resource.verbs:
        yield Policy(f"{table}_change", table, "UPDATE", APP, using=while_, check=mine.sql)
    if "delete" in resource.verbs:
        yield Policy(f"{table}_delete", table, "DELETE", APP, using=while_)


def grants(resource: Resource) -> frozenset[Grant]:
    """What the roles may do with the columns of a resource's table or view."""
    stored = stored_of(resource)
    held = {(APP, "SELECT"): [*stored]}
    held[READONLY, "SELECT"] = [name for name in stored if not resource.named(name).personal]
    if "create" in resource.verbs:
        owner = [resource.owner] if resource.owner else []
        held[APP, "INSERT"] = [*resource.creatable, *given_of(resource), *owner]
    if "change" in resource.verbs:
        held[APP, "UPDATE"] = [*resource.changeable]
    if "delete" in resource.verbs:
        held[APP, "DELETE"] = [""]
    return frozenset(Grant(*to, column) for to, columns in held.items() for column in columns)


def touch(resource: Resource, columns: Iterable[str]) -> Trigger:
    """The trigger that makes a new version of a row that changes, whoever changes it."""
    figures = {f.name for f in resource.fields if f.figure is not Figure.NONE}
    return Trigger(
        f"{resource.table}_touch",
        resource.table,
        TOUCH,
        frozenset({"UPDATE"}),
        frozenset(columns) - figures - _KEPT,
        is_for_all=not figures,
    )


def copied(resource: Resource) -> Trigger:
    """The trigger that tells of changes of rows that are kept as copies, whoever makes them."""
    shown = {n for n, f in resource.readable.items() if f.figure is not Figure.DRIFTING}
    # What is new is in no copy of a row, and in lists only where there are lists.
    begins = {"INSERT"} if "list" in resource.verbs else set()
    return Trigger(
        f"{resource.table}_copied",
        resource.table,
        COPIED,
        frozenset(begins | {"DELETE", "UPDATE"}),
        frozenset(shown - STAMPS - {resource.key} - resource.counted),
        resource.key,
    )


def guard(machine: Machine) -> Trigger:
    """The trigger that holds a status to its machine, whoever changes it."""
    begins = set() if machine.table in _UPDATES_ONLY else {"INSERT"}
    return Trigger(
        f"{machine.table}_guarded",
        machine.table,
        GUARD,
        frozenset(begins | {"UPDATE"}),
        frozenset({"status"}),
        machine.table,
    )


def _seen(resource: Resource) -> str:
    if resource.public is EVERYBODY:
        return EVERYBODY.sql
    return reduce(or_, dict.fromkeys(resource.rows.values())).sql


def _all(*rules: Rule | None) -> str:
    return reduce(and_, filter(None, rules)).sql
