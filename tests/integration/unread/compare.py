"""What the database shows against what the oracle holds."""

from uuid import UUID

from protocol.objects import Conversation, Message
from tests.integration.unread.ground import Ground
from tests.integration.unread.oracle import Talk, World


def compare_history(talk: Talk, history: list[Message]) -> None:
    """Every message as it is now, and no seq missing."""
    assert [message.seq for message in history] == list(range(1, len(talk.messages) + 1))
    for said, message in zip(talk.messages, history, strict=True):
        assert (said.id, said.rev) == (UUID(message.id), message.rev)
        assert (said.content, said.is_deleted) == (message.content, message.is_deleted)
        assert (said.replies, said.is_pinned) == (message.reply_count, message.is_pinned)
        assert said.counts() == message.reaction_counts


async def compare_view(ground: Ground, world: World, person: UUID) -> None:
    """What one person sees: which conversations, and all that is in them."""
    ids = [talk.id for talk in world.talks]
    views = await ground.views(person, ids)
    visible = [talk for talk in world.talks if talk.member(person)]
    assert set(views) == {talk.id for talk in visible}
    unread = {talk.id: talk.unread(person) for talk in visible}
    told = await ground.conversations.unread_of([(person, key) for key in ids])
    assert told == {(person, key): count for key, count in unread.items()}
    assert {key: view.unread for key, view in views.items()} == unread
    for talk in visible:
        _compare_conversation(talk, person, views[talk.id])


def _compare_conversation(talk: Talk, person: UUID, view: Conversation) -> None:
    member = talk.members[person]
    assert (view.last_seq, view.rev) == (len(talk.messages), talk.rev)
    assert (view.status == "open") == talk.is_open
    assert view.last_read_seq == member.read
    assert (view.is_muted, view.is_archived) == (member.is_muted, member.is_archived)
    assert {
        (UUID(p.user_id), p.role, p.last_read_seq, p.last_delivered_seq) for p in view.participants
    } == {(user, m.role, m.read, m.delivered) for user, m in talk.members.items() if m.is_in}
