"""The REST paths: the same commands, told by path, query and body."""

from uuid import uuid4

import pytest

ROOM = uuid4()
MESSAGES = f"/v1/conversations/{ROOM}/messages"


async def seqs(knock, path, user):
    status, body, headers = await knock("GET", path, user)
    assert status == 200
    link = headers.get("Link")
    following = link and link.removeprefix("<").removesuffix('>; rel="next"')
    assert (following is None) == (body["next_cursor"] is None)
    return [message["seq"] for message in body["data"]], following


async def test_posting_a_message(knock, area, anyone):
    key = str(uuid4())
    status, body, headers = await knock(
        "POST", MESSAGES, anyone, {"Idempotency-Key": key}, json={"content": "hi"}
    )
    assert status == 201
    assert body["message"]["client_id"] == key
    assert headers["Location"] == f"{MESSAGES}/{body['message']['id']}"
    assert area.asked[0][1].conversation_id == ROOM


async def test_the_body_cannot_say_otherwise_than_the_path(knock, anyone):
    body = {"content": "hi", "client_id": str(uuid4()), "conversation_id": str(uuid4())}
    status, answer, _ = await knock("POST", MESSAGES, anyone, json=body)
    assert status == 422
    assert [item["path"] for item in answer["errors"]] == ["conversation_id"]


@pytest.mark.parametrize(
    ("start", "pages"),
    [
        ("?limit=10", [range(16, 26), range(6, 16), range(1, 6)]),
        ("?limit=20&after_seq=0", [range(1, 21), range(21, 26)]),
        ("?limit=10&around_seq=15", [range(10, 20), range(1, 10)]),
        ("?limit=10&before_seq=5", [range(1, 5)]),
    ],
)
async def test_links_lead_through_the_history(knock, anyone, start, pages):
    following, seen = MESSAGES + start, []
    while following is not None:
        page, following = await seqs(knock, following, anyone)
        seen.append(page)
    assert seen == [list(page) for page in pages]


async def test_a_cursor_belongs_to_its_list_and_user(knock, anyone):
    _, following = await seqs(knock, MESSAGES + "?limit=10", anyone)
    cursor = following.partition("cursor=")[2]
    for user, path in (
        (uuid4(), f"{MESSAGES}?cursor={cursor}"),
        (anyone, f"/v1/conversations/{uuid4()}/messages?cursor={cursor}"),
        (anyone, f"{MESSAGES}?cursor={cursor[:-2]}AA"),
        (anyone, f"{MESSAGES}?cursor=null"),
    ):
        status, body, _ = await knock("GET", path, user)
        assert (status, body["error"]["code"]) == (400, "bad_request")
    status, _, _ = await knock("GET", f"{MESSAGES}?cursor={cursor}&after_seq=1", anyone)
    assert status == 422


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("limit=x", "limit"),
        ("limit=0", "limit"),
        ("limit=-1", "limit"),
        ("before_seq=99999999999", "before_seq"),
        ("lmit=3", "lmit"),
        ("conversation_id=1", "conversation_id"),
    ],
)
async def test_wrong_queries_are_named(knock, anyone, query, path):
    status, body, _ = await knock("GET", f"{MESSAGES}?{query}", anyone)
    assert status == 422
    assert [item["path"] for item in body["errors"]] == [path]


async def test_words_stay_words(knock, area, anyone):
    status, body, headers = await knock("GET", "/v1/messages/search?query=null", anyone)
    assert (status, body) == (200, {"data": [], "next_cursor": "another page"})
    assert headers["Link"] == '</v1/messages/search?query=null&cursor=another+page>; rel="next"'
    await knock("GET", "/v1/messages/search?query=%E4%BD%A0%E5%A5%BD&limit=3", anyone)
    first, second = (request for _, request in area.asked)
    assert (first.query, second.query, second.limit) == ("null", "你好", 3)
    status, body, _ = await knock("GET", "/v1/messages/search?query=a%00b", anyone)
    assert (status, body["errors"][0]["message"]) == (422, "must not contain U+0000")


async def test_an_id_that_is_none_names_nothing(knock, anyone):
    status, body, _ = await knock("GET", "/v1/conversations/x/messages", anyone)
    assert (status, body["detail"]) == (404, "no such conversation")


async def test_nobody_reads_nothing(knock):
    assert (await knock("GET", MESSAGES))[0] == 401
