"""The SQL of reads: one statement each, whatever is expanded.

A page is cut first, by filter, sort and cursor; what belongs to each of its rows is joined
laterally to the rows that are left. PostgreSQL writes the JSON, so that no row is taken apart here.
Who may see what is not in these statements: the policies of the role that runs them hold.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any
from uuid import UUID

from storage.resources.columns import needed, shown
from storage.resources.conditions import Arguments, Condition, filtered
from storage.resources.related import HOLDS, is_related
from storage.resources.resource import Expansion, Resource, own_of, stored_of
from storage.resources.rule import ME, Rule

MANY = 20
"""Rows of an expansion that are shown; whether there are more is said."""

_KEPT = 1024
"""Statements kept at hand: clients ask for the same fields again and again."""

PUBLIC = "public"
COUNTED_KEY, COUNTED_STATUS = "counted_id", "counted_status"
"""The key of a row beside one, and the status that it has there, where an index has both."""
UNVEILED = "_unveiled"
"""Ends the name of a view of the table's owner, in which filters not leakproof find keys."""
Tree = Mapping[str, "Tree"]
"""Expansions by name, and what is expanded in each."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What of each row is asked for: its fields, and what else is shown with them."""

    names: tuple[str, ...]
    tree: Tree


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page begins: after the row with this sort value and key, as PostgreSQL has them."""

    value: str | None
    key: str


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows: conditions, a sort that is declared, a position, and how many at most."""

    conditions: tuple[Condition, ...]
    sort: str
    limit: int
    after: Position | None = None


