"""From what is to hold of a table and what holds: the statements that are missing. Pure.

What is added takes nothing from anybody: a policy beside its old form lets through what either
does, a trigger is for the columns of both. So processes of the version before go on. What they
alone need is left over, and is taken away when none of them runs any more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from storage.resources.access import TOUCH, Access, Grant, Policy, Trigger, quoted

Words = Mapping[Policy, Policy | None]
"""Wanted policies as PostgreSQL words them; None for one that it could not make yet."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The statements that one table needs: those that add, and those that take away."""

    table: str
    adds: tuple[str, ...]
    removes: tuple[str, ...]


def differences(
    wanted: Mapping[str, Access], held: Mapping[str, Access], words: Words
) -> list[Difference]:
    """What each table needs, where it needs anything."""
    found = (
        _difference(wanted.get(table, Access(table)), held.get(table, Access(table)), words)
        for table in dict.fromkeys([*wanted, *held])
    )
    return [difference for difference in found if difference.adds or difference.removes]


def _difference(wanted: Access, held: Access, words: Words) -> Difference:
    new_policies, policies_removed = _policies(wanted, held, words)
    new_triggers, triggers_removed = _triggers(wanted, held)
    adds = [
        *_row_security(wanted, held),
        *new_policies,
        *_on_columns("GRANT", "TO", wanted.table, wanted.grants - held.grants),
        *_new_edges(wanted.table, wanted.edges - held.edges),  # before the guard that asks for them
        *new_triggers,
    ]
    removes = [
        *policies_removed,
        *_row_security_removed(wanted, held),
        *_grants_removed(wanted, held),
        *triggers_removed,
        *_edges_removed(wanted.table, held.edges - wanted.edges),
        *_columns_removed(wanted, held),
    ]
    return Difference(wanted.table, tuple(adds), tuple(removes))


def _row_security(wanted: Access, held: Access) -> Iterator[str]:
    if wanted.row_security and not held.row_security:
        yield f"ALTER TABLE {quoted(wanted.table)} ENABLE ROW LEVEL SECURITY;"


def _row_security_removed(wanted: Access, held: Access) -> Iterator[str]:
    """It goes with the last policy of ours; what others have put under it stays so."""
    is_ours = held.row_security and held.policies and not held.strangers
    if is_ours and not wanted.row_security:
        yield f"ALTER TABLE {quoted(wanted.table)} DISABLE ROW LEVEL SECURITY;"


def _policies(wanted: Access, held: Access, words: Words) -> tuple[list[str], list[str]]:
    """What is made: policies of whose form there is none. What goes: those of no wanted form."""
    table = quoted(wanted.table)
    names = {policy.name for policy in held.policies} | held.strangers
    made, stay = [], {}
    for policy in wanted.policies:
        form = (words.get(policy) or policy).form
        alike = [one.name for one in held.policies if one.form == form]
        if not alike:
            alike = [_free(policy.name, names)]
            names.add(alike[0])
            made.append(replace(policy, name=alike[0]).sql())
        stay[policy.name] = policy.name if policy.name in alike else alike[0]
    gone = [p.name for p in held.policies if p.name not in stay.values()]
    removed = [f"DROP POLICY {quoted(name)} ON {table};" for name in gone]
    # What was made beside an old form has its name from then on.
    removed += [
        f"ALTER POLICY {quoted(name)} ON {table} RENAME TO {own};"
        for own, name in stay.items()
        if name != own and own not in names.difference(gone)
    ]
    return made, removed


def _free(name: str, taken: set[str]) -> str:
    names = (name, *(f"{name}_{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _on_columns(verb: str, preposition: str, table: str, grants: Iterable[Grant]) -> Iterator[str]:
    columns: dict[tuple[str, str], set[str]] = defaultdict(set)
    for grant in grants:
        columns[grant.role, grant.privilege].add(grant.column)
    for (role, privilege), named in sorted(columns.items()):
        to = f"ON {quoted(table)} {preposition} {role};"
        if "" in named:
            yield f"{verb} {privilege} {to}"
        if listed := ", ".join(quoted(name) for name in sorted(named - {""})):
            yield f"{verb} {privilege} ({listed}) {to}"


def _grants_removed(wanted: Access, held: Access) -> Iterator[str]:
    gone = held.grants - wanted.grants
    yield from _on_columns("REVOKE", "FROM", wanted.table, gone)
    # Taken from a role for the whole table, a privilege is taken for each of its columns.
    wholly = {(grant.role, grant.privilege) for grant in gone if not grant.column}
    again = {grant for grant in wanted.grants if (grant.role, grant.privilege) in wholly}
    yield from _on_columns("GRANT", "TO", wanted.table, again)


def _triggers(wanted: Access, held: Access) -> tuple[list[str], list[str]]:
    """What is made: triggers for what none is for yet. What goes: what they are for besides."""
    made, removed = [], []
    stay = set()
    for trigger in wanted.triggers:
        there = next((one for one in held.triggers if one.function == trigger.function), None)
        wider = trigger if there is None else _both(trigger, there)
        stay.add(wider.name)
        if wider != there:
            made.append(wider.sql())
        if wider != replace(trigger, name=wider.name):
            removed.append(replace(trigger, name=wider.name).sql())
    functions = {trigger.function for trigger in wanted.triggers}
    for one in held.triggers:
        # A version may be kept of what is not declared, and of what is no longer.
        is_ours = one.function != TOUCH or one.function in functions
        if is_ours and one.name not in stay:
            removed.append(f"DROP TRIGGER {quoted(one.name)} ON {quoted(one.table)};")
    return made, removed


def _both(trigger: Trigger, there: Trigger) -> Trigger:
    return replace(
        trigger,
        name=there.name,
        events=trigger.events | there.events,
        columns=trigger.columns | there.columns,
    )


def _new_edges(table: str, edges: Iterable[tuple[str, str]]) -> Iterator[str]:
    if rows := _rows(table, edges):
        head = "INSERT INTO status_transitions (table_name, from_status, to_status) VALUES"
        yield f"{head}\n    {rows}\nON CONFLICT DO NOTHING;"


def _edges_removed(table: str, edges: Iterable[tuple[str, str]]) -> Iterator[str]:
    if rows := _rows(table, edges):
        columns = "(table_name, from_status, to_status)"
        yield f"DELETE FROM status_transitions WHERE {columns} IN (\n    {rows}\n);"


def _columns_removed(wanted: Access, held: Access) -> Iterator[str]:
    """Columns whose values are kept elsewhere by now; a trigger has carried what wrote them."""
    if gone := sorted(wanted.retired & held.columns):
        table = quoted(wanted.table)
        yield f"DROP TRIGGER IF EXISTS {quoted(f'{wanted.table}_counters_carried')} ON {table};"
        yield f"ALTER TABLE {table} {', '.join(f'DROP COLUMN {quoted(name)}' for name in gone)};"


def _rows(table: str, edges: Iterable[tuple[str, str]]) -> str:
    rows = (", ".join(_text(word) for word in (table, *edge)) for edge in sorted(edges))
    return ",\n    ".join(f"({row})" for row in rows)


def _text(word: str) -> str:
    doubled = word.replace("'", "''")
    return f"'{doubled}'"
