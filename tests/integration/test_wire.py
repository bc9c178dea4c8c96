"""The tests' own connection and people work as other tests take for granted."""

from uuid import uuid4

import pytest

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