class Reader:
    """Builds the statements; `resources` are all, for what can be expanded."""

    def __init__(self, resources: Mapping[str, Resource]) -> None:
        self._resources = resources
        self._ones: dict[tuple[str, tuple[str, ...]], str] = {}

    def one(self, resource: Resource, selection: Selection) -> str:
        """One row by its key, `$1`: `body`, `version`, `is_public`, what the machine asks for."""
        if selection.tree:
            return self._one(resource, selection)
        of = (resource.path, selection.names)
        statement = self._ones.get(of)
        if statement is None:
            if len(self._ones) >= _KEPT:
                self._ones.clear()
            statement = self._ones[of] = self._one(resource, selection)
        return statement

    def _one(self, resource: Resource, selection: Selection) -> str:
        key = resource.named(resource.key)
        public = resource.public.sql if resource.public and resource.cache_s else "false"
        version = "a.version" if resource.is_versioned else "NULL::integer"
        extra = (*asked(resource), *(("version",) if resource.is_versioned else ()))
        columns = _needed(resource, selection, extra)
        source = (
            f"(SELECT {_listed(columns)}, ({public}) AS public_row"
            f" FROM {rows_of(resource, columns, resource.table)}"
            f" WHERE {resource.key} = $1::{key.kind.cast})"
        )
        head = f"{version} AS version, a.public_row AS is_public{told(resource)}"
        return self._statement(resource, selection, source, head)

    def many(self, resource: Resource, selection: Selection, page: Page) -> tuple[str, list[Any]]:
        """A page: of each row `body`, and `sort_value` and `sort_key` for the next page."""
        arguments = Arguments()
        name, order = page.sort.lstrip("-"), ordering(resource, page.sort)
        columns = _needed(resource, selection, extra=(name, *asked(resource)))
        source = f"({_page_of(resource, page, columns, arguments)})"
        head = f"a.{name}::text AS sort_value, a.{resource.key}::text AS sort_key{told(resource)}"
        return self._statement(resource, selection, source, head, order), arguments.values

    def keys(self, resource: Resource, page: Page) -> tuple[str, list[Any]]:
        """The page's keys alone: `key`, and `sort_value` for the next page."""
        arguments = Arguments()
        name = page.sort.lstrip("-")
        columns = ", ".join(dict.fromkeys((resource.key, name)))
        cut = _cut(resource, page, columns, arguments, f"{resource.table}{UNVEILED} a")
        return (
            f"SELECT a.{resource.key} AS key, a.{name}::text AS sort_value FROM ({cut}) a"
            f" ORDER BY {ordering(resource, page.sort)}"
        ), arguments.values

    def by_keys(self, resource: Resource, selection: Selection) -> str:
        """The rows with these keys, `$1`, in their order."""
        key = resource.named(resource.key)
        columns = _needed(resource, selection, extra=asked(resource))
        source = (
            f"(SELECT {_listed(columns)}, array_position($1, {resource.key}) AS place"
            f" FROM {rows_of(resource, columns, resource.table)}"
            f" WHERE {resource.key} = ANY ($1::{key.kind.cast}[]))"
        )
        head = f"a.{resource.key}::text AS sort_key{told(resource)}"
        return self._statement(resource, selection, source, head, "a.place")

    def _statement(
        self, resource: Resource, selection: Selection, source: str, head: str, order: str = ""
    ) -> str:
        columns, joins = self._shown(resource, "a", selection.names, selection.tree)
        last = f" ORDER BY {order}" if order else ""
        return (
            f"SELECT row_to_json(r)::text AS body, {head} FROM {source} a{joins}"
            f" CROSS JOIN LATERAL (SELECT {columns}) r{last}"
        )

    def _shown(
        self, resource: Resource, alias: str, names: Iterable[str], tree: Tree
    ) -> tuple[str, str]:
        """The columns of a row's JSON, and the joins that they need."""
        columns = [shown(resource, name, alias) for name in names]
        joins = []
        of, own = {e.name: e for e in resource.expansions}, own_of(resource)
        for number, (name, inner) in enumerate(tree.items()):
            if name in own:
                columns.append(f"{own[name].of(HOLDS, ME, alias)} AS {name}")
                continue
            expansion, join = of[name], f"{alias}_{number}"
            columns.append(f"{join}.body AS {name}")
            make = self._many if expansion.many else self._single
            joins.append(make(expansion, f"{alias}.{expansion.here}", join, inner))
        return ", ".join(columns), "".join(joins)

    def _single(self, expansion: Expansion, here: str, join: str, tree: Tree) -> str:
        to, row = self._resources[expansion.to], f"{join}r"
        columns, joins = self._shown(to, row, to.readable, tree)
        return (
            f" LEFT JOIN LATERAL (SELECT row_to_json(o) AS body"
            f" FROM {rows_of(to, to.readable, row)}{joins}"
            f" CROSS JOIN LATERAL (SELECT {columns}) o"
            f" WHERE {row}.{expansion.there} = {here} LIMIT 1) {join} ON true"
        )

    def _many(self, expansion: Expansion, here: str, join: str, tree: Tree) -> str:
        to, row = self._resources[expansion.to], f"{join}r"
        columns, joins = self._shown(to, row, to.readable, tree)
        order = ordering(to, to.sorts[0], row)
        # Cut before anything is joined to the rows, not after.
        return (
            f" CROSS JOIN LATERAL (SELECT json_build_object('data',"
            f" coalesce(json_agg(m.body ORDER BY m.n) FILTER (WHERE m.n <= {MANY}), '[]'::json),"
            f" 'truncated', coalesce(max(m.n), 0) > {MANY}) AS body FROM ("
            f"SELECT {row}.n, row_to_json(o) AS body FROM ("
            f"SELECT {_listed(to.readable)}, row_number() OVER (ORDER BY {order}) AS n"
            f" FROM {rows_of(to, to.readable, row)} WHERE {row}.{expansion.there} = {here}"
            f" ORDER BY {order} LIMIT {MANY + 1}) {row}{joins}"
            f" CROSS JOIN LATERAL (SELECT {columns}) o) m) {join}"
        )


def _page_of(resource: Resource, page: Page, columns: Sequence[str], arguments: Arguments) -> str:
    """The rows of a page. Figures that it is not cut by are joined to the rows that are left: the
    policy of a figure asks for the row of each.
    """
    beside, compared = resource.beside, {page.sort.lstrip("-"), *(c.name for c in page.conditions)}
    figures = [name for name in columns if name in resource.counted]
    if beside is None or not figures or resource.counted & compared:
        return _cut(resource, page, _listed(columns), arguments)
    stored = [name for name in columns if name not in figures]
    return (
        f"SELECT s.*, {_listed(f'c.{name}' for name in figures)}"
        f" FROM ({_cut(resource, page, _listed(stored), arguments)}) s"
        f" LEFT JOIN {beside.table} c ON c.{beside.key} = s.{resource.key}"
    )


