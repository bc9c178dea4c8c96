"""A gig is published, paused and taken away; staff suspends it."""

import pytest

from tests.app import Answer, Person, Served


async def _category(app: Served) -> str:
    pool = app.app.core.foundation.pool
    return str(
        await pool.fetchval(
            "INSERT INTO categories (name, slug) VALUES ('Films', 'films-' || uuid7()) RETURNING id"
        )
    )


async def _gig(app: Served, owner: Person, *, packages: int = 1) -> Answer:
    body = {
        "title": "A short film",
        "slug": f"a-short-film-{owner.id}",
        "description": "Two minutes, cut and graded.",
        "category_id": await _category(app),
    }
    made = await app.http("POST", "/v1/gigs", owner, body)
    assert made.status == 201, made.body
    for tier in ("basic", "standard", "premium")[:packages]:
        package = {"gig_id": made.body["id"], "tier": tier, "price": "100", "delivery_days": 3}
        answer = await app.http("POST", "/v1/gig-packages", owner, package)
        assert answer.status == 201, answer.body
    return made


@pytest.fixture
async def fees(app: Served) -> None:
    """A price for using the platform."""
    await app.app.core.foundation.pool.execute(
        "INSERT INTO fee_structure (tier_name, min_amount, platform_fee_percentage, effective_from)"
        " SELECT 'all', 0, 10, '2020-01-01'"
        " WHERE NOT EXISTS (SELECT FROM fee_structure WHERE currency = 'USD' AND kind = 'platform')"
    )


@pytest.mark.usefixtures("fees")
async def test_a_gig_is_published_paused_and_removed(app: Served) -> None:
    owner, stranger = await app.people("Ada", "Ben")
    made = await _gig(app, owner)
    assert made.body["available_actions"] == ["remove"]
    path = f"/v1/gigs/{made.body['id']}"
    assert (await app.http("GET", path, owner)).body["available_actions"] == ["publish", "remove"]
    hidden = await app.http("POST", f"{path}/publish", stranger)
    assert (hidden.status, hidden.body["error"]["code"]) == (404, "not_found")

    shown = await app.http("POST", f"{path}/publish", owner)
    assert shown.status == 200, shown.body
    assert shown.body["status"] == "active"
    assert shown.body["published_at"] is not None
    assert shown.body["available_actions"] == ["pause", "remove"]
    assert (await app.http("GET", path, owner)).body == shown.body
    assert (await app.http("GET", path, stranger)).body["available_actions"] == ["order"]

    refused = await app.http("POST", f"{path}/pause", stranger)
    assert (refused.status, refused.body["error"]["code"]) == (403, "forbidden")
    again = await app.http("POST", f"{path}/publish", owner)
    assert (again.status, again.body["error"]["details"]) == (409, {"status": "active"})
    old = await app.http("POST", f"{path}/pause", owner, headers={"If-Match": '"1"'})
    assert old.status == 412
    assert (await app.http("POST", f"{path}/pause", owner)).body["status"] == "paused"
    assert (await app.http("POST", f"{path}/remove", owner)).body["status"] == "deleted"

    pool = app.app.core.foundation.pool
    history = await pool.fetch(
        "SELECT action, from_status, to_status, actor_id FROM status_history"
        " WHERE entity_type = 'gig' ORDER BY id"
    )
    assert [(h["action"], h["from_status"], h["to_status"]) for h in history] == [
        ("create", None, "draft"),
        ("publish", "draft", "active"),
        ("pause", "active", "paused"),
        ("remove", "paused", "deleted"),
    ]
    assert {h["actor_id"] for h in history} == {owner.id}


@pytest.mark.usefixtures("fees")
async def test_a_gig_without_a_package_is_not_published(app: Served) -> None:
    owner = await app.person()
    made = await _gig(app, owner, packages=0)
    assert made.body["available_actions"] == ["remove"]
    refused = await app.http("POST", f"/v1/gigs/{made.body['id']}/publish", owner)
    assert refused.status == 422
    assert refused.body["error"]["message"] == "the gig needs a package first"


@pytest.mark.usefixtures("fees")
async def test_a_repeated_request_is_answered_again_and_not_done_again(app: Served) -> None:
    owner = await app.person()
    made = await _gig(app, owner)
    path, key = f"/v1/gigs/{made.body['id']}/publish", {"Idempotency-Key": "once"}
    first = await app.http("POST", path, owner, headers=key)
    second = await app.http("POST", path, owner, headers=key)
    assert first.status == second.status == 200
    assert second.body == first.body
    assert second.headers["Idempotency-Replayed"] == "true"


async def test_a_second_package_of_a_tier_is_told_which_is_there(app: Served) -> None:
    owner = await app.person("Ben")
    gig = (await _gig(app, owner)).body["id"]
    there = (await app.http("GET", f"/v1/gig-packages?gig_id={gig}", owner)).body["data"][0]
    package = {"gig_id": gig, "tier": "basic", "price": "5", "delivery_days": 3}
    refused = await app.http("POST", "/v1/gig-packages", owner, package)
    assert refused.status == 409
    assert refused.body["error"]["details"] == {"path": "tier", "id": there["id"]}


@pytest.mark.parametrize(
    ("asked", "is_taken"),
    [
        ({"kind": "choice", "choices": []}, False),
        ({"kind": "choice"}, False),
        ({"kind": "text", "choices": ["wide"]}, False),
        ({"kind": "file", "choices": ["wide"]}, False),
        ({"kind": "choice", "choices": ["wide"]}, True),
        ({}, True),
    ],
)
async def test_a_question_has_choices_where_it_is_a_choice(
    app: Served, asked: dict[str, object], is_taken: bool
) -> None:
    owner = await app.person("Ben")
    gig = (await _gig(app, owner)).body["id"]
    body = {"gig_id": gig, "question": "Format?", **asked}
    answer = await app.http("POST", "/v1/gig-requirements", owner, body)
    if is_taken:
        assert answer.status == 201
        path = f"/v1/gig-requirements/{answer.body['id']}"
        swapped = {"kind": "text"} if asked else {"kind": "choice"}
        held = {"If-Match": "*"}
        answer = await app.http("PATCH", path, owner, swapped, headers=held)
    assert (answer.status, answer.body["errors"][0]["path"]) == (422, "choices")
