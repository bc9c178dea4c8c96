"""The door of a whole process: the paths of a conversation, and what strangers see of it."""

from uuid import uuid4

import aiohttp
import pytest

from server import app
from server.config import Settings

OTHER = "0b3f7a52-6c1e-4d89-9a40-5e2d8c7f1b63"


@pytest.fixture
async def ask(database_url, redis_url, tmp_path):
    settings = Settings(
        database_url=database_url,
        redis_url=redis_url,
        data_dir=tmp_path,
        http_port=0,
        ws_port=0,
        rate_limits=False,
        secret_key="the secret of this test",
        provider_secret="the provider's secret of this test",
        mail_secret="the secret of this test's mail",
    )
    async with (
        app.running(settings) as running,
        aiohttp.ClientSession(f"http://127.0.0.1:{running.http_port}") as session,
    ):

        async def ask(method, path, token=None, body=None):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            async with session.request(method, path, headers=headers, json=body) as answer:
                return answer.status, await answer.json(content_type=None)

        yield ask


@pytest.fixture
async def people(ask):
    """Tokens and ids of anna, ben and carl."""
    signed_in = []
    for name in ("anna", "ben", "carl"):
        body = {
            "email": f"{name}@example.org",
            "password": "correct horse battery",
            "display_name": name,
            "kind": "both",
        }
        _, answer = await ask("POST", "/v1/auth/register", None, body)
        signed_in.append((answer["access_token"], answer["user"]["id"]))
    return signed_in


@pytest.fixture
async def room(ask, people):
    """A group of anna, who owns it, and ben."""
    (anna, _), (_, ben_id), _ = people
    body = {"type": "group", "participant_ids": [ben_id], "title": "Pier"}
    status, answer = await ask("POST", "/v1/conversations", anna, body)
    assert status == 201
    return f"/v1/conversations/{answer['conversation']['id']}"


async def test_the_paths_of_a_conversation(ask, people, room):
    (anna, _), (ben, ben_id), (_, carl_id) = people
    status, answer = await ask(
        "POST", f"{room}/messages", anna, {"content": "hello", "client_id": str(uuid4())}
    )
    assert status == 201
    message = f"{room}/messages/{answer['message']['id']}"
    status, page = await ask("GET", f"{room}/messages", ben)
    assert [m["content"] for m in page["data"]] == ["hello"]
    assert (await ask("GET", message, ben))[1]["message"] == page["data"][0]
    _, edited = await ask("PATCH", message, anna, {"content": "hello, all"})
    assert edited["message"]["content"] == "hello, all"
    assert (await ask("PATCH", message, ben, {"content": "mine"}))[0] == 403
    _, read = await ask("POST", f"{room}/read", ben, {"seq": 1})
    assert read["unread"] == 0
    assert (await ask("PATCH", room, ben, {"title": "mine"}))[0] == 403
    assert (await ask("PATCH", room, anna, {"title": "Quay"}))[1]["conversation"]["title"] == "Quay"
    status, added = await ask("POST", f"{room}/members", anna, {"user_id": carl_id})
    assert (status, len(added["conversation"]["participants"])) == (200, 3)
    status, removed = await ask("DELETE", f"{room}/members/{ben_id}", anna)
    assert (status, len(removed["conversation"]["participants"])) == (200, 2)
    assert (await ask("GET", room, ben))[0] == 404
    assert (await ask("DELETE", message, anna))[1]["message"]["is_deleted"]
    _, inbox = await ask("GET", "/v1/conversations", anna)
    assert [c["title"] for c in inbox["data"]] == ["Quay"]
    _, synced = await ask("POST", "/v1/sync", anna, {})
    assert [c["title"] for c in synced["conversations"]] == ["Quay"]
    assert (await ask("GET", "/v1/notifications", anna))[1]["data"] == []
    assert (await ask("POST", "/v1/notifications/read", anna, {"ids": []}))[0] == 200


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "", None),
        ("PATCH", "", {"title": "x"}),
        ("GET", "/messages", None),
        ("POST", "/messages", {"content": "x", "client_id": OTHER}),
        ("GET", "/messages/{message}", None),
        ("PATCH", "/messages/{message}", {"content": "x"}),
        ("DELETE", "/messages/{message}", None),
        ("POST", "/read", {"seq": 1}),
        ("POST", "/members", {"user_id": OTHER}),
        ("DELETE", f"/members/{OTHER}", None),
    ],
)
async def test_strangers_see_what_is_not_there(ask, people, room, method, path, body):
    (anna, _), _, (carl, _) = people
    sent = {"content": "hello", "client_id": str(uuid4())}
    _, answer = await ask("POST", f"{room}/messages", anna, sent)
    path = path.format(message=answer["message"]["id"])
    seen = []
    for place in (room, f"/v1/conversations/{OTHER}"):
        status, problem = await ask(method, place + path, carl, body)
        assert status == 404
        del problem["request_id"], problem["instance"], problem["error"]["timestamp"]
        seen.append(problem)
    assert seen[0] == seen[1]
