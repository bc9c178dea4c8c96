"""The filters of a list, and how they and their values stand in a statement."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from storage.resources.kinds import Kind
from storage.resources.related import HOLDS, LACKS
from storage.resources.resource import Resource


@dataclass(frozen=True, slots=True)
class Condition:
    """A filter: `operator` is `=`, `>=`, `<=`, `@>`, `null`, or of a related table.

    The value is of the column; with `in`, and of a related table once it was asked for first, they
    are several.
    """

    name: str
    operator: str
    value: Any = None


@dataclass(slots=True)
class Arguments:
    """The arguments of a statement, numbered as they are added."""

    values: list[Any] = field(default_factory=list)

    def add(self, value: Any, cast: str) -> str:
        """The placeholder of this value."""
        self.values.append(value)
        return f"${len(self.values)}::{cast}"


async def with_values(
    connection: Any, resource: Resource, conditions: tuple[Condition, ...]
) -> tuple[Condition, ...]:
    """The conditions, with what has to be asked for first as their values."""
    first = {one.name: one.first for one in resource.related if one.first}
    return tuple(
        [
            replace(one, value=await connection.fetchval(first[one.name], one.value))
            if one.name in first
            else one
            for one in conditions
        ]
    )


def filtered(resource: Resource, condition: Condition, arguments: Arguments) -> str:
    """A filter as SQL over the alias `a`."""
    if condition.operator in {HOLDS, LACKS}:
        of = next(one for one in resource.related if one.name == condition.name)
        return of.of(condition.operator, arguments.add(condition.value, of.cast))
    return _compared(resource, condition, arguments)


def _compared(resource: Resource, condition: Condition, arguments: Arguments) -> str:
    column, kind = f"a.{condition.name}", resource.named(condition.name).kind
    if condition.operator == "null":
        return f"{column} IS NULL"
    if condition.operator == "in":
        return _among(column, kind, condition.value, arguments)
    if kind.values:
        # One of few words of ours: as a literal it lets a partial index serve.
        assert condition.value in kind.values
        return f"{column} = '{condition.value}'"
    if condition.value is True or condition.value is False:
        return column if condition.value else f"NOT {column}"
    if condition.operator == "@>":
        return f"{column} @> ARRAY[{arguments.add(condition.value, 'text')}]"
    return f"{column} {condition.operator} {arguments.add(condition.value, kind.cast)}"


def _among(column: str, kind: Kind, values: Sequence[Any], arguments: Arguments) -> str:
    if kind.values:
        assert set(values) <= set(kind.values)
        listed = ", ".join(f"'{value}'" for value in values)
        return f"{column} IN ({listed})"
    return f"{column} = ANY ({arguments.add(list(values), f'{kind.cast}[]')})"
