"""`sync` against what really changed: PROTOCOL, section 5."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.caller import Caller
from handlers.conversations.sync import Sync
from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, RequestError
from protocol.limits import Limits
from protocol.replies import SyncReply
from protocol.requests import Sync as SyncRequest
from storage.conversations.sync import SyncReader
from tests.seeding import START, Seeded, Seeder

SIGNER = CursorSigner(b"0123456789abcdef")
LIMITS = Limits(sync_messages=4, page_max=6, sync_conversations=20)


@pytest.fixture
def handler(pool, rows) -> Sync:
    return Sync(SyncReader(pool, rows, LIMITS.sync_messages), SIGNER, LIMITS)


def caller(user_id: UUID) -> Caller:
    return Caller(user_id, uuid4())


async def everything(handler: Sync, user_id: UUID, **request: Any) -> list[SyncReply]:
    """All pages of one sync."""
    pages = [await handler.sync(caller(user_id), SyncRequest(**request))]
    while not pages[-1].complete:
        assert pages[-1].cursor is not None and len(pages) < 100
        request["cursor"] = pages[-1].cursor
        pages.append(await handler.sync(caller(user_id), SyncRequest(**request)))
    assert pages[-1].cursor is None
    return pages


def seqs(pages: list[SyncReply], to: Seeded) -> list[int]:
    return [m.seq for page in pages for m in page.messages if m.conversation_id == str(to.id)]


async def test_a_rev_in_force_brings_the_conversation_and_no_messages(seeder, handler):
    me = await seeder.user()
    to = await seeder.conversation(me)
    await seeder.message(to)
    [page] = await everything(handler, me, conversations={to.id: to.rev})
    assert [c.id for c in page.conversations] == [str(to.id)]
    assert (page.messages, page.synced) == ([], {str(to.id): to.rev})
    assert page.conversations[0].unread == 1


async def test_changes_come_whether_new_or_old(seeder, handler):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for day in range(6):
        await seeder.message(to, at=START + timedelta(days=day * 20))
    held = to.rev
    await seeder.edit(to, 1, "edited")
    await seeder.delete(to, 3)
    await seeder.message(to, parent_seq=2)
    [page] = await everything(handler, me, conversations={to.id: held})
    assert seqs([page], to) == [1, 2, 3, 7]
    assert (page.truncated, page.reset, page.gone) == ({}, [], [])
    by_seq = {message.seq: message for message in page.messages}
    assert by_seq[1].content == "edited"
    assert by_seq[3].is_deleted
    assert by_seq[2].reply_count == 1


@pytest.mark.parametrize("seq", [1, 4, 8])
async def test_one_edit_in_any_month_is_found(seeder, handler, seq):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for month in range(8):
        await seeder.message(to, at=START + timedelta(days=month * 31))
    await seeder.edit(to, seq, "edited")
    for held, expected in [(to.rev - 1, [seq]), (to.rev, [])]:
        pages = await everything(handler, me, conversations={to.id: held})
        assert seqs(pages, to) == expected


async def test_more_than_may_come_is_truncated_to_the_newest(seeder, handler):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for _ in range(10):
        await seeder.message(to)
    held = to.rev
    for seq in (2, 9, 4, 6):
        await seeder.edit(to, seq, "edited")
    await seeder.message(to)
    [page] = await everything(handler, me, conversations={to.id: held})
    assert seqs([page], to) == [4, 6, 9, 11]
    assert page.truncated == {str(to.id): 4}
    [page] = await everything(handler, me, conversations={to.id: 0})
    assert seqs([page], to) == [8, 9, 10, 11]
    assert page.truncated == {str(to.id): 8}


async def test_what_is_not_visible_is_gone(seeder, handler):
    me, other = await seeder.user(), await seeder.user()
    left, foreign = await seeder.conversation(me), await seeder.conversation(other)
    await seeder.change_member(left, me, "left_at = now()")
    named = dict.fromkeys((left.id, foreign.id, uuid4()), 1)
    [page] = await everything(handler, me, conversations=named)
    assert sorted(page.gone) == sorted(map(str, named))
    assert (page.conversations, page.synced, page.receipts) == ([], {}, [])


async def test_a_server_behind_the_client_says_reset_and_sends_anew(seeder, handler):
    me = await seeder.user()
    to = await seeder.conversation(me)
    for _ in range(6):
        await seeder.message(to)
    [page] = await everything(handler, me, conversations={to.id: to.rev + 5})
    assert page.reset == [str(to.id)]
    assert page.synced == {str(to.id): to.rev}
    assert seqs([page], to) == [3, 4, 5, 6]
    assert page.truncated == {str(to.id): 3}


async def test_unnamed_conversations_come_as_objects(seeder, handler):
    me, other = await seeder.user(), await seeder.user()
    named = await seeder.conversation(me, other)
    others = [await seeder.conversation(me, other) for _ in range(8)]
    for to in (named, *others):
        await seeder.message(to, "last")
    pages = await everything(handler, me, conversations={named.id: 1})
    found = [c for page in pages for c in page.conversations]
    assert sorted(c.id for c in found) == sorted(str(to.id) for to in (named, *others))
    assert all(c.last_message is not None and c.unread == 1 for c in found)
    assert seqs(pages, named) == [1]
    assert sum(len(page.messages) for page in pages) == 1
    assert [page.synced for page in pages if page.synced] == [{str(named.id): 2}]
    only = await everything(handler, me, conversations={named.id: 1}, only_named=True)
    assert [c.id for page in only for c in page.conversations] == [str(named.id)]


async def test_watermarks_of_named_ones_always_and_of_others_on_demand(seeder, handler):
    me, other = await seeder.user(), await seeder.user()
    named, unnamed = [await seeder.conversation(me, other) for _ in range(2)]
    for to in (named, unnamed):
        await seeder.message(to)
        await seeder.read(to, other, 1)
    large = await seeder.conversation(me, other)
    await seeder.connection.execute(
        "update conversations set fanout = 'conversation' where id = $1", large.id
    )
    question = {"conversations": {named.id: named.rev, large.id: large.rev}}
    [page] = await everything(handler, me, **question)
    assert {(r.conversation_id, r.user_id, r.last_read_seq) for r in page.receipts} == {
        (str(named.id), str(me), 0),
        (str(named.id), str(other), 1),
        (str(large.id), str(me), 0),
    }
    [page] = await everything(handler, me, receipts_since="2026-11-01T00:00:00.000Z", **question)
    assert len(page.receipts) == 5


@pytest.mark.parametrize("since", ["yesterday", "2026-11-01T00:00:00", ""])
async def test_a_wrong_time_is_refused(seeder, handler, since):
    with pytest.raises(RequestError) as refusal:
        await handler.sync(caller(uuid4()), SyncRequest(receipts_since=since))
    assert refusal.value.details["path"] == "receipts_since"


async def test_too_many_names_and_too_large_pages_are_refused(handler):
    names = {uuid4(): 1 for _ in range(21)}
    for request in (SyncRequest(conversations=names), SyncRequest(limit=7)):
        with pytest.raises(RequestError) as refusal:
            await handler.sync(caller(uuid4()), request)
        assert refusal.value.code is ErrorCode.VALIDATION_FAILED


async def test_a_cursor_goes_on_with_revs_that_moved_but_not_with_other_names(seeder, handler):
    me = await seeder.user()
    several = [await seeder.conversation(me) for _ in range(4)]
    several.sort(key=lambda to: to.id)
    held = {to.id: to.rev for to in several}
    first = await handler.sync(caller(me), SyncRequest(conversations=held, limit=2))
    assert not first.complete
    moved = held | {several[0].id: 9}
    second = await handler.sync(
        caller(me), SyncRequest(conversations=moved, limit=2, cursor=first.cursor)
    )
    assert second.complete
    assert [c.id for c in first.conversations + second.conversations] == [
        str(to.id) for to in several
    ]
    for request in (
        SyncRequest(conversations={several[0].id: 1}, cursor=first.cursor),
        SyncRequest(conversations=held, only_named=True, cursor=first.cursor),
        SyncRequest(conversations=held, cursor=first.cursor[:-2] + "AA"),
        SyncRequest(conversations=held, cursor=""),
    ):
        with pytest.raises(RequestError) as refusal:
            await handler.sync(caller(me), request)
        assert refusal.value.code is ErrorCode.BAD_REQUEST


CHANGE = st.tuples(
    st.integers(0, 2),  # which conversation
    st.sampled_from(["message", "message", "reply", "edit", "delete", "react"]),
    st.integers(0, 30),  # which message of it
    st.integers(0, 20),  # days that pass
)


class Model:
    """One conversation: the rev of each message's last change."""

    def __init__(self, seeded: Seeded) -> None:
        self.seeded = seeded
        self.revs: dict[int, int] = {}
        self.deleted: set[int] = set()

    async def change(self, seeder: Seeder, kind: str, which: int, days: int) -> None:
        to = self.seeded
        seq = which % to.last_seq + 1 if to.last_seq else 0
        at = to.at + timedelta(days=days)
        if kind == "message" or not seq:
            seq = await seeder.message(to, at=at)
        elif kind == "reply":
            self.revs[to.last_seq + 1] = to.rev + 1
            await seeder.message(to, at=at, parent_seq=seq)
        elif seq in self.deleted:
            return
        elif kind == "edit":
            await seeder.edit(to, seq, f"edit {to.rev}")
        elif kind == "delete":
            await seeder.delete(to, seq)
            self.deleted.add(seq)
        else:
            await seeder.react(to, seq, f"{to.rev}", to.members[0])
        self.revs[seq] = to.rev

    def expected(self, held: int) -> tuple[list[int], int | None]:
        """The seqs to be sent and, where there are more, the lowest of them."""
        since = 0 if held > self.seeded.rev else held
        changed = sorted(seq for seq, rev in self.revs.items() if rev > since)
        sent = changed[-LIMITS.sync_messages :]
        return sent, sent[0] if len(sent) < len(changed) else None


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    changes=st.lists(CHANGE, max_size=30),
    held=st.tuples(st.integers(0, 25), st.integers(0, 25), st.integers(0, 25)),
    limit=st.integers(1, 6),
)
async def test_sync_sends_what_changed(seeder, handler, changes, held, limit):
    me = await seeder.user()
    models = [Model(await seeder.conversation(me)) for _ in range(3)]
    for which, kind, message, days in changes:
        await models[which].change(seeder, kind, message, days)
    revs = {model.seeded.id: rev for model, rev in zip(models, held, strict=True)}
    pages = await everything(handler, me, conversations=revs, limit=limit)
    truncated = {key: seq for page in pages for key, seq in page.truncated.items()}
    reset = {name for page in pages for name in page.reset}
    for model, rev in zip(models, held, strict=True):
        name = str(model.seeded.id)
        sent, lowest = model.expected(rev)
        assert seqs(pages, model.seeded) == sent
        assert truncated.get(name) == lowest
        assert (name in reset) == (rev > model.seeded.rev)
        # Whole: the page that says `synced` is the one that holds the messages.
        [home] = [page for page in pages if name in page.synced]
        assert home.synced[name] == model.seeded.rev
        assert seqs([home], model.seeded) == sent
        told = {m.seq: m.rev for m in home.messages if m.conversation_id == name}
        assert told == {seq: model.revs[seq] for seq in sent}
    for page in pages[:-1]:
        before_last = [m for m in page.messages if m.conversation_id != page.conversations[-1].id]
        assert len(before_last) < limit
        assert len(page.conversations) <= limit
