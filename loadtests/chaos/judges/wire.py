"""What the server promises on one wire, judged event by event. Pure.

Durable events of a conversation reach a connection in rev order, each once (`order.py`); only after
a resume or a resync may one come again. What is missing in between is announced: by `resync`, or by
the hello, with `resumed: false` of what the log holds up to its `offset`, and with `stale` of the
replay that follows. Of a send, the connection that sent it has the reply, and no event.
"""

from collections.abc import Iterable, Mapping

from client.state.changes import Event
from loadtests.chaos.judges.order import Found, Order, Told
from loadtests.chaos.judges.violations import Kind, Violations
from protocol.events import ConversationEvent, MemberEvent, MessageEvent, ResyncEvent
from protocol.objects import Message
from protocol.replies import HelloReply
from protocol.text import Id


class WireJudge:
    """The judge of one bare wire, over all of its connections."""

    def __init__(self, name: str, user_id: Id, violations: Violations) -> None:
        self.name = name
        self.events = 0
        self.epoch: str | None = None
        self.offset: str | None = None
        self._user_id = user_id
        self._violations = violations
        self._orders: dict[Id, Order] = {}
        self._has_resumed = False
        self._resynced: set[Id] = set()
        """Conversations of which events may come again on this connection."""
        self._synced_to: tuple[int, ...] = ()
        """The place in the log up to which the sync of this connection brings everything."""
        self._stale: set[Id] = set()
        self._replayed = 0
        """How many durable events of a resume are still to come."""
        self._place = ""
        self._is_early = False
        """Whether the event at hand is from before the sync."""
        self._eids: set[str] = set()
        self._repeated = 0
        self._tried: set[Id] = set()
        """The `client_id`s that are not answered for good, of this connection and those before."""
        self._first_tries: set[Id] = set()
        """Sent on this connection, and on none before: no event of them may come here."""
        self._told: set[Id] = set()
        """Of the sends under way, those of which an event came."""
        self._under_way: set[Id] = set()
        """Sent on this connection and not answered for good: to be sent again, if refused."""

    @property
    def revs(self) -> dict[Id, int]:
        """The rev up to which everything is held, by conversation."""
        return {
            key: order.held
            for key, order in self._orders.items()
            if order.held is not None and not order.is_synced
        }

    @property
    def repeated(self) -> int:
        """Events that came again after a resume, as they may."""
        return self._repeated + sum(order.repeated for order in self._orders.values())

    def behind(self, tops: Mapping[Id, int]) -> list[Id]:
        """The conversations whose order has begun and has not come to their newest rev."""
        return [key for key, rev in self.revs.items() if rev < tops.get(key, 0)]

    # What comes in.

    def opened(self, hello: HelloReply) -> None:
        """A connection has said hello."""
        self._eids = set()
        self._resynced = set()
        self._first_tries = set()
        self._told = set()
        self._under_way = set()
        self._place = f"connection at {hello.server_time[11:23]}, resumed {hello.resumed}"
        self._has_resumed = hello.resumed
        self._stale = set(hello.stale)
        self._replayed = hello.missed if hello.resumed else 0
        self._synced_to = () if hello.resumed else _entry(hello.offset)
        if hello.resumed:
            for key in hello.stale:
                self._order(key).begin_anew()
            for order in self._orders.values():
                order.resumed()
        else:
            self._repeated = self.repeated
            self._orders = {}
            self.epoch, self.offset = hello.epoch, hello.offset

    def take(self, event: Event) -> None:
        """An event has come."""
        self.events += 1
        self._is_early = event.at is not None and _entry(event.at) <= self._synced_to
        is_same = event.eid in self._eids
        self._judge(event, is_same=is_same)
        if event.eid is not None:
            self._eids.add(event.eid)
            self._replayed = max(0, self._replayed - 1)
        if event.at is not None and self.offset is not None:
            self.offset = event.at

    def _judge(self, event: Event, *, is_same: bool) -> None:
        match event.d:
            case MessageEvent(message=message) as d:
                if event.name != "message.created" or not self._is_own(message):
                    key = message.conversation_id
                    self._follow(key, self._seen(key, d, message.rev, is_same=is_same))
            case ConversationEvent(conversation=shown) as d:
                told = self._seen(shown.id, d, shown.rev, is_same=is_same)
                if event.name == "conversation.created":
                    self._note(shown.id, self._order(shown.id).create(told))
                else:
                    self._follow(shown.id, told)
            case MemberEvent() as d:
                has_left = event.name == "member.left" and d.user_id == self._user_id
                self._take_member(d, has_left=has_left, is_same=is_same)
            case ResyncEvent(conversation_ids=keys):
                self._resync(keys)
            case _:
                pass

    def _take_member(self, d: MemberEvent, *, has_left: bool, is_same: bool) -> None:
        key = d.conversation_id
        told = self._seen(key, d, 0, is_same=is_same)
        if has_left:
            self._note(key, self._order(key).leave(told))
        else:
            self._follow(key, told)

    # What goes out.

    def sends(self, key: Id, client_id: Id) -> None:
        """A message goes out on the present connection."""
        if client_id not in self._tried:
            self._tried.add(client_id)
            self._first_tries.add(client_id)
        if client_id not in self._under_way:
            self._under_way.add(client_id)
            self._order(key).in_flight += 1

    def acknowledged(self, message: Message) -> None:
        """The reply to a send has come, at its place among the events."""
        key, client_id = message.conversation_id, message.client_id
        is_first_try = client_id in self._first_tries
        was_told = client_id in self._told
        if is_first_try and was_told:
            self._note_own(message, "before")
        self._tried.discard(client_id)
        self._told.discard(client_id)
        self._under_way.discard(client_id)
        is_sure = is_first_try or was_told
        self._note(key, self._order(key).reply(message.rev, is_first_try=is_sure))

    def refused(self, key: Id, client_id: Id, *, for_good: bool) -> None:
        """A send was refused; one that is to be sent again may have been stored all the same."""
        self._first_tries.discard(client_id)
        if for_good:
            self._tried.discard(client_id)
            self._under_way.discard(client_id)
            self._note(key, self._order(key).answered())

    def _is_own(self, message: Message) -> bool:
        """Whether the message is one that this connection sent, and has by its reply."""
        if message.client_id in self._tried:
            self._told.add(message.client_id)
        elif message.client_id in self._first_tries:
            self._note_own(message, "after")
            return True
        return False

    # The conversations.

    def _order(self, key: Id) -> Order:
        return self._orders.setdefault(key, Order())

    def _seen(
        self,
        key: Id,
        d: MessageEvent | ConversationEvent | MemberEvent,
        object_rev: int,
        *,
        is_same: bool,
    ) -> Told:
        may_repeat = self._has_resumed or key in self._resynced
        is_synced = self._is_early or (key in self._stale and self._replayed > 0)
        return Told(d.rev, d.prev_rev, object_rev, may_repeat, is_same, is_synced)

    def _follow(self, key: Id, told: Told) -> None:
        self._note(key, self._order(key).take(told))

    def _resync(self, keys: list[Id] | None) -> None:
        """What was missed is not followed up here: the next connection begins anew."""
        self.offset = None
        for key in list(self._orders) if keys is None else keys:
            self._resynced.add(key)
            self._order(key).begin_anew()

    def _note_own(self, message: Message, when: str) -> None:
        words = f"seq {message.seq}, sent by this connection, was told {when} its reply"
        self._note(message.conversation_id, [(Kind.WIRE_OWN, words)])

    def _note(self, key: Id, found: Iterable[Found]) -> None:
        for kind, words in found:
            self._violations.note(kind, f"{self.name}, {self._place}: {key}: {words}")


def _entry(place: str) -> tuple[int, ...]:
    """An entry of a log, to be compared; that of a hello without a log is before all."""
    return tuple(int(part) for part in place.split("-") if part)
