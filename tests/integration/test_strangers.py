"""What a person may not see answers as what does not exist, for every command and both doors.

The cases are held to the command table: a command that names something of a conversation and has no
case here fails.
"""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from server.http.documents.reference import nameless_table
from server.http.messaging import PATHS
from tests.app import Person, Served

TABLE = nameless_table()

# What each command is sent, but for the conversation's id. Words in braces are of the scene.
CASES: dict[str, dict[str, Any]] = {
    "conversation.get": {},
    "conversation.update": {"title": "mine"},
    "conversation.settings": {"is_muted": True},
    "conversation.leave": {},
    "member.add": {"user_id": "{friend}"},
    "member.remove": {"user_id": "{owner}"},
    "message.send": {"client_id": "{client_id}", "content": "let me in"},
    "message.edit": {"message_id": "{message}", "content": "mine"},
    "message.delete": {"message_id": "{message}"},
    "message.get": {"message_id": "{message}"},
    "message.history": {},
    "message.thread": {"parent_id": "{message}"},
    "message.search": {"query": "secret"},
    "message.pin": {"message_id": "{message}"},
    "message.unpin": {"message_id": "{message}"},
    "reaction.add": {"message_id": "{message}", "emoji": "👍"},
    "reaction.remove": {"message_id": "{message}", "emoji": "👍"},
    "receipt.read": {"seq": 1},
    "receipt.delivered": {"seq": 1},
    "typing.start": {},
    "typing.stop": {},
}
# These name things in other ways, each with a test of its own below.
ELSEWHERE = {"sync", "report.create", "template.delete", "presence.watch", "presence.unwatch"}
# These name nothing but the caller's own things and users, who are no secret.
ONE_S_OWN = {
    "ping",
    "conversation.create",
    "conversation.list",
    "presence.set",
    "notification.list",
    "notification.read",
    "notification.archive",
    "preference.get",
    "preference.set",
    "block.add",
    "block.remove",
    "block.list",
    "template.list",
    "template.create",
    "people.find",
}
ABOUT_MESSAGES = [op for op, d in CASES.items() if "message_id" in d or "parent_id" in d]
REST = [path for path in PATHS if "{conversation_id}" in path.path]
VIEWERS = ["stranger", "removed", "gone"]


@dataclass(frozen=True)
class Scene:
    """A group with a message, a pinned one with a file, and people who are not, or no more, in."""

    served: Served
    people: dict[str, Person]
    conversation: str
    message: str
    file: str
    own: str
    """A conversation that all three outsiders have with a friend."""

    def filled(self, d: dict[str, Any]) -> dict[str, Any]:
        known = {
            "{friend}": str(self.people["friend"].id),
            "{owner}": str(self.people["owner"].id),
            "{message}": self.message,
            "{client_id}": str(uuid4()),
        }
        return {name: known.get(value, value) for name, value in d.items()}


@pytest.fixture
async def scene(app):
    names = ["owner", "friend", *VIEWERS]
    people = dict(zip(names, await app.people(*names), strict=True))
    owner = await app.connect(people["owner"])
    members = [people[name].id for name in ("friend", "removed", "gone")]
    made = await owner.ask("conversation.create", type="group", participant_ids=members)
    room = made["conversation"]["id"]
    file_id = (await app.upload(people["owner"])).body["file"]["file_id"]
    sent = await owner.ask(
        "message.send",
        conversation_id=room,
        client_id=uuid4(),
        content="the secret",
        attachments=[{"file_id": file_id}],
    )
    message = sent["message"]["id"]
    await owner.ask("message.pin", conversation_id=room, message_id=message)
    gone = await app.connect(people["gone"])
    await gone.ask("conversation.leave", conversation_id=room)
    await owner.ask("member.remove", conversation_id=room, user_id=people["removed"].id)
    for name in ("gone", "removed"):
        # Told to everyone in one call: who connects after this hears no more of it.
        user_id = str(people[name].id)
        await owner.expect("member.left", where=lambda d, user_id=user_id: d["user_id"] == user_id)
    friend = await app.connect(people["friend"])
    others = [people[name].id for name in VIEWERS]
    own = await friend.ask("conversation.create", type="group", participant_ids=others)
    return Scene(app, people, room, message, file_id, own["conversation"]["id"])


