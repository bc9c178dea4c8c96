"""What a resource is: one declaration, from which all the rest is derived.

Routes, validation, the OpenAPI document, the SQL, the grants by column and the policies by row, and
the generated tests read the same `Resource`. What is different about a resource is a handler, never
a further option here (docs/decisions/0015-resource-and-machine.md).

Which rows is said by rules (storage/resources/rule.py), whose SQL PostgreSQL reads.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Literal

from protocol.machine import Machine
from storage.resources.kinds import Kind
from storage.resources.related import Related
from storage.resources.rule import ME, Rule, where

Verb = Literal["list", "get", "create", "change", "delete"]
READ: frozenset[Verb] = frozenset({"list", "get"})
EDIT: frozenset[Verb] = frozenset({"list", "get", "create", "change"})
ALL: frozenset[Verb] = frozenset({"list", "get", "create", "change", "delete"})


class Who(StrEnum):
    """Whom a row is for, each by a rule of its own in `Resource.rows`."""

    PUBLIC = "public"
    OWNER = "owner"
    COUNTERPARTY = "counterparty"
    STAFF = "staff"
    ADMIN = "admin"
    NOBODY = "nobody"


class Filter(StrEnum):
    """How a list can be narrowed by a field."""

    NONE = "none"
    EQUAL = "equal"  # ?status=open
    RANGE = "range"  # ?rating_gte=4&rating_lte=5, and equality
    HAS = "has"  # ?tags=vlog: the list holds it


class Figure(StrEnum):
    """What a change of a field is, that follows other rows and nobody writes."""

    NONE = "none"  # a change like any other
    COUNTED = "counted"  # it makes no new version of the row
    DRIFTING = "drifting"  # nor does it end a copy, which has it as it was: it moves all the time


@dataclass(frozen=True, slots=True)
class Field:
    """A column, as the wire shows it.

    Who sees a row sees each of its fields: grants by column cannot differ by row, so what fewer may
    read has a table of its own. `read=NOBODY` is a column that nobody may. `write` is who may set
    it, the resource's `writer` or NOBODY; `once`: at creation only. `given`: the server says it at
    creation, by its settings. `says` is what its name does not tell.
    """

    name: str
    kind: Kind
    write: Who = Who.NOBODY
    read: Who = Who.PUBLIC
    required: bool = False
    once: bool = False
    null: bool = False
    filter: Filter = Filter.NONE
    figure: Figure = Figure.NONE
    personal: bool = False
    says: str = ""
    given: bool = False


@dataclass(frozen=True, slots=True)
class Expansion:
    """Rows of another resource that belong to this one, as `?expand=name` shows them.

    `here` and `there` are the columns that match. A single one is null where there is none that the
    reader may see; many are the first of them, and say whether they were all.
    """

    name: str
    to: str
    here: str
    there: str
    many: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """Figures of a table that are columns of another, a row beside each of its rows.

    Others move them all the time, and a change of the row itself makes its search vector anew
    (docs/decisions/0030-counters-beside-listings.md). `key` is the row's own; `status` there is a
    copy of the row's.
    """

    table: str
    key: str
    columns: frozenset[str]


@dataclass(frozen=True, slots=True)
class PricedBy:
    """Where the currency of a row's amounts stands, if it has none of its own: in `currency` of the
    row of this table whose id is in this column of it.
    """

    table: str
    column: str


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource.

    `path` is its collection below `/v1/`, `noun` what one of it is called. `public` are the rows
    that everybody sees, with a login or without one, `readers` what some see besides. `owner`
    is the column that holds whose row a new one is: it is set from the caller. `writer` is who
    creates, changes and deletes, of the rows that they see for being that; `while_` narrows
    changing and deleting to states that allow it, and `creates` what may be created. `sorts` are
    fields, `-` for descending, the first the default. `cache_s` keeps single rows. The columns
    that are `beside` are read like the others; `related` are filters by other tables. Amounts have
    the currency of the row, or of what it is `priced_by`.
    A list says how many rows have each value of the field that it is `counted_by`, where asked to.
    Before a row is deleted, the function of the database `locked_by` takes, by the row's key, the
    locks that executions take before they lock the row.
    """

    path: str
    noun: str
    table: str
    says: str
    fields: tuple[Field, ...]
    public: Rule | None = None
    readers: Mapping[Who, Rule] = field(default_factory=dict)
    verbs: frozenset[Verb] = READ
    key: str = "id"
    owner: str = ""
    writer: Who = Who.NOBODY
    creates: Rule | None = None
    while_: Rule | None = None
    sorts: tuple[str, ...] = ("-created_at",)
    expansions: tuple[Expansion, ...] = ()
    machine: Machine | None = None
    cache_s: int = 0
    is_view: bool = False
    beside: Beside | None = None
    related: tuple[Related, ...] = ()
    priced_by: PricedBy | None = None
    counted_by: str = ""
    locked_by: str = ""
    _by_name: dict[str, Field] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({f.name: f for f in self.fields})
        writers = {f.write for f in self.fields} - {Who.NOBODY}
        written = [f.name for f in self.creatable.values() if f.figure is not Figure.NONE]
        assert not written, f"{self.path}: figures are not written: {written}"
        assert len(self._by_name) == len(self.fields), f"{self.path}: a field twice"
        # Column grants cannot tell writers apart: one writer a table, others by the executor.
        assert writers <= {self.writer}, f"{self.path}: written by {writers}, not {self.writer}"
        assert self.writer in {*self.readers, Who.NOBODY}, f"{self.path}: no rows for its writer"
        assert self.rows, f"{self.path}: seen by nobody"
        assert Who.PUBLIC not in self.readers, f"{self.path}: `public` says what all see"
        drawn = [n for n in self.counted if self.named(n).figure is Figure.NONE]
        assert not drawn, f"{self.path}: only figures are beside it: {drawn}"
        named = {self.key, *(s.lstrip("-") for s in self.sorts)} | ({self.owner} - {""})
        named |= {e.here for e in self.expansions}
        named |= set() if self.priced_by is None else {self.priced_by.column}
        if not self.is_view:  # of a view, the rules are those of the tables below it
            named = named.union(*(rule.columns for rule in self.rows.values()))
        assert named <= self.readable.keys(), (
            f"{self.path}: unreadable {named - set(self.readable)}"
        )

    def named(self, name: str) -> Field:
        """The field of this name; raises `KeyError`."""
        return self._by_name[name]

    def spelt(self, name: str, value: Any) -> Any:
        """A member of a body as its field is checked: other JSON that is taken for it is not."""
        field = self._by_name.get(name)
        return value if field is None else field.kind.read(value)

    @cached_property
    def readable(self) -> dict[str, Field]:
        """The fields that whoever sees a row sees."""
        return {f.name: f for f in self.fields if f.read is not Who.NOBODY}

    @property
    def counted(self) -> frozenset[str]:
        """The fields that are columns of the table beside it."""
        return frozenset() if self.beside is None else self.beside.columns

    @cached_property
    def creatable(self) -> dict[str, Field]:
        """The fields that creation may set."""
        return {f.name: f for f in self.fields if f.write is not Who.NOBODY}

    @cached_property
    def changeable(self) -> dict[str, Field]:
        """The fields that a change may set."""
        return {name: f for name, f in self.creatable.items() if not f.once}

    @cached_property
    def rows(self) -> dict[Who, Rule]:
        """Who sees which rows."""
        public = {} if self.public is None else {Who.PUBLIC: self.public}
        return {**public, **self.readers}

    @cached_property
    def holds_user(self) -> frozenset[str]:
        """The fields that name a user, where a filter takes `me` for the caller."""
        rules = [*self.rows.values(), *([] if self.creates is None else [self.creates])]
        said = " ".join(rule.sql for rule in rules)
        named = {"user_id", "actor_id", self.owner}
        named |= set(self.machine.parties.values()) if self.machine is not None else set()
        named |= {e.here for e in self.expansions if e.to == "users"}
        named |= set(re.findall(rf"(?<![.\w])(\w+) (?:=|<>) {re.escape(ME)}", said))
        return frozenset(named & self.readable.keys())

    @property
    def is_versioned(self) -> bool:
        """True where a row has a version, and changes must name the one they were made from."""
        return "version" in self.readable

    @property
    def is_public(self) -> bool:
        """True where somebody without a login sees rows."""
        return self.public is not None

    @property
    def is_alike(self) -> bool:
        """True where everybody sees the same rows: all, or all but those of who is hidden."""
        return self.public is not None and self.public.is_of_all

    @property
    def parent_keys(self) -> frozenset[str]:
        """The columns that name whom rows belong to, where only that tells who sees them.

        A list of all that somebody sees would look at every row, and ask for the parent of each.
        """
        return self.public.keys if self.public is not None and self.public.parents else frozenset()

    @property
    def shelf(self) -> Rule | None:
        """What a list shows that asks for nobody's rows and no state: the state that all see.

        Said in the statement too, it lets an index on just those rows serve. None where everybody
        sees all, nobody anything, or where another table decides.
        """
        equals = None if self.public is None else self.public.equals
        if equals is None:
            return None
        column, value = equals
        return where(column) if value is True else where(column, str(value))

    @property
    def writes(self) -> Rule:
        """The rows that the writer may write."""
        return self.readers[self.writer]

    @property
    def makes(self) -> Rule:
        """The rows that the writer may make."""
        return self.writes if self.creates is None else self.writes & self.creates


def stored_of(resource: Resource) -> list[str]:
    """The readable fields that are columns of the table itself."""
    return [name for name in resource.readable if name not in resource.counted]


def given_of(resource: Resource) -> frozenset[str]:
    """The fields that the server says at creation."""
    return frozenset(f.name for f in resource.fields if f.given)


def own_of(resource: Resource) -> dict[str, Related]:
    """What of a row can be shown that is of whoever asks, by its name."""
    return {one.name: one for one in resource.related if one.is_own}


def with_article(noun: str) -> str:
    """A noun as sentences have it: `an extra`, `a user`."""
    return f"{'an' if noun[0] in 'aeio' else 'a'} {noun}"
