"""The conversations held, those only heard of, and what is missing of them. Pure."""

from collections import OrderedDict

from client.state.changes import Change, Revised
from client.state.conversation import ConversationState
from client.state.ranges import Ranges
from protocol.events import MessageEvent
from protocol.objects import Conversation
from protocol.text import Id

MOVED_S = 3600.0
"""Conversations that moved within this long are named when resuming."""
MAX_REVS = 1000
"""Revs named when resuming: what fits into a frame of 64 KiB."""
RELOAD = 50
"""Messages to load anew of a conversation that was open and had to be begun again."""


class ConversationStore:
    """Conversations by id, with what is to be synced and loaded."""

    def __init__(self) -> None:
        self.me: Id = ""
        self.clock = 0
        """Counts the inputs; what a request noted of it is its reply's `since`."""
        self.held: dict[Id, ConversationState] = {}
        self.suspects: dict[Id, int] = {}
        """Conversations of which something may be missing, with the clock when that was learned."""
        self.now = 0.0
        """When the last input came, in seconds of a steady clock."""
        self.gapped: set[Id] = set()
        """Conversations in which an event waits for others."""
        self.waiting: set[Id] = set()
        """Conversations in which anything waits, be it an answer for events on their way."""
        self.strangers: dict[Id, dict[int, Revised]] = {}
        """Changes of conversations that are not known yet."""
        self.owed: dict[Id, Ranges] = {}
        """Messages that a sync left out: to be loaded by history."""
        self.forgotten: dict[Id, tuple[int, int]] = {}
        """Conversations no longer visible: the rev by then, and the clock."""
        self._once_told: dict[Id, Ranges] = {}
        """What was told of conversations no longer held: on their return it is no news."""
        self.moved: OrderedDict[Id, float] = OrderedDict()
        """When conversations changed last, the latest at the end."""

    @property
    def dirty(self) -> set[Id]:
        """The conversations that a sync must name."""
        return self.gapped.union(self.suspects, self.strangers)

    @property
    def is_whole(self) -> bool:
        """Whether nothing waits for a sync."""
        return not (self.gapped or self.suspects or self.strangers)

    def suspect(self, key: Id) -> None:
        """Something of this conversation may be missing."""
        self.suspects[key] = self.clock

    def revs(self) -> dict[Id, int]:
        """The revs held of conversations that moved lately."""
        recent = [key for key, moved in self.moved.items() if self.now - moved <= MOVED_S]
        return {key: self.held[key].rev for key in recent[-MAX_REVS:]}

    def has_moved(self, key: Id) -> None:
        """The conversation has changed just now."""
        self.moved.pop(key, None)
        self.moved[key] = self.now

    def revise(self, key: Id, change: Revised) -> list[Change]:
        """A durable change: applied, dropped, or kept until what is missing has come."""
        held = self.held.get(key)
        if held is None:
            if change.rev > self.forgotten.get(key, (0, 0))[0]:
                self.strangers.setdefault(key, {})[change.rev] = change
            return []
        applied = held.offer(change)
        if held.has_overflowed:
            held.has_overflowed = False
            self.suspect(key)
        if applied:
            self.has_moved(key)
        return self.tell(key, applied)

    def tell(self, key: Id, applied: list[Revised]) -> list[Change]:
        """Applied changes as changes: a message's first appearance is its creation."""
        held = self.held[key]
        (self.gapped.add if held.is_gapped else self.gapped.discard)(key)
        (self.waiting.add if held.waiting else self.waiting.discard)(key)
        changes = []
        for change in applied:
            name = change.name
            if isinstance(change.d, MessageEvent):
                is_new = held.tell(change.d.message.seq)
                name = "message.created" if is_new else "message.updated"
            changes.append(Change(name, change.d, key, change.origin))
        return changes

    def begin(self, shown: Conversation, rev: int, told: int | None = None) -> list[Change]:
        """Holds a conversation from `rev` on, and applies what waited for it.

        Messages up to the seq `told` count as told; all up to `rev` by default. Those that were
        announced and are part of `shown` already are owed: they may have changed since.
        """
        self.forgotten.pop(shown.id, None)
        former = self.held.get(shown.id)
        waiting = {} if former is None else former.waiting
        self._drop(shown.id)
        held = self.held[shown.id] = ConversationState(shown, self.me, rev=rev, born=self.clock)
        if told is not None:
            held.told = Ranges((1, told))
        known = self._once_told.pop(shown.id, Ranges())
        for low, high in known:
            held.told.add(low, high)
        announced = sorted((waiting | self.strangers.pop(shown.id, {})).items())
        for at_rev, change in announced:
            if isinstance(change.d, MessageEvent):
                seq = change.d.message.seq
                if seq not in known:
                    held.told.remove(seq, seq)
                if at_rev <= rev:
                    self.owe(shown.id, Ranges((seq, seq)))
        changes = []
        for _, change in announced:
            changes += self.tell(shown.id, held.offer(change))
        return changes

    def begin_again(self, key: Id, shown: Conversation | None) -> None:
        """The server is behind the rev held: what was held is of another history."""
        former = self.held[key]
        self._drop(key)
        self._once_told.pop(key, None)
        if shown is None:
            self.suspect(key)
            return
        self.strangers.pop(key, None)
        self.begin(shown, shown.rev)
        self.held[key].told = former.told.within(1, shown.last_seq)
        if former.loaded:
            self.owe(key, Ranges((max(1, shown.last_seq - RELOAD + 1), shown.last_seq)))

    def forget(self, key: Id, rev: int) -> None:
        """The conversation is no longer visible since `rev`; what comes after it may be again."""
        self._drop(key)
        self.drop_strange(key, {heard for heard in self.strangers.get(key, ()) if heard <= rev})
        self.suspects.pop(key, None)
        self.forgotten[key] = (rev, self.clock)

    def _drop(self, key: Id) -> None:
        former = self.held.pop(key, None)
        if former is not None:
            self._once_told[key] = former.told
        self.gapped.discard(key)
        self.waiting.discard(key)
        self.owed.pop(key, None)
        self.moved.pop(key, None)

    def drop_strange(self, key: Id, revs: set[int]) -> None:
        """Changes of a conversation not known are of no use any more."""
        waiting = self.strangers.get(key, {})
        for rev in revs.intersection(waiting):
            del waiting[rev]
        if not waiting:
            self.strangers.pop(key, None)

    def owe(self, key: Id, missing: Ranges) -> None:
        """These messages are to be loaded by history."""
        for low, high in missing:
            self.owed.setdefault(key, Ranges()).add(low, high)

    def paid(self, key: Id, low: int, high: int) -> None:
        """The messages from `low` to `high` need not be loaded any more."""
        missing = self.owed.get(key)
        if missing is not None:
            missing.remove(low, high)
            if not missing:
                del self.owed[key]

    def was_forgotten_after(self, key: Id, since: int) -> bool:
        """Whether the conversation ceased to be visible after the clock `since`."""
        return self.forgotten.get(key, (0, -1))[1] > since

    def unread(self) -> int:
        """Unread messages over all conversations but muted and archived ones."""
        return sum(
            held.unread for held in self.held.values() if not held.is_muted and not held.is_archived
        )
