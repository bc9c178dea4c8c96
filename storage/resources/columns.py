"""How columns stand in the JSON of a row, and which others that needs.

An amount is shown with the decimals of its currency, which may stand in another row than it does.
"""

from collections.abc import Iterable

from protocol.money.currency import EXPONENTS
from storage.resources.resource import Resource

_COLUMN_DECIMALS = 2
"""The decimals that a column of amounts has, and so its text."""
_WHOLE = ", ".join(f"'{name}'" for name, decimals in EXPONENTS.items() if decimals == 0)
assert set(EXPONENTS.values()) <= {0, _COLUMN_DECIMALS}, "a currency that no column shows"


def shown(resource: Resource, name: str, alias: str) -> str:
    """A column as JSON shows it."""
    kind, column = resource.named(name).kind, f"{alias}.{name}"
    if name in resource.counted:
        column = f"coalesce({column}, 0)"  # a row that is new, or was loaded without its triggers
    text = kind.shown.format(column)
    currency = _currency(resource, alias) if kind.is_money else ""
    if currency:
        whole = kind.shown.format(f"round({column})")
        text = f"CASE WHEN {currency} IN ({_WHOLE}) THEN {whole} ELSE {text} END"
    return f"{text} AS {name}"


def needed(resource: Resource, names: Iterable[str]) -> set[str]:
    """The columns of the row that showing these needs besides."""
    if not any(resource.named(name).kind.is_money for name in names):
        return set()
    if resource.priced_by is not None:
        return {resource.priced_by.column}
    return {"currency"} & resource.readable.keys()


def _currency(resource: Resource, alias: str) -> str:
    by = resource.priced_by
    if by is not None:
        return f"(SELECT p.currency FROM {by.table} p WHERE p.id = {alias}.{by.column})"
    return f"{alias}.currency" if "currency" in resource.readable else ""
