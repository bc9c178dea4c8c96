"""The tests' own connection and people work as other tests take for granted."""

from typing import Any
from uuid import uuid4

import pytest

from protocol.codec import Codec
from protocol.requests import MessageSend
from server.ws.dispatch import Dispatcher, Run
from tests.wire import FORMATS, Refused


@pytest.mark.parametrize("form", FORMATS)
async def test_two_people_talk(app, form):
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben, form)
    assert b.hello["user"] == {"id": str(ben.id), "display_name": "ben"}
    room = (await a.ask("conversation.create", type="direct", participant_ids=[ben.id]))[
        "conversation"
    ]
    created = await b.expect("conversation.created")
    assert created["d"]["conversation"]["id"] == room["id"]
    sent = await a.ask(
        "message.send", conversation_id=room["id"], client_id=uuid4(), content="hello"
    )
    event = await b.expect("message.created")
    assert event["d"]["message"] == sent["message"]
    page = await app.http("GET", f"/v1/conversations/{room['id']}/messages", ben)
    assert page.body["data"] == [sent["message"]]
    with pytest.raises(Refused) as refused:
        await b.ask("message.get", conversation_id=room["id"], message_id=uuid4())
    assert refused.value.code == "not_found"
    assert (await app.upload(anna)).status == 201


async def test_a_bug_in_one_reply_ends_its_connection_and_no_other_of_the_group(app, monkeypatch):
    reply = Dispatcher.reply

    def fails_for_one(self: Dispatcher, run: Run, answer: Any, codec: Codec) -> bytes:
        if isinstance(run.request, MessageSend) and run.request.content == "unlucky":
            raise AssertionError("a bug")
        return reply(self, run, answer, codec)

    monkeypatch.setattr(Dispatcher, "reply", fails_for_one)
    anna, ben = await app.people("anna", "ben")
    a, b = await app.connect(anna), await app.connect(ben)
    new = {"type": "direct", "participant_ids": [ben.id]}
    room = (await a.ask("conversation.create", new))["conversation"]["id"]
    for number in range(5):
        said = "unlucky" if number == 2 else f"{number}"
        await a.tell("message.send", conversation_id=room, client_id=uuid4(), content=said)
        await b.tell("message.send", conversation_id=room, client_id=uuid4(), content=f"b {number}")
    assert await a.closed() == 1011
    answered = await b.ask(
        "message.send", conversation_id=room, client_id=uuid4(), content="still here"
    )
    page = await app.http("GET", f"/v1/conversations/{room}/messages", ben)
    assert page.body["data"][-1]["id"] == answered["message"]["id"]
    assert "unlucky" in [message["content"] for message in page.body["data"]], "it is stored"
