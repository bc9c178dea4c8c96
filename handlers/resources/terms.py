"""Words that declarations share: the fields that most rows have, and whose a row is."""

from storage.resources.kinds import ID, INT, TIME
from storage.resources.resource import ME, Expansion, Field, Filter, Who

OWN, STAFF, ADMIN = Who.OWNER, Who.STAFF, Who.ADMIN
EQUAL, RANGE, HAS = Filter.EQUAL, Filter.RANGE, Filter.HAS

KEY = Field("id", ID)
CREATED = Field("created_at", TIME, filter=RANGE)
STAMPS = (CREATED, Field("updated_at", TIME), Field("version", INT))


def mine(column: str) -> str:
    """The rows that name the caller in this column."""
    return f"{column} = {ME}"


def whose(column: str) -> Field:
    """The column that holds whose row it is; lists can be narrowed by it, also to `me`."""
    return Field(column, ID, filter=EQUAL)


def child_of(table: str, column: str, condition: str = "") -> str:
    """The rows whose parent the caller sees, and which satisfies the condition."""
    more = f" AND {condition}" if condition else ""
    return f"EXISTS (SELECT FROM {table} p WHERE p.id = {column}{more})"


def by_one(kind: str) -> str:
    """That the caller is of this kind, or of both, and active."""
    other = {"client": "freelancer", "freelancer": "client"}[kind]
    return child_of("users", ME, f"p.kind <> '{other}' AND p.status = 'active'")


def user(name: str, column: str) -> Expansion:
    """The public part of the user in this column."""
    return Expansion(name, "users", column, "id")
