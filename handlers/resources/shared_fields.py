"""Words that declarations share: the fields that most rows have, and whose a row is."""

from storage.resources.kinds import ID, INT, TIME
from storage.resources.resource import Expansion, Field, Figure, Filter, PricedBy, Who
from storage.resources.rule import ME, Rule, where

OWN, STAFF, ADMIN = Who.OWNER, Who.STAFF, Who.ADMIN
EQUAL, RANGE, HAS = Filter.EQUAL, Filter.RANGE, Filter.HAS
COUNTED, DRIFTING = Figure.COUNTED, Figure.DRIFTING

KEY = Field("id", ID)
CREATED = Field("created_at", TIME, filter=RANGE)
STAMPS = (CREATED, Field("updated_at", TIME), Field("version", INT))

OF_CONTRACT = PricedBy("contracts", "contract_id")
"""Amounts in the currency of the contract that the row belongs to."""

HISTORY = Expansion("history", "status-history", "id", "entity_id", many=True)
"""How a row came to its status, the newest step first, with what was said with each."""


def mine(column: str) -> Rule:
    """The rows that name the caller in this column."""
    return Rule(f"{column} = {ME}", frozenset({column}))


def one_of_mine(column: str, function: str) -> Rule:
    """The rows of which this function of the database says that they are the caller's too."""
    return Rule(f"{column} = ANY ((SELECT {function}())::uuid[])", frozenset({column}))


def whose(column: str) -> Field:
    """The column that holds whose row it is; lists can be narrowed by it, also to `me`."""
    return Field(column, ID, filter=EQUAL)


def child_of(table: str, column: str, condition: str = "") -> Rule:
    """The rows whose parent the caller sees, and `p`, which it is, satisfies the condition."""
    more = f" AND {condition}" if condition else ""
    sql = f"EXISTS (SELECT FROM {table} p WHERE p.id = {column}{more})"
    return Rule(sql, frozenset({column}), (table,))


def in_state(*states: str) -> Rule:
    """The rows in one of these states."""
    if len(states) == 1:
        return where("status", states[0])
    listed = ", ".join(f"'{state}'" for state in states)
    return Rule(f"status IN ({listed})")


def by_one(kind: str) -> Rule:
    """That the caller is of this kind, or of both, and active."""
    other = {"client": "freelancer", "freelancer": "client"}[kind]
    is_one = f"p.id = {ME} AND p.kind <> '{other}' AND p.status = 'active'"
    return Rule(f"EXISTS (SELECT FROM users p WHERE {is_one})")


def user(name: str, column: str) -> Expansion:
    """The public part of the user in this column."""
    return Expansion(name, "users", column, "id")
