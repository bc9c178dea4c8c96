"""Who may write first is set over HTTP and holds over the socket."""

import pytest


@pytest.mark.parametrize("choice", ["connected", "nobody"])
async def test_whoever_takes_no_messages_is_not_reached(app, choice):
    anna, ben = await app.people("anna", "ben")
    account = (await app.http("GET", "/v1/me", ben)).body
    assert account["messages_from"] == "everyone"
    held = {"If-Match": f'"{account["version"]}"'}
    wrong = await app.http("PATCH", "/v1/me", ben, {"messages_from": "friends"}, headers=held)
    assert (wrong.status, wrong.body["error"]["details"]["path"]) == (422, "messages_from")
    done = await app.http("PATCH", "/v1/me", ben, {"messages_from": choice}, headers=held)
    assert (done.status, done.body["messages_from"]) == (200, choice)
    assert (await app.http("GET", "/v1/me", ben)).body["messages_from"] == choice

    wire = await app.connect(anna)
    new = {"type": "direct", "participant_ids": [ben.id]}
    assert (await wire.refusal("conversation.create", new))["code"] == "blocked"
    other = await app.connect(ben)
    await other.ask("conversation.create", {"type": "direct", "participant_ids": [anna.id]})
    await wire.ask("conversation.create", new)