def _cut(
    resource: Resource, page: Page, columns: str, arguments: Arguments, source: str = ""
) -> str:
    """The rows of a page, before anything is joined to them.

    After a position they are those of one or two ranges of an index, and of several states those of
    each, which are asked by themselves: an index finds no beginning for what is joined by OR, and
    has no order over several states.
    """
    several = [c for c in page.conditions if _is_of_states(resource, c)]
    conditions = [c for c in page.conditions if c not in several]
    where = [filtered(resource, condition, arguments) for condition in conditions]
    shelf = _shelf(resource, page.conditions)
    if source and resource.public is not None:
        # No policy holds there. The state is said beside it, for an index on just those rows.
        where.append(f"({resource.public.sql})")
    if shelf is not None:
        where.append(shelf.sql)
    name, limit = page.sort.lstrip("-"), f" LIMIT {page.limit:d}"
    order = f" ORDER BY {ordering(resource, page.sort, last=in_index(resource, name))}{limit}"
    needs = [name, *(c.name for c in page.conditions)]
    is_counted = bool(resource.counted.intersection(needs))
    needs += columns.split(", ")
    start = f"SELECT {columns} FROM {source or rows_of(resource, needs, 'a')}"
    after = [] if page.after is None else beyond(resource, page.sort, page.after, arguments)
    ranges = [[one] for one in after] or [[]]
    cuts = []
    for states in product(*([replace(c, operator="=", value=v) for v in c.value] for c in several)):
        part = [*where, *(filtered(resource, state, arguments) for state in states)]
        if is_counted:
            part += _counted(resource, [*conditions, *states], is_shelf=shelf is not None)
        cuts += [f"{start}{_where([*part, *one])}{order}" for one in ranges]
    if len(cuts) == 1:
        return cuts[0]
    whole = f" ORDER BY {ordering(resource, page.sort)}{limit}"
    return f"SELECT * FROM (({') UNION ALL ('.join(cuts)})) a{whole}"


def _is_of_states(resource: Resource, condition: Condition) -> bool:
    return condition.operator == "in" and bool(resource.named(condition.name).kind.values)


def _counted(resource: Resource, conditions: Iterable[Condition], *, is_shelf: bool) -> list[str]:
    """What lets the index of a figure serve: that there is a row beside, and of which status."""
    public = resource.public.equals if resource.public is not None else None
    if public and (is_shelf or any((c.name, c.value) == public for c in conditions)):
        return [f"a.{COUNTED_STATUS} = '{public[1]}'"]
    return [f"a.{COUNTED_KEY} IS NOT NULL"]


def rows_of(resource: Resource, needs: Iterable[str], alias: str, *more: str) -> str:
    """The rows of a table under an alias, joined to what is beside them where any of that is
    needed; `more` are columns that are no fields.
    """
    beside = resource.beside
    if beside is None or not beside.columns.intersection(needs):
        return resource.table if alias == resource.table else f"{resource.table} {alias}"
    own = [f"t.{name}" for name in (*stored_of(resource), *more)]
    counted = [f"c.{name}" for name in sorted(beside.columns)]
    copied = [f"c.{beside.key} AS {COUNTED_KEY}", f"c.status AS {COUNTED_STATUS}"]
    return (
        f"(SELECT {_listed([*own, *counted, *copied])} FROM {resource.table} t"
        f" LEFT JOIN {beside.table} c ON c.{beside.key} = t.{resource.key}) {alias}"
    )


