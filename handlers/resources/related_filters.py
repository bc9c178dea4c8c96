"""Filters by what other tables say of a row: its skills, packages, who keeps it as a favourite."""

from storage.resources.kinds import ID, integer
from storage.resources.related import Related

_BELOW = (
    "SELECT ARRAY(WITH RECURSIVE tree AS (SELECT $1::uuid AS id UNION SELECT c.id FROM categories c"
    " JOIN tree t ON c.parent_id = t.id) SELECT id FROM tree)"
)
"""A category and all below it."""


def by_skill(table: str, column: str, key: str, says: str) -> Related:
    """The rows that a table joins to a skill."""
    match = f"s.{column} = {{row}}.{key} AND s.skill_id = {{0}}"
    return Related("skill_id", ID, says, f"EXISTS (SELECT FROM {table} s WHERE {match})")


def favorite(of_type: str, key: str = "id") -> Related:
    """The rows that the caller keeps as favourites, or those that not."""
    match = (
        f"f.user_id = {{0}} AND f.favorited_type = '{of_type}' AND f.favorited_id = {{row}}.{key}"
    )
    return Related(
        "is_favorite", ID, "Whether it is a favourite of the caller's",
        f"EXISTS (SELECT FROM favorites f WHERE {match})", is_own=True,
    )  # fmt: skip


def below_category(*columns: str) -> Related:
    """The rows of a category and of all below it."""
    says = "This category and all below it"
    sql = " OR ".join(f"{{row}}.{column} = ANY ({{0}})" for column in columns)
    return Related("in_category", ID, says, sql, first=_BELOW)


PROFILE_BELOW_CATEGORY = Related(
    "in_category", ID, "This category and all below it",
    "EXISTS (SELECT FROM user_categories u"
    " WHERE u.user_id = {row}.user_id AND u.category_id = ANY ({0}))",
    first=_BELOW,
)  # fmt: skip

WITHIN_DAYS = Related(
    "delivery_days_lte", integer(1, 365), "A package of it is delivered within so many days",
    "EXISTS (SELECT FROM gig_packages d WHERE d.gig_id = {row}.id AND d.delivery_days <= {0})",
)  # fmt: skip
