"""Filters of a list by what other tables say of its rows, such as the skills that a job asks for.

A change there changes no row of the list: what was found by one is not kept.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from storage.resources.kinds import Kind

HOLDS, LACKS = "related", "unrelated"
"""The operators of their conditions."""


@dataclass(frozen=True, slots=True)
class Related:
    """`sql` is a condition on `{row}`, in which `{0}` is the value that is asked for.

    Of what `is_own`, `true` or `false` is asked, and the value is who asks. It can be shown too, as
    an expansion. `first` is a statement that makes all values of the one that is asked for: `{0}`
    is a list of them then. Asked before, they tell PostgreSQL whether few rows have one.
    """

    name: str
    kind: Kind
    says: str
    sql: str
    is_own: bool = False
    first: str = ""

    @property
    def cast(self) -> str:
        """The type of `{0}`."""
        return f"{self.kind.cast}[]" if self.first else self.kind.cast

    def of(self, operator: str, placeholder: str, row: str = "a") -> str:
        """The condition as SQL."""
        said = self.sql.format(placeholder, row=row)
        return f"NOT ({said})" if operator == LACKS else f"({said})"


def is_related(conditions: Iterable[Any]) -> bool:
    """True where a condition is on what other tables say."""
    return any(condition.operator in {HOLDS, LACKS} for condition in conditions)