def is_veiled(resource: Resource, page: Page) -> bool:
    """True for pages by operators that are not leakproof: of money, and of what a list holds; and
    by what is beside the rows or in other tables, whose policies would be asked for each.

    Under a policy they see only what the policy has let through, and so can use no index: neither
    for a filter, nor for the place where a page begins.
    """
    compared = [c.name for c in page.conditions]
    if is_related(page.conditions):
        return True
    if resource.counted.intersection([*compared, page.sort.lstrip("-")]):
        return True  # the order is that of the rows beside, whose policy asks for each its row
    if page.after is not None:
        compared.append(page.sort.lstrip("-"))
    holds = any(c.operator == "@>" for c in page.conditions)
    return holds or not all(resource.named(name).kind.is_leakproof for name in compared)


def in_index(resource: Resource, name: str) -> str:
    """The key as the index of a sort has it."""
    return COUNTED_KEY if name in resource.counted else resource.key


def ordering(resource: Resource, sort: str, alias: str = "a", last: str = "") -> str:
    """The declared sort as ORDER BY; the key decides between equals. Nulls stand last.

    `last` is another name of the key.
    """
    name = sort.lstrip("-")
    way = " DESC" if sort.startswith("-") else ""
    nulls = " NULLS LAST" if resource.named(name).null and way else ""
    key = "" if name == resource.key else f", {alias}.{last or resource.key}{way}"
    return f"{alias}.{name}{way}{nulls}{key}"


def beyond(resource: Resource, sort: str, position: Position, arguments: Arguments) -> list[str]:
    """The ranges after a position, in the sort's direction; nulls come after everything."""
    name, than = sort.lstrip("-"), "<" if sort.startswith("-") else ">"
    column, key = resource.named(name), resource.named(resource.key)
    at_key = f"{arguments.add(position.key, 'text')}::{key.kind.cast}"
    if name == resource.key:
        return [f"a.{name} {than} {at_key}"]
    if position.value is None:
        return [f"(a.{name} IS NULL AND a.{resource.key} {than} {at_key})"]
    at_value = f"{arguments.add(position.value, 'text')}::{column.kind.cast}"
    values = f"(a.{name}, a.{in_index(resource, name)}) {than} ({at_value}, {at_key})"
    return [values, f"a.{name} IS NULL"] if column.null else [values]


def audience(
    resource: Resource, conditions: Iterable[Condition], reader: UUID | None
) -> str | None:
    """Who gets the same rows of a list: all (`PUBLIC`), the reader who is named by each row, or
    None where neither is certain.
    """
    equal = [(c.name, c.value) for c in conditions if c.operator == "="]
    asks_shelf = resource.shelf is not None and resource.shelf.equals in equal
    if asks_shelf or _shelf(resource, conditions) or resource.is_alike:
        return PUBLIC
    is_own = any((name, reader) in equal for name in _parties(resource))
    return str(reader) if reader and is_own else None


def _shelf(resource: Resource, conditions: Iterable[Condition]) -> Rule | None:
    """The resource's shelf, where neither a state, nor somebody's rows, nor keys are asked for."""
    shelf = resource.shelf
    if shelf is None:
        return None
    asked = _parties(resource) | shelf.columns | {resource.key}
    if any(c.name in asked for c in conditions):
        return None
    return shelf


def _parties(resource: Resource) -> set[str]:
    """The columns that name whom a row belongs to."""
    machine = resource.machine
    return ({resource.owner} - {""}) | (set(machine.parties.values()) if machine else set())


def _needed(resource: Resource, selection: Selection, extra: Iterable[str] = ()) -> list[str]:
    here = (e.here for e in resource.expansions if e.name in selection.tree)
    besides = sorted(needed(resource, selection.names))
    return list(dict.fromkeys((resource.key, *selection.names, *here, *besides, *extra)))


def asked(resource: Resource) -> tuple[str, ...]:
    """The columns that tell what the caller may do with a row."""
    if resource.machine is None:
        return ()
    return tuple(dict.fromkeys(("status", *resource.machine.parties.values())))


def told(resource: Resource, alias: str = "a") -> str:
    """Those columns, as they are answered."""
    return "".join(f", {alias}.{name}::text AS asked_{name}" for name in asked(resource))


def _listed(columns: Iterable[str]) -> str:
    return ", ".join(columns)


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
