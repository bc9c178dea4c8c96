"""What a transaction writes, as steps in JSON that one function of the database carries out."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

Step = dict[str, Any]
"""One thing to write; `do` says what."""


def insert(table: str, row: Mapping[str, object]) -> Step:
    """Put in a row. Columns that are not named have their defaults."""
    return {"do": "insert", "table": table, "row": _json(row)}


def update(table: str, row_id: UUID, values: Mapping[str, object]) -> Step:
    """Set columns of the row of this id."""
    return {"do": "update", "table": table, "id": str(row_id), "set": _json(values)}


def delete(table: str, row_id: UUID) -> Step:
    """Take away the row of this id."""
    return {"do": "delete", "table": table, "where": {"id": str(row_id)}}


def _json(row: Mapping[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in row.items()}


def _value(value: object) -> object:
    match value:
        case UUID() | Decimal():
            return str(value)
        case dt.datetime():
            return value.isoformat()
        case _:
            return value
