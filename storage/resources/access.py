"""Who may read and write what, as PostgreSQL holds it: derived from the declarations.

The migrations hold what `access_sql` and `machine_sql` say, checked in; a test holds the
derivation, `pg_policies`, the triggers and the grants in `information_schema` equal.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from protocol.machine import Machine
from storage.resources.resource import Resource, Who
from storage.resources.rule import EVERYBODY, Rule

APP, SERVICE, READONLY = "parley_app", "parley_service", "parley_readonly"

DRIFTING = frozenset({"view_count", "trend_score"})
"""Figures that move all the time: a copy has them as they were, until its time is over."""
_UPDATES_ONLY = frozenset({"users", "reports"})
"""Tables whose rows were made before the guard was: how one begins is left to what makes it."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy by row; `using` is for rows that are there, `check` for what is written."""

    name: str
    table: str
    command: str
    role: str
    using: str = ""
    check: str = ""

    def sql(self) -> str:
        """The statement that makes it."""
        using = f"\n    USING ({self.using})" if self.using else ""
        check = f"\n    WITH CHECK ({self.check})" if self.check else ""
        head = f"CREATE POLICY {self.name} ON {self.table} FOR {self.command} TO {self.role}"
        return f"{head}{using}{check};"


def policies(resource: Resource) -> list[Policy]:
    """The policies of a resource's table."""
    table = resource.table
    found = [Policy(f"{table}_read", table, "SELECT", APP, using=_seen(resource))]
    if resource.writer is not Who.NOBODY:
        found += _writing(resource)
    return [
        *found,
        Policy(f"{table}_service", table, "ALL", SERVICE, using="true", check="true"),
        Policy(f"{table}_readonly", table, "SELECT", READONLY, using="true"),
    ]


def _writing(resource: Resource) -> Iterator[Policy]:
    table, mine = resource.table, resource.writes
    while_ = _all(mine, resource.while_)
    if "create" in resource.verbs:
        check = _all(mine, resource.creates)
        yield Policy(f"{table}_create", table, "INSERT", APP, check=check)
    if "change" in resource.verbs:
        yield Policy(f"{table}_change", table, "UPDATE", APP, using=while_, check=mine.sql)
    if "delete" in resource.verbs:
        yield Policy(f"{table}_delete", table, "DELETE", APP, using=while_)


def grants(resource: Resource) -> dict[tuple[str, str], frozenset[str]]:
    """(role, privilege) to columns; of DELETE, which knows no columns, none."""
    readable = frozenset(resource.readable)
    held = {
        (APP, "SELECT"): readable,
        (READONLY, "SELECT"): frozenset(n for n, f in resource.readable.items() if not f.personal),
    }
    if "create" in resource.verbs:
        held[APP, "INSERT"] = frozenset(resource.creatable) | ({resource.owner} - {""})
    if "change" in resource.verbs:
        held[APP, "UPDATE"] = frozenset(resource.changeable)
    if "delete" in resource.verbs:
        held[APP, "DELETE"] = frozenset()
    return held


def access_sql(resources: Iterable[Resource]) -> str:
    """Grants, policies and triggers, as a step of the migrations has them."""
    return "\n\n".join(_of(resource) for resource in resources) + "\n"


def copied_sql(resource: Resource) -> str:
    """The trigger that tells of changes of rows that are kept as copies, whoever makes them."""
    stamps = {resource.key, "created_at", "updated_at", "version"}
    columns = ", ".join(sorted(resource.readable.keys() - stamps - DRIFTING))
    # What is new is in no copy of a row, and in lists only where there are lists.
    begins = "INSERT OR " if "list" in resource.verbs else ""
    return (
        f"CREATE TRIGGER {resource.table}_copied AFTER {begins}DELETE OR UPDATE OF {columns}"
        f" ON {resource.table}\n    FOR EACH ROW EXECUTE FUNCTION tell_copies('{resource.key}');"
    )


def machine_sql(machines: Iterable[Machine]) -> str:
    """The guard's transitions and its triggers, as a file of a migration."""
    machines = list(machines)
    rows = [
        f"    ('{m.table}', '{source}', '{target}')"
        for m in machines
        for source, target in sorted(m.edges())
    ]
    triggers = [
        f"CREATE TRIGGER {m.table}_guarded BEFORE "
        f"{'' if m.table in _UPDATES_ONLY else 'INSERT OR '}UPDATE OF status ON {m.table}\n"
        f"    FOR EACH ROW EXECUTE FUNCTION guard_status('{m.table}');"
        for m in machines
    ]
    return (
        "-- How each status begins and changes, derived from the machines in\n"
        "-- handlers/resources/machines.py. `python -m tests.access_sql` writes this file.\n\n"
        "INSERT INTO status_transitions (table_name, from_status, to_status) VALUES\n"
        + ",\n".join(rows)
        + ";\n\n"
        + "\n".join(triggers)
        + "\n"
    )


def _of(resource: Resource) -> str:
    lines = [f"-- {resource.path}"]
    if not resource.is_view:
        lines.append(f"ALTER TABLE {resource.table} ENABLE ROW LEVEL SECURITY;")
    for (role, privilege), columns in grants(resource).items():
        listed = f" ({', '.join(sorted(columns))})" if columns else ""
        lines.append(f"GRANT {privilege}{listed} ON {resource.table} TO {role};")
    if not resource.is_view:
        lines += [policy.sql() for policy in policies(resource)]
    if resource.cache_s:
        lines.append(copied_sql(resource))
    return "\n".join(lines)


def _seen(resource: Resource) -> str:
    if resource.is_for_everybody:
        return EVERYBODY.sql
    return reduce(or_, dict.fromkeys(resource.rows.values())).sql


def _all(*rules: Rule | None) -> str:
    return reduce(and_, filter(None, rules)).sql
