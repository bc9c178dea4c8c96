"""Rows that an execution has read under its locks."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID


class Row(Mapping[str, Any]):
    """A row of a table, as it will be once the execution is written.

    Columns of type `jsonb` are as asyncpg reads them, as text. Only `Work` changes a row.
    """

    __slots__ = ("_values", "table")

    def __init__(self, table: str, values: Mapping[str, Any]) -> None:
        self.table = table
        self._values = dict(values)

    @property
    def id(self) -> UUID:
        """Its primary key."""
        found: UUID = self._values["id"]
        return found

    @property
    def status(self) -> str:
        """The state of its machine."""
        return str(self._values["status"])

    def __getitem__(self, column: str) -> Any:
        return self._values[column]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash((self.table, self.id))

    def __eq__(self, other: object) -> bool:
        return self is other

    def __repr__(self) -> str:
        return f"<{self.table} {self._values.get('id')} {self._values.get('status', '')}>"

    def take(self, values: Mapping[str, Any]) -> None:
        """Have these values from now on. For `Work` alone, which writes them too."""
        self._values.update(values)
