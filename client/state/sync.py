"""One pass of `sync`: which requests to make, and what their pages change. Pure.

A pass over everything names all conversations held, in batches, and the last request asks for the
others too, as objects for the inbox; a pass over some names only those. Between its pages events go
on; each page is a snapshot, and only its `synced` moves a revision held.
"""

from uuid import UUID

from msgspec import UNSET

from client.state.changes import Change
from client.state.client_state import ClientState
from client.state.conversation import ConversationState
from client.state.ranges import Ranges
from protocol.events import ConversationEvent, MessageEvent
from protocol.objects import Conversation, Message
from protocol.replies import SyncReply
from protocol.requests import Sync
from protocol.text import Id


class SyncPass:
    """A pass over everything if all is behind, else over the dirty conversations."""

    def __init__(self, state: ClientState, *, batch: int) -> None:
        """`batch` is how many conversations a request may name."""
        self.is_full = state.is_behind
        self._state = state
        self._conversations = state.store
        self._began = state.clock
        self._is_first = not state.has_inbox
        keys = state.store.dirty
        if self.is_full:
            self._conversations.forgotten.clear()
            keys = keys.union(state.conversations)
        ordered = sorted(keys)
        self._batches = [ordered[at : at + batch] for at in range(0, len(ordered), batch)]
        if self.is_full and not self._batches:
            self._batches = [[]]
        self._named: dict[Id, int] | None = None
        self._heard: dict[Id, set[int]] = {}
        self._tops: dict[Id, int] = {}
        self._cursor: str | None = None
        self._since = state.clock

    def request(self) -> Sync | None:
        """The next request; None when the pass is through. Its page must be given to `apply`."""
        if not self._batches:
            return None
        if self._named is None:
            self._named = {key: self._rev(key) for key in self._batches[0]}
        self._since = self._state.clock
        self._heard = {key: set(self._conversations.strangers.get(key, ())) for key in self._named}
        return Sync(
            conversations={UUID(key): rev for key, rev in self._named.items()},
            only_named=not self.is_full or len(self._batches) > 1,
            cursor=self._cursor,
        )

    def restart(self) -> None:
        """The cursor was refused: the batch begins anew, from the revisions held by now."""
        self._cursor = None
        self._named = None

    def apply(self, page: SyncReply) -> list[Change]:
        """Takes the page that answers the last request; returns what has changed, in order."""
        self._conversations.clock += 1
        changes = self._begin_again(page)
        changes += self._adopt(page)
        self._cut(page)
        changes += self._store(page.messages)
        for receipt in page.receipts:
            held = self._conversations.held.get(receipt.conversation_id)
            if held is not None:
                held.mark(receipt.user_id, receipt.last_read_seq, receipt.last_delivered_seq)
        changes += self._advance(page)
        changes += self._forget(page)
        self._cursor = page.cursor
        if page.complete or page.cursor is None:
            self._finish_batch()
        return changes

    def _finish_batch(self) -> None:
        named = self._batches.pop(0)
        self.restart()
        is_through = self.is_full and not self._batches
        for key in list(self._conversations.suspects) if is_through else named:
            # Named and not spoken of is unchanged; what was learned since needs another pass.
            if self._conversations.suspects.get(key, self._began + 1) <= self._began:
                del self._conversations.suspects[key]
        for key in named:
            self._conversations.drop_strange(key, self._heard.get(key, set()))
        if is_through:
            self._state.has_inbox = True
            if self._state.behind_since is not None and self._state.behind_since <= self._began:
                self._state.behind_since = None
        self._state.settle()

    def _rev(self, key: Id) -> int:
        held = self._conversations.held.get(key)
        return 0 if held is None else held.rev

    def _begin_again(self, page: SyncReply) -> list[Change]:
        changes = []
        for key in page.reset:
            held = self._conversations.held.get(key)
            if held is None:
                continue
            if self._named is None or held.rev != self._named.get(key):
                self._conversations.suspect(key)
                continue
            shown = next((item for item in page.conversations if item.id == key), None)
            # The server's history is another one now: ids of events may be used again.
            self._state.eids.clear()
            self._conversations.begin_again(key, shown)
            changes.append(Change("conversation.reset", shown, key, "sync"))
        return changes

    def _held(self, key: Id) -> ConversationState | None:
        """The conversation, unless it began after the request was sent: the page is older."""
        held = self._conversations.held.get(key)
        if held is None or self._since < held.born < self._conversations.clock:
            return None
        return held

    def _adopt(self, page: SyncReply) -> list[Change]:
        changes: list[Change] = []
        for shown in page.conversations:
            upper = page.synced.get(shown.id, shown.rev)
            self._tops[shown.id] = max(0, shown.last_seq - max(0, shown.rev - upper))
            held = self._held(shown.id)
            if held is not None:
                held.adopt(shown, self._since)
                if shown.id not in page.synced and shown.rev > held.rev:
                    # Begun since the request: what lies between is on its way, or left to us.
                    self._conversations.suspect(shown.id)
            elif (begun := self._conversations.held.get(shown.id)) is not None:
                # While the page was on its way: what lies between them may have been missed.
                if shown.rev > begun.rev:
                    self._conversations.suspect(shown.id)
            elif not self._conversations.was_forgotten_after(shown.id, self._since):
                changes += self._begin(shown)
        return changes

    def _begin(self, shown: Conversation) -> list[Change]:
        """Not known before: its unread messages are news, but at the first sync."""
        created = ConversationEvent(shown, shown.rev, 0)
        changes = [Change("conversation.created", created, shown.id, "sync")]
        is_named = self._named is not None and shown.id in self._named
        read_seq = 0 if shown.last_read_seq is UNSET else shown.last_read_seq
        told = shown.last_seq if self._is_first else read_seq
        changes += self._conversations.begin(shown, 0 if is_named else shown.rev, told)
        if not is_named:
            self._conversations.owe(shown.id, Ranges((told + 1, shown.last_seq)))
        return changes

    def _cut(self, page: SyncReply) -> None:
        """A truncated conversation owes what was at hand below the cut, and what came since."""
        for key, before_seq in page.truncated.items():
            held = self._held(key)
            if held is None or page.synced.get(key, held.rev + 1) <= held.rev:
                continue
            known = held.held_seq
            if held.rev == 0:
                known = held.last_seq if self._is_first else held.read_seq
            self._conversations.owe(key, Ranges((known + 1, before_seq - 1)))
            announced = (change.d for change in held.waiting.values())
            for d in announced:
                if isinstance(d, MessageEvent) and d.message.seq < before_seq:
                    self._conversations.owe(key, Ranges((d.message.seq, d.message.seq)))
            self._conversations.owe(key, held.cut(before_seq, self._conversations.clock))

    def _store(self, messages: list[Message]) -> list[Change]:
        created: list[Change] = []
        updated: list[Change] = []
        for message in sorted(messages, key=lambda item: item.seq):
            held = self._held(message.conversation_id)
            if held is None:
                continue
            is_news = held.store(message)
            d = MessageEvent(message, message.rev, held.rev)
            if held.tell(message.seq):
                created.append(Change("message.created", d, held.shown.id, "sync"))
            elif is_news:
                updated.append(Change("message.updated", d, held.shown.id, "sync"))
        return created + sorted(updated, key=lambda change: change.d.rev)

    def _advance(self, page: SyncReply) -> list[Change]:
        changes = []
        for key, rev in page.synced.items():
            held = self._held(key)
            if held is None:
                continue
            if held.rev < rev:
                self._conversations.has_moved(key)
            changes += self._conversations.tell(key, held.advance(rev, self._tops.get(key, 0)))
        return changes

    def _forget(self, page: SyncReply) -> list[Change]:
        changes = []
        for key in page.gone:
            held = self._conversations.held.get(key)
            if held is not None and held.born > self._since:
                self._conversations.suspect(key)
                continue
            self._conversations.drop_strange(key, self._heard.get(key, set()))
            self._conversations.forget(key, 0 if held is None else held.rev)
            if held is not None:
                changes.append(Change("conversation.gone", None, key, "sync"))
        return changes
