"""Bodies of writes, made from declarations."""

from typing import Any
from uuid import uuid4

from storage.resources import kinds
from storage.resources.resource import Field, Resource
from tests.integration.resources.world import BEN, KEYS, uid

_REFERENCES: dict[str, Any] = {
    "category_id": uid(10), "subcategory_id": uid(10), "parent_id": uid(13),
    "skill_id": uid(12), "gig_id": uid(30), "job_id": uid(40), "contract_id": uid(59),
    "review_id": uid(130), "favorited_id": uid(40), "favorited_type": "job",
    "community_event_id": uid(87), "tier": "premium", "effective_from": "2010-01-01T00:00:00Z",
    "effective_until": "2011-01-01T00:00:00Z", "max_amount": "90.00", "currency": "EUR",
    "start_year": 2000, "end_year": 2010, "start_date": "2019-01-01", "end_date": "2020-01-01",
    "deadline": "2040-01-01T00:00:00Z", "budget_max": "99.00", "is_public": True,
    "conversation_id": uid(101), "starts_at": "2039-01-01T00:00:00Z",
    "ends_at": "2039-01-02T00:00:00Z", "quiet_from": "22:00:00", "quiet_until": "07:00:00",
    "expiry_year": 2031, "milestones": [{"title": "All", "amount": "12.00"}],
    "search_params": {"sort": "-created_at"},
}  # fmt: skip
_TOKENS = {"provider_token": "tok_ok", "provider_account_token": "acct_ok"}
_VALUES: list[tuple[Any, Any]] = [
    (kinds.MONEY, "12.00"), (kinds.SUM, "12.00"), (kinds.PERCENT, "5.00"),
    (kinds.URL, "https://example.org/x"),
    (kinds.LAST_FOUR, "4242"), (kinds.COUNTRY, "DE"), (kinds.CURRENCY, "EUR"),
    (kinds.BOOL, True), (kinds.SCORE, 1.5),
    (kinds.TIME, "2040-01-01T00:00:00Z"), (kinds.DATE, "2040-01-01"), (kinds.OBJECT, {"a": 1}),
    (kinds.NAMES, {"de": "x"}),
    (kinds.LOCALE, "de-AT"), (kinds.ZONE, "Asia/Tokyo"),
    (kinds.LIST, [1]), (kinds.ANY, 7), (kinds.IDS, []), (kinds.DAY_TIME, "08:00:00"),
]  # fmt: skip


def sample(field: Field) -> Any:
    """A value that this field takes."""
    if field.name in _TOKENS:
        return f"{_TOKENS[field.name]}-{uuid4().hex}"
    if field.name in _REFERENCES:
        value = _REFERENCES[field.name]
        return str(value) if field.kind is kinds.ID else value
    if field.kind.values:
        return field.kind.values[-1]
    for kind, value in _VALUES:
        if kind is field.kind:
            return value
    of_column = {
        "uuid": str(BEN),
        "text": f"x-{uuid4().hex[:8]}",
        "integer": 3,
        "bigint": 3,
        "numeric(14,4)": "1.0000",
        "text[]": ["one", "two"],
    }
    return of_column[field.kind.cast]


def creation(resource: Resource) -> dict[str, Any]:
    """The least that makes a row."""
    return {f.name: sample(f) for f in resource.creatable.values() if f.required}


def full(resource: Resource) -> dict[str, Any]:
    """Everything that a creation may say."""
    return {f.name: sample(f) for f in resource.creatable.values()}


def change(resource: Resource) -> dict[str, Any]:
    """Every field that can be changed."""
    return {f.name: sample(f) for f in resource.changeable.values()}


def listing(resource: Resource, query: str = "") -> str:
    """A list that has the world's row: of the parent's, where a list must name one."""
    named = {part.partition("=")[0] for part in query.split("&")}
    parents = (n for n in resource.parent_keys if not named & {n, "skill_id"})
    asked = [*(f"{name}={_REFERENCES[name]}" for name in parents), *([query] if query else [])]
    return f"/v1/{resource.path}?{'&'.join(asked)}"


def path(resource: Resource, key: Any = None) -> str:
    """Where the world's row is, or another."""
    return f"/v1/{resource.path}/{KEYS[resource.path] if key is None else key}"