def test_every_command_has_a_case():
    assert set(CASES) | ELSEWHERE | ONE_S_OWN == set(TABLE)
    of_conversations = {
        op
        for op, command in TABLE.items()
        if "conversation_id" in command.request.__struct_fields__
    }
    assert of_conversations == set(CASES)


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_commands_on_a_conversation_over_the_socket(scene, viewer):
    wire = await scene.served.connect(scene.people[viewer])
    told = {}
    for op, template in CASES.items():
        d = scene.filled(template)
        seen = await wire.refusal(op, d, conversation_id=scene.conversation)
        absent = await wire.refusal(op, d, conversation_id=uuid4())
        if seen != absent or seen["code"] != "not_found":
            told[op] = (seen, absent)
    assert told == {}
    assert [e for e in wire.frames if scene.conversation in str(e)] == []


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_commands_on_a_conversation_over_http(scene, viewer):
    person = scene.people[viewer]
    told = {}
    for op, template in CASES.items():
        d = scene.filled(template)
        seen, absent = [
            _problem(await scene.served.command(op, person, d | {"conversation_id": place}))
            for place in (scene.conversation, str(uuid4()))
        ]
        if seen != absent or seen["error"]["code"] != "not_found" or seen["status"] != 404:
            told[op] = (seen, absent)
    assert told == {}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_paths_of_a_conversation(scene, viewer):
    person = scene.people[viewer]
    told = {}
    for path in REST:
        d = scene.filled(CASES[path.op])
        problems = []
        for place in (scene.conversation, str(uuid4())):
            address = path.path.format(conversation_id=place, **d)
            body = {name: d[name] for name in d if name not in path.from_path}
            problems.append(
                _problem(
                    await scene.served.http(
                        path.method, address, person, body if path.source == "body" else None
                    )
                )
            )
        if problems[0] != problems[1] or problems[0]["error"]["code"] != "not_found":
            told[path.method, path.path] = problems
    assert told == {}


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_messages_of_elsewhere_under_a_conversation_of_one_s_own(scene, viewer):
    wire = await scene.served.connect(scene.people[viewer])
    told = {}
    for op in ABOUT_MESSAGES:
        d = scene.filled(CASES[op]) | {"conversation_id": scene.own}
        name = "parent_id" if "parent_id" in d else "message_id"
        seen = await wire.refusal(op, d)
        absent = await wire.refusal(op, d | {name: str(uuid4())})
        if seen != absent or seen["code"] != "not_found":
            told[op] = (seen, absent)
    assert told == {}
    reply = {"conversation_id": scene.own, "content": "re", "client_id": str(uuid4())}
    seen = await wire.refusal("message.send", reply, parent_id=scene.message)
    assert seen == await wire.refusal("message.send", reply, parent_id=uuid4())


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_files(scene, viewer):
    app, person = scene.served, scene.people[viewer]
    for path in ("/v1/files/{}", "/v1/files/{}/content"):
        seen = _problem(await app.http("GET", path.format(scene.file), person))
        absent = _problem(await app.http("GET", path.format(uuid4()), person))
        assert seen == absent
        assert seen["error"]["code"] == "not_found"
    # Nor can it be sent on.
    wire = await app.connect(person)
    send = {"conversation_id": scene.own, "client_id": str(uuid4())}
    seen = await wire.refusal("message.send", send, attachments=[{"file_id": scene.file}])
    assert seen == await wire.refusal("message.send", send, attachments=[{"file_id": uuid4()}])


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_sync_says_gone_of_both(scene, viewer):
    wire = await scene.served.connect(scene.people[viewer])
    absent = str(uuid4())
    synced = await wire.ask(
        "sync", conversations={scene.conversation: 1, absent: 1}, only_named=True
    )
    assert sorted(synced["gone"]) == sorted([scene.conversation, absent])
    assert synced["conversations"] == synced["messages"] == synced["receipts"] == []
    assert synced["synced"] == {} == synced["truncated"]


@pytest.mark.parametrize("viewer", VIEWERS)
async def test_reports_of_what_is_not_seen(scene, viewer):
    wire = await scene.served.connect(scene.people[viewer])
    for kind, subject in (("conversation", scene.conversation), ("message", scene.message)):
        report = {"subject_type": kind, "reason": "spam"}
        seen = await wire.refusal("report.create", report, subject_id=subject)
        assert seen["code"] == "not_found"
        assert seen == await wire.refusal("report.create", report, subject_id=uuid4())


async def test_templates_of_others(scene):
    owner = await scene.served.connect(scene.people["owner"])
    kept = await owner.ask("template.create", title="mine", content="text")
    wire = await scene.served.connect(scene.people["stranger"])
    template_id = kept["templates"][0]["id"]
    seen = await wire.refusal("template.delete", template_id=template_id)
    assert seen["code"] == "not_found"
    assert seen == await wire.refusal("template.delete", template_id=uuid4())


async def test_presence_of_people_one_never_wrote_with(scene):
    wire = await scene.served.connect(scene.people["stranger"])
    watched = [scene.people["owner"].id, uuid4()]
    for op in ("presence.watch", "presence.unwatch"):
        assert await wire.ask(op, user_ids=watched) == {"presences": []}


async def test_a_removed_member_s_connection_is_told_once_and_then_nothing(scene):
    people = scene.people
    owner = await scene.served.connect(people["owner"])
    friend = await scene.served.connect(people["friend"])
    await owner.ask(
        "member.remove", conversation_id=scene.conversation, user_id=people["friend"].id
    )
    friend_id = str(people["friend"].id)
    await friend.expect("member.left", where=lambda d: d["user_id"] == friend_id)
    seen = len(friend.frames)
    await owner.ask(
        "message.send", conversation_id=scene.conversation, client_id=uuid4(), content="alone"
    )
    # What comes later in another conversation comes after what would have come here.
    stranger = await scene.served.connect(people["stranger"])
    await stranger.ask(
        "message.send", conversation_id=scene.own, client_id=uuid4(), content="hello"
    )
    await friend.expect("message.created", where=lambda d: d["message"]["content"] == "hello")
    assert not [
        frame
        for frame in friend.frames[seen:]
        if frame.get("ev") != "unread.changed" and scene.conversation in str(frame)
    ]


def _problem(answer):
    body = answer.body
    assert answer.status == body["status"]
    del body["instance"], body["request_id"], body["error"]["timestamp"]
    return body
