"""The check of currencies and amounts that a resource is sent.

Where the currency of an amount is not in the body but in a row, PostgreSQL's guards know it.
"""

from collections.abc import Mapping
from typing import Any

from protocol.errors import Fault
from protocol.money.currency import exponent, too_fine
from storage.resources.kinds import CURRENCY
from storage.resources.resource import Resource


def amount_faults(resource: Resource, values: Mapping[str, Any]) -> list[Fault]:
    """A currency that is not taken, and amounts that are finer than the one they are sent with."""
    kinds = {n: resource.named(n).kind for n, value in values.items() if value is not None}
    faults = []
    for name in (n for n, kind in kinds.items() if kind is CURRENCY):
        try:
            decimals = exponent(values[name])
        except ValueError as error:
            faults.append(Fault(name, str(error)))
            continue
        faults += [
            Fault(n, too_fine(values[name]))
            for n, kind in kinds.items()
            if kind.is_money and len(values[n].partition(".")[2]) > decimals
        ]
    return faults
