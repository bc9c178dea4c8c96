"""A client's state as it is written down, for a program that is ended and started again.

`save` gives structs that msgspec encodes; `restore` makes the state of them, and a session that is
given it resumes where the other stopped. What waits for a gap to close is left out: the place is
before it, so that it comes again.
"""

import msgspec

from client.state.client_state import ClientState
from client.state.conversation import ConversationState, Tombstones
from client.state.notifications import Notifications
from client.state.ranges import Ranges
from protocol.objects import Conversation, Message, Notification
from protocol.text import Id

VERSION = 1
SAVED_EIDS = 512
"""Events that may come again: a log keeps 256."""

Intervals = list[tuple[int, int]]


class SavedConversation(msgspec.Struct, frozen=True, omit_defaults=True):
    """A conversation with the messages at hand; seqs and revs as in `ConversationState`."""

    shown: Conversation
    rev: int
    held_seq: int
    told: Intervals
    messages: list[Message] = []
    owed: Intervals = []
    deleted: dict[int, int] = {}
    hidden: int = 0
    hidden_rev: int = 0
    is_suspect: bool = False
    moved_s: float | None = None
    """How long before it was saved it moved last, if lately."""


class SavedNotifications(msgspec.Struct, frozen=True, omit_defaults=True):
    """The notifications at hand."""

    items: list[Notification]
    unread: int
    has_listed: bool
    is_complete: bool
    is_behind: bool


class Saved(msgspec.Struct, frozen=True):
    """All that a client keeps. Everything up to `offset` of the log `epoch` is in it."""

    version: int
    user_id: Id
    epoch: str | None
    offset: str | None
    is_behind: bool
    has_inbox: bool
    unread_elsewhere: int
    conversations: list[SavedConversation]
    suspects: list[Id]
    """Conversations that are not held and have to be asked for."""
    forgotten: dict[Id, int]
    """Conversations no longer visible, with the rev by then."""
    notifications: SavedNotifications
    eids: list[str]


def save(state: ClientState, now: float, *, messages: int | None = None) -> Saved:
    """The state at `now` (seconds of the steady clock that the session uses).

    `messages` bounds those kept of each conversation, the newest; the others are loaded by history
    when they are asked for.
    """
    store, notifications = state.store, state.notifications
    return Saved(
        version=VERSION,
        user_id=state.me,
        epoch=state.epoch,
        offset=state.offset,
        is_behind=state.is_behind,
        has_inbox=state.has_inbox,
        unread_elsewhere=state.unread_elsewhere,
        conversations=[_conversation(state, key, now, messages) for key in store.held],
        suspects=[key for key in store.suspects if key not in store.held],
        forgotten={key: rev for key, (rev, _) in store.forgotten.items()},
        notifications=SavedNotifications(
            notifications.newest_first(),
            notifications.unread,
            notifications.has_listed,
            notifications.is_complete,
            notifications.behind_since is not None,
        ),
        eids=list(state.eids)[-SAVED_EIDS:],
    )


def restore(saved: Saved, now: float) -> ClientState:
    """The state that was saved, at `now` of the present steady clock.

    Raises `ValueError` when another version wrote it: then begin with an empty state.
    """
    if saved.version != VERSION:
        raise ValueError(f"saved by another version: {saved.version}")
    state = ClientState()
    state.begin_at(saved.epoch, saved.offset, is_behind=saved.is_behind)
    state.has_inbox, state.unread_elsewhere = saved.has_inbox, saved.unread_elsewhere
    state.eids.update(dict.fromkeys(saved.eids))
    state.notifications = _notifications(saved.notifications)
    store = state.store
    store.me, store.now = saved.user_id, now
    store.suspects = dict.fromkeys(saved.suspects, store.clock)
    store.forgotten = {key: (rev, store.clock) for key, rev in saved.forgotten.items()}
    for kept in saved.conversations:
        _restore(state, kept)
    moved = [(kept.moved_s, kept.shown.id) for kept in saved.conversations]
    for ago_s, key in sorted(((s, k) for s, k in moved if s is not None), reverse=True):
        store.moved[key] = now - ago_s
    return state


def _conversation(
    state: ClientState, key: Id, now: float, messages: int | None
) -> SavedConversation:
    held = state.store.held[key]
    at_hand = held.history()
    moved = state.store.moved.get(key)
    return SavedConversation(
        shown=msgspec.structs.replace(held.view(), rev=held.shown.rev),
        rev=held.rev,
        held_seq=held.held_seq,
        told=list(held.told),
        messages=at_hand if messages is None else at_hand[max(0, len(at_hand) - messages) :],
        owed=list(state.store.owed.get(key, ())),
        deleted=dict(held.tombstones.known),
        hidden=held.tombstones.hidden,
        hidden_rev=held.tombstones.hidden_rev,
        is_suspect=key in state.store.suspects,
        moved_s=None if moved is None else now - moved,
    )


def _restore(state: ClientState, kept: SavedConversation) -> None:
    store, key = state.store, kept.shown.id
    held = ConversationState(kept.shown, store.me, rev=kept.rev, born=store.clock)
    held.held_seq = kept.held_seq
    held.told = Ranges(*kept.told)
    for message in kept.messages:
        held.store(message)
    held.tombstones = Tombstones(dict(kept.deleted), kept.hidden, kept.hidden_rev)
    store.held[key] = held
    store.owe(key, Ranges(*kept.owed))
    if kept.is_suspect:
        store.suspect(key)


def _notifications(saved: SavedNotifications) -> Notifications:
    notifications = Notifications()
    if saved.has_listed:
        notifications.listed(saved.items, 0, unread=saved.unread, is_all=saved.is_complete)
    notifications.behind_since = 0 if saved.is_behind else None
    return notifications
