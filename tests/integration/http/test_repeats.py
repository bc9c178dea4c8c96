"""What is answered again says so; and what a badge shows."""

from uuid import uuid4

KEY = {"headers": {"Idempotency-Key": "once"}}


async def _twice(app, person, path, body, status=201):
    first = await app.http("POST", path, person, body, **KEY)
    again = await app.http("POST", path, person, body, **KEY)
    assert (first.status, again.status) == (status, status)
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.body == first.body
    return first.body


async def test_a_repeated_conversation_and_message_say_so(app):
    anna, ben = await app.people("anna", "ben")
    body = {"type": "group", "title": "Pier", "participant_ids": [str(ben.id)]}
    made = await _twice(app, anna, "/v1/conversations", body)
    room = f"/v1/conversations/{made['conversation']['id']}"
    await _twice(app, anna, f"{room}/messages", {"content": "hello"})
    sent = {"conversation_id": made["conversation"]["id"], "content": "hi"}
    sent["client_id"] = str(uuid4())
    await _twice(app, anna, "/v1/commands/message.send", sent, 200)
    # The pair's conversation is there already, by no earlier request of this one.
    direct = {"type": "direct", "participant_ids": [str(ben.id)]}
    for key in ("a", "b"):
        one = await app.http("POST", "/v1/conversations", anna, direct | {"client_id": None},
                             headers={"Idempotency-Key": key})  # fmt: skip
        assert "Idempotency-Replayed" not in one.headers


async def test_a_repeated_upload_says_so(app):
    (anna,) = await app.people("anna")
    answers = [
        await app.http("POST", "/v1/files?name=a.txt", anna, data=b"text\n", headers={
            "Idempotency-Key": "once", "Content-Type": "text/plain"})
        for _ in range(2)
    ]  # fmt: skip
    assert [a.headers.get("Idempotency-Replayed") for a in answers] == [None, "true"]


async def test_unread_tells_what_was_not_seen(app):
    anna, ben = await app.people("anna", "ben")
    body = {"type": "direct", "participant_ids": [str(ben.id)]}
    made = await app.http("POST", "/v1/conversations", anna, body)
    room = f"/v1/conversations/{made.body['conversation']['id']}"
    for text in ("one", "two"):
        await app.http(
            "POST", f"{room}/messages", anna, {"content": text, "client_id": str(uuid4())}
        )
    told = await app.http("GET", "/v1/unread", ben)
    assert (told.status, told.body) == (200, {"messages": 2, "notifications": 0})
    known = {"headers": {"If-None-Match": told.headers["ETag"]}}
    assert (await app.http("GET", "/v1/unread", ben, **known)).status == 304
    await app.http("POST", f"{room}/read", ben, {"seq": 1})
    assert (await app.http("GET", "/v1/unread", ben, **known)).body["messages"] == 1
    assert (await app.http("GET", "/v1/unread", anna)).body["messages"] == 0
    assert (await app.http("GET", "/v1/unread")).status == 401
    assert (await app.http("GET", "/v1/unread?x=1", ben)).status == 422
