"""What the server promises on one wire, judged event by event. Pure.

Durable events of a conversation reach a connection in rev order, each once; only after a resume or
a resync may one come again. Two events may be of one rev: a new member is told of the conversation
and of the membership. What is missing in between is announced: by `resync`, by `stale`, or by
`resumed: false`.
"""

from client.changes import Event
from loadtests.chaos.violations import Kind, Violations
from protocol.events import ConversationEvent, MemberEvent, MessageEvent, ResyncEvent
from protocol.replies import HelloReply
from protocol.text import Id

Revised = MessageEvent | ConversationEvent | MemberEvent


class WireJudge:
    """The judge of a device that only listens, over all of its connections."""

    def __init__(self, name: str, user_id: Id, violations: Violations) -> None:
        self.name = name
        self.events = 0
        self.repeated = 0
        """Events that came again after a resume, as they may."""
        self.epoch: str | None = None
        self.offset: str | None = None
        self.revs: dict[Id, int] = {}
        """The rev up to which everything is held, by conversation."""
        self._user_id = user_id
        self._violations = violations
        self._may_repeat = False
        self._place = ""
        self._eids: set[str] = set()
        self._covered: tuple[int, ...] | None = None
        """Events up to here are what the sync of a connection that was not resumed would bring."""

    def opened(self, hello: HelloReply) -> None:
        """A connection has said hello."""
        self._eids = set()
        self._covered = None
        self._place = f"connection at {hello.server_time[11:23]}, resumed {hello.resumed}"
        self._may_repeat = hello.resumed
        if hello.resumed:
            for key in hello.stale:
                self.revs.pop(key, None)
        else:
            self.revs = {}
            self.epoch, self.offset = hello.epoch, hello.offset
            self._covered = _entry(hello.offset)

    def take(self, event: Event) -> None:
        """An event has come."""
        self.events += 1
        if not self._is_covered(event.at):
            self._judge(event)
        if event.at is not None and self.offset is not None:
            self.offset = event.at

    def _judge(self, event: Event) -> None:
        is_again = event.eid is not None and event.eid in self._eids
        if event.eid is not None:
            self._eids.add(event.eid)
        match event.d:
            case MessageEvent(message=message) as d:
                self._in_order(message.conversation_id, d, is_again=is_again)
            case ConversationEvent(conversation=shown) as d if event.name == "conversation.created":
                # With the whole of it nothing before is needed; later ones may have been faster.
                self.revs[shown.id] = max(d.rev, self.revs.get(shown.id, 0))
            case ConversationEvent(conversation=shown) as d:
                self._in_order(shown.id, d, is_again=is_again)
            case MemberEvent() as d:
                self._in_order(d.conversation_id, d, is_again=is_again)
                if event.name == "member.left" and d.user_id == self._user_id:
                    self.revs.pop(d.conversation_id, None)
            case ResyncEvent(conversation_ids=keys):
                self._resync(keys)
            case _:
                pass

    def _is_covered(self, place: str | None) -> bool:
        if self._covered is None or place is None:
            return False
        if _entry(place) <= self._covered:
            return True
        self._covered = None
        return False

    def _in_order(self, key: Id, d: Revised, *, is_again: bool) -> None:
        held = self.revs.get(key)
        if is_again and self._may_repeat:
            self.repeated += 1
        elif is_again:
            self._note(f"{key}: rev {d.rev} came twice")
        elif held is not None and d.rev < held:
            # What came before the resume, and now again, is not known by its eid.
            if self._may_repeat:
                self.repeated += 1
            else:
                self._note(f"{key}: rev {d.rev} came after {held}")
        elif held is not None and d.prev_rev > held:
            self._note(f"{key}: rev {d.rev} follows {d.prev_rev}, held is {held}, and no resync")
        if held is None or d.rev > held:
            self.revs[key] = d.rev

    def _resync(self, keys: list[Id] | None) -> None:
        """What was missed is not followed up here: the next connection begins anew."""
        self.offset = None
        self._may_repeat = True
        for key in list(self.revs) if keys is None else keys:
            self.revs.pop(key, None)

    def _note(self, words: str) -> None:
        self._violations.note(Kind.WIRE, f"{self.name}, {self._place}: {words}")


def _entry(place: str) -> tuple[int, ...]:
    """An entry of a log, to be compared; that of a hello without a log is before all."""
    return tuple(int(part) for part in place.split("-") if part)
