"""Search, recommendations and ranks in the OpenAPI document."""

from typing import Any

from protocol.money.currency import EXPONENTS
from server.http.documents import parameters
from server.http.documents.marketplace.operations import answer, list_parameters, operation, showing
from server.http.documents.schemas import TEXT, UUID_TEXT, Schema, Schemas, object_of, or_null
from server.http.resources.discovery import EARNED_IN, MONTH, QUERY_CHARS
from storage.resources import wire_structs
from storage.resources.resource import Resource
from storage.resources.search import CANDIDATES, FACET_VALUES, facets_of, searchables


def discovery_of(resources: dict[str, Resource], schemas: Schemas) -> dict[str, dict[str, Any]]:
    """Every path of discovery."""
    found: dict[str, dict[str, Any]] = {}
    for area, searchable in searchables(resources).items():
        resource = searchable.resource
        words = parameters.query(
            "q",
            {"type": "string", "minLength": 1, "maxLength": QUERY_CHARS},
            "Words: two letters, an emoji, or a character of a script without spaces",
        )
        found[f"/v1/search/{area}"] = {
            "get": operation(
                resource,
                f"search_{area}",
                f"{area.capitalize()} by their words, best first; by likeness where none is found",
                [
                    words | {"required": True},
                    *_counts(resource),
                    *list_parameters(resource, is_search=True),
                ],
                {"200": answer("A page", _found(resource, schemas), link=True)},
                tag="discovery",
            )
        }
    found["/v1/recommendations/jobs"] = {"get": _recommended(resources["jobs"], schemas)}
    user = schemas.named("RankedUser", object_of({"id": UUID_TEXT, "display_name": TEXT}))
    rank = schemas.named("Rank", object_of({"rank": {"type": "integer"}, "user": user}))
    ranks = answer("Ranks", schemas.page("RankPage", rank))
    month = parameters.query(
        "month",
        {"type": "string", "pattern": f"^{MONTH.pattern}$"},
        "The month, such as 2026-11; without it the present one",
    )
    currency = parameters.query(
        "currency",
        {"type": "string", "enum": list(EXPONENTS)},
        f"What was paid in this currency is compared; without it {EARNED_IN}",
    )
    says = {
        "freelancers": "The best rated freelancers",
        "earners": "Who was paid most in a month and a currency, less what has come back",
    }
    for board, asked in {"freelancers": [], "earners": [month, currency]}.items():
        found[f"/v1/leaderboards/{board}"] = {
            "get": operation(
                resources["users"],
                f"rank_{board}",
                f"{says[board]}: ranks, without sums",
                asked,
                {"200": ranks},
                tag="discovery",
            )
        }
    return found


def _recommended(jobs: Resource, schemas: Schemas) -> Schema:
    job = schemas.ref(wire_structs.whole(jobs))
    fit = object_of({"match_score": {"type": "number"}, "job": job})
    page = schemas.page("RecommendedJobPage", schemas.named("RecommendedJob", fit))
    return operation(
        jobs,
        "recommend_jobs",
        "Open jobs that fit the caller's skills, best first",
        [parameters.LIMIT, *showing(jobs)],
        {"200": answer("A page", page)},
        tag="discovery",
    ) | {"security": parameters.WITH_TOKEN}


def _counts(resource: Resource) -> list[Schema]:
    facets = f"Counts of what is found by these fields, by commas: {', '.join(facets_of(resource))}"
    total = f"How many rows are found; without `sort`, pages end with the {CANDIDATES:,} best"
    return [
        parameters.query("total", {"type": "boolean"}, total),
        parameters.query("facets", TEXT, facets),
    ]


def _found(resource: Resource, schemas: Schemas) -> Schema:
    """A page of a search, and what is counted when it is asked for."""
    count: Schema = {"type": "integer", "minimum": 0}
    total = schemas.named(
        "SearchTotal", object_of({"count": count, "is_exact": {"type": "boolean"}})
    )
    value = schemas.named("FacetValue", object_of({"value": or_null(TEXT), "count": count}))
    values: Schema = {"type": "array", "items": value, "maxItems": FACET_VALUES}
    whole = schemas.ref(wire_structs.whole(resource))
    rows: Schema = {"type": "array", "items": whole}
    schema = object_of({"data": rows, "next_cursor": or_null(TEXT)})
    schema["properties"] |= {
        "total": total,
        "facets": {"type": "object", "additionalProperties": values},
    }
    return schemas.named(f"{wire_structs.name_of(resource)}SearchPage", schema)
