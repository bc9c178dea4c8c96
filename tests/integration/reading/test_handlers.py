"""History, thread, get and the inbox as commands: who may read, how far, and what is refused."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from handlers.caller import Caller
from handlers.conversations.inbox import Inbox
from handlers.messages.history import History
from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.requests import (
    ConversationGet,
    ConversationList,
    MessageGet,
    MessageHistory,
    MessageThread,
)

LIMITS = Limits(page_default=3, page_max=5)


@pytest.fixture
def history(conversations, messages) -> History:
    return History(conversations, messages, LIMITS)


@pytest.fixture
def inbox(conversations) -> Inbox:
    return Inbox(conversations, CursorSigner(b"0123456789abcdef"), LIMITS)


def caller(user_id: UUID) -> Caller:
    return Caller(user_id, uuid4())


async def refused(command: Any, user_id: UUID, request: Any) -> RequestError:
    with pytest.raises(RequestError) as refusal:
        await command(caller(user_id), request)
    return refusal.value


@pytest.mark.parametrize(
    ("position", "seqs", "has_more"),
    [
        ({}, [8, 9, 10], True),
        ({"limit": 5}, [6, 7, 8, 9, 10], True),
        ({"before_seq": 4}, [1, 2, 3], False),
        ({"before_seq": 1}, [], False),
        ({"before_seq": 0}, [], False),
        ({"before_seq": 99}, [8, 9, 10], True),
        ({"after_seq": 7}, [8, 9, 10], False),
        ({"after_seq": 6}, [7, 8, 9], True),
        ({"after_seq": 10}, [], False),
        ({"after_seq": 0, "limit": 1}, [1], True),
        ({"around_seq": 5}, [4, 5, 6], True),
        ({"around_seq": 1}, [1, 2, 3], True),
        ({"around_seq": 50}, [8, 9, 10], True),
    ],
)
async def test_pages_of_history(seeder, history, position, seqs, has_more):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for _ in range(10):
        await seeder.message(to)
    page = await history.history(caller(me), MessageHistory(to.id, **position))
    assert [message.seq for message in page.messages] == seqs
    assert page.has_more == has_more


async def test_an_empty_conversation_has_an_empty_page(seeder, history):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for position in ({}, {"before_seq": 5}, {"after_seq": 0}, {"around_seq": 1}):
        page = await history.history(caller(me), MessageHistory(to.id, **position))
        assert (page.messages, page.has_more) == ([], False)


async def test_only_one_position_may_be_given(seeder, history):
    me = await seeder.user()
    to = await seeder.conversation(me)
    request = MessageHistory(to.id, before_seq=1, around_seq=1)
    error = await refused(history.history, me, request)
    assert error.code is ErrorCode.VALIDATION_FAILED
    assert error.details["fields"] == ["before_seq", "around_seq"]


async def test_a_page_holds_no_more_than_its_limit(seeder, history, inbox):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for command, request in [
        (history.history, MessageHistory(to.id, limit=6)),
        (history.thread, MessageThread(to.id, uuid4(), limit=6)),
        (inbox.page, ConversationList(limit=6)),
    ]:
        error = await refused(command, me, request)
        assert (error.code, error.details["path"]) == (ErrorCode.VALIDATION_FAILED, "limit")


async def test_what_is_foreign_left_or_absent_answers_alike(seeder, history, inbox):
    me, owner = await seeder.user(), await seeder.user()
    foreign, left = await seeder.conversation(owner), await seeder.conversation(owner, me)
    await seeder.change_member(left, me, "left_at = now()")
    for to in (foreign, left):
        await seeder.message(to)
    bodies = set()
    for conversation_id in (foreign.id, left.id, uuid4()):
        message_id = foreign.ids[1] if conversation_id == foreign.id else left.ids[1]
        for command, request in [
            (history.history, MessageHistory(conversation_id)),
            (history.thread, MessageThread(conversation_id, message_id)),
            (history.get, MessageGet(conversation_id, message_id)),
            (inbox.get, ConversationGet(conversation_id)),
        ]:
            bodies.add(repr((await refused(command, me, request)).body()))
    assert bodies == {repr(RequestError.not_found("conversation").body())}


async def test_a_message_of_another_conversation_is_not_found(seeder, history):
    me = await seeder.user()
    here, there = await seeder.conversation(me), await seeder.conversation(me)
    await seeder.message(there)
    for command, request in [
        (history.get, MessageGet(here.id, there.ids[1])),
        (history.thread, MessageThread(here.id, there.ids[1])),
    ]:
        error = await refused(command, me, request)
        assert error.body() == RequestError.not_found("message").body()
    assert (await history.get(caller(me), MessageGet(there.id, there.ids[1]))).message.seq == 1


async def test_a_thread_is_paged(seeder, history):
    me = await seeder.user()
    to = await seeder.conversation(me)
    await seeder.message(to)
    for _ in range(5):
        await seeder.message(to, parent_seq=1)
    request = {"conversation_id": to.id, "parent_id": to.ids[1]}
    newest = await history.thread(caller(me), MessageThread(**request))
    assert ([message.seq for message in newest.messages], newest.has_more) == ([4, 5, 6], True)
    older = await history.thread(caller(me), MessageThread(before_seq=4, **request))
    assert ([message.seq for message in older.messages], older.has_more) == ([2, 3], False)
    nothing = await history.thread(caller(me), MessageThread(to.id, to.ids[2]))
    assert (nothing.messages, nothing.has_more) == ([], False)


async def test_the_inbox_is_paged_with_its_own_cursors(seeder, inbox):
    me, other = await seeder.user(), await seeder.user()
    for _ in range(4):
        await seeder.conversation(me, other)
    first = await inbox.page(caller(me), ConversationList())
    second = await inbox.page(caller(me), ConversationList(cursor=first.next_cursor))
    ids = [conversation.id for conversation in first.conversations + second.conversations]
    assert len(set(ids)) == 4
    assert second.next_cursor is None
    for user_id, request in [
        (other, ConversationList(cursor=first.next_cursor)),
        (me, ConversationList(cursor=first.next_cursor, archived=True)),
        (me, ConversationList(cursor=first.next_cursor, type="direct")),
        (me, ConversationList(cursor="")),
    ]:
        error = await refused(inbox.page, user_id, request)
        assert error.code is ErrorCode.BAD_REQUEST
    # Not to ask for the archived is to ask for the others.
    again = ConversationList(cursor=first.next_cursor, archived=False)
    assert await inbox.page(caller(me), again) == second
