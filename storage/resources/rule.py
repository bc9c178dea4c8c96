"""A rule says which rows: as PostgreSQL reads it, and what the engine has to know of it.

The SQL is handed on: what it cannot tell is declared beside it. Only which columns are compared
with `ME` is read from it (`Resource.holds_user`).
"""

from dataclasses import dataclass

ME = "(SELECT nullif(current_setting('app.user_id', true), '')::uuid)"
"""Who asks, within a rule."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A condition over a table's own columns.

    It may use `ME` and subqueries, which are held to the policies of the tables they name. `keys`
    are the columns by which its rows are found; `parents` the tables whose rows decide, as the
    reader sees them; `equals` the column and value of a rule that asks for nothing else but who is
    hidden; `is_of_all` is true where it asks for that alone.
    """

    sql: str
    keys: frozenset[str] = frozenset()
    parents: tuple[str, ...] = ()
    equals: tuple[str, str | bool] | None = None
    is_of_all: bool = False

    @property
    def columns(self) -> frozenset[str]:
        """The columns that are declared of it."""
        return self.keys if self.equals is None else self.keys | {self.equals[0]}

    def __or__(self, other: "Rule") -> "Rule":
        """Rows of the one or the other."""
        return self._joined("OR", other)

    def __and__(self, other: "Rule") -> "Rule":
        """Rows of both."""
        return self._joined("AND", other)

    def _joined(self, word: str, other: "Rule") -> "Rule":
        parents = (*self.parents, *other.parents)
        return Rule(f"({self.sql}) {word} ({other.sql})", self.keys | other.keys, parents)


EVERYBODY = Rule("true", is_of_all=True)
"""All rows."""
IS_STAFF = Rule("(SELECT app_is_staff())")
IS_ADMIN = Rule("(SELECT app_is_admin())")


def where(column: str, value: str | None = None) -> Rule:
    """The rows with this value in a column of few values; without one, those where it is true."""
    if value is None:
        return Rule(column, equals=(column, True))
    return Rule(f"{column} = '{value}'", equals=(column, value))


def unless_hidden(column: str, rule: Rule = EVERYBODY) -> Rule:
    """The rows of a rule, but for those of who is hidden: suspended, or on the way to be erased.

    `column` says whose they are. The table that it looks into is small, and mostly empty.
    """
    is_shown = f"NOT EXISTS (SELECT FROM hidden_people h WHERE h.hidden_id = {column})"
    sql = is_shown if rule is EVERYBODY else f"({rule.sql}) AND {is_shown}"
    return Rule(sql, rule.keys | {column}, rule.parents, rule.equals, rule.is_of_all)
