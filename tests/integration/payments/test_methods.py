"""Payment and payout methods: made by their owner, one of them the default, tokens alone."""

import asyncio
from uuid import UUID

import pytest

OF = {"payment-methods": "tok_ok", "payout-methods": "acct_ok"}
PATHS = {"payment-methods": "provider_token", "payout-methods": "provider_account_token"}
TYPES = {"payment-methods": "card", "payout-methods": "bank_transfer"}
CARD = "4242 4242 4242 4242"
every_path = pytest.mark.parametrize("path", PATHS)


def body(path, token, **more):
    return {PATHS[path]: token, "type": TYPES[path], "last_four": "4242", **more}


async def make(app, person, path, token, **more):
    return await app.http("POST", f"/v1/{path}", person, body(path, token, **more))


async def defaults(app, person, path):
    rows = (await app.http("GET", f"/v1/{path}", person)).body["data"]
    return [row["id"] for row in rows if row["is_default"]]


@every_path
async def test_a_method_is_made_by_its_token_which_nobody_sees(app, path):
    ada, ben = await app.people("Ada", "Ben")
    made = await make(app, ada, path, f"{OF[path]}-ada")
    assert (made.status, made.body["provider"], made.body["last_four"]) == (201, "local", "4242")
    assert OF[path] not in str(made.body)
    assert (made.body["is_default"], made.body["is_verified"]) == (False, False)
    one = f"/v1/{path}/{made.body['id']}"
    assert (await app.http("GET", one, ben)).status == 404
    again = await make(app, ada, path, f"{OF[path]}-ada")
    assert (again.status, again.body["error"]["details"]["id"]) == (409, made.body["id"])
    # Nobody learns of others' tokens.
    assert (await make(app, ben, path, f"{OF[path]}-ada")).status == 201
    changed = await app.http("PATCH", one, ada, {"is_verified": True}, headers={"If-Match": "*"})
    assert changed.status == 422
    stolen = {PATHS[path]: f"{OF[path]}-other"}
    assert (await app.http("PATCH", one, ada, stolen, headers={"If-Match": "*"})).status == 422
    assert (await app.http("DELETE", one, ben)).status == 404
    assert (await app.http("DELETE", one, ada)).status == 204


@every_path
async def test_nobody_says_which_provider_knows_a_token(app, path):
    ada = await app.person("Ada")
    refused = await make(app, ada, path, "tok_ok-ada", provider="evil")
    assert refused.status == 422
    assert refused.body["error"]["details"]["path"] == "provider"


@every_path
async def test_the_newest_default_is_the_default(app, path):
    ada, ben = await app.people("Ada", "Ben")
    first = (await make(app, ada, path, f"{OF[path]}-a", is_default=True)).body
    of_ben = (await make(app, ben, path, f"{OF[path]}-b", is_default=True)).body
    second = (await make(app, ada, path, f"{OF[path]}-c", is_default=True)).body
    assert await defaults(app, ada, path) == [second["id"]]
    answer = await app.http(
        "PATCH", f"/v1/{path}/{first['id']}", ada, {"is_default": True}, headers={"If-Match": "*"}
    )
    assert (answer.status, answer.body["is_default"]) == (200, True)
    assert await defaults(app, ada, path) == [first["id"]]
    assert await defaults(app, ben, path) == [of_ben["id"]]


@every_path
async def test_there_is_one_default_however_many_ask(app, path):
    ada = await app.person("Ada")
    made = await asyncio.gather(
        *(make(app, ada, path, f"{OF[path]}-{number}", is_default=True) for number in range(6))
    )
    assert {answer.status for answer in made} <= {201, 409, 503}
    assert len(await defaults(app, ada, path)) == 1


@every_path
async def test_a_token_that_the_local_provider_does_not_know_is_no_method(app, path):
    """It would fail when it is paid with."""
    ada = await app.person("Ada")
    other = next(token for of, token in OF.items() if of != path)
    for token in ("hello", other, f"{OF[path]}+soon", f"{OF[path]}+late=x"):
        answer = await make(app, ada, path, token)
        (fault,) = answer.body["errors"]
        assert (answer.status, fault["path"]) == (422, PATHS[path]), token
        assert f"{OF[path]}, " in fault["message"]
    for token in (f"{OF[path]}+late=3-x", f"{OF[path]}+twice+cost=1"):
        assert (await make(app, ada, path, token)).status == 201, token


@pytest.mark.parametrize(
    "path",
    [
        "/v1/payment-methods", "/v1/payout-methods", f"/v1/payment-methods/{UUID(int=1)}",
        "/v1/deposits", "/v1/deposits/1/return", "/v1/contracts/1/pay", "/v1/milestones/1/fund",
    ],
)  # fmt: skip
async def test_numbers_of_cards_are_refused_and_not_logged(app, path, logs):
    ada = await app.person("Ada")
    for given in ({"provider_token": CARD}, {CARD: 1}, {"x": [int(CARD.replace(" ", ""))]}):
        method = "PATCH" if "methods/" in path else "POST"
        answer = await app.http(method, path, ada, given, headers={"If-Match": "*"})
        # Some of these have no path yet.
        assert answer.status in ({422} if "methods" in path else {404, 422})
        assert "4242424" not in str(answer.body).replace(" ", "")
        if answer.status == 422:
            (fault,) = answer.body["errors"]
            name = next(iter(given))
            assert fault["path"] == ("" if name == CARD else name)
            reason = "holds a card's number: only a provider's token may be sent"
            assert fault["message"] == reason
            assert answer.body["detail"] in {reason, f"{name}: {reason}"}
    assert "42424242" not in str(logs).replace(" ", "")


async def test_a_message_may_hold_any_number(app):
    """Nobody is hindered where no card is asked for."""
    ada = await app.person("Ada")
    made = await app.command("template.create", ada, {"title": "A number", "content": CARD})
    assert made.status == 200
