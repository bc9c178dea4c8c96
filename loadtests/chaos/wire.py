"""What the server promises on one wire, judged event by event. Pure.

Durable events of a conversation reach a connection in rev order, each once; only after a resume may
one come again. What is missing in between is announced: by `resync`, by `stale`, or by
`resumed: false`.
"""

from client.changes import Event
from client.ranges import Ranges
from loadtests.chaos.violations import Kind, Violations
from protocol.events import ConversationEvent, MemberEvent, MessageEvent, ResyncEvent
from protocol.replies import HelloReply
from protocol.text import Id


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
        self._is_resumed = False
        self._place = ""
        self._seen: dict[Id, Ranges] = {}

    def opened(self, hello: HelloReply) -> None:
        """A connection has said hello."""
        self._seen = {}
        self._place = f"connection at {hello.server_time[11:23]}, resumed {hello.resumed}"
        self._is_resumed = hello.resumed
        if hello.resumed:
            for key in hello.stale:
                self.revs.pop(key, None)
        else:
            self.revs = {}
            self.epoch, self.offset = hello.epoch, hello.offset

    def take(self, event: Event) -> None:
        """An event has come."""
        self.events += 1
        match event.d:
            case MessageEvent(message=message) as d:
                self._in_order(message.conversation_id, d.rev, d.prev_rev)
            case ConversationEvent(conversation=shown) as d:
                if event.name == "conversation.created":
                    self.revs.pop(shown.id, None)
                self._in_order(shown.id, d.rev, d.prev_rev)
            case MemberEvent() as d:
                self._in_order(d.conversation_id, d.rev, d.prev_rev)
                if event.name == "member.left" and d.user_id == self._user_id:
                    self.revs.pop(d.conversation_id, None)
            case ResyncEvent(conversation_ids=keys):
                self._resync(keys)
            case _:
                pass
        if event.at is not None and self.offset is not None:
            self.offset = event.at

    def _in_order(self, key: Id, rev: int, prev_rev: int) -> None:
        held = self.revs.get(key)
        seen = self._seen.setdefault(key, Ranges())
        if held is not None and rev <= held:
            self._old(key, rev, held, rev in seen)
            return
        if held is not None and prev_rev > held:
            words = f"{key}: rev {rev} follows {prev_rev}, held is {held}, and no resync"
            self._note(Kind.LOST, words)
        seen.add(rev)
        self.revs[key] = rev

    def _old(self, key: Id, rev: int, held: int, is_seen: bool) -> None:  # noqa: FBT001
        if self._is_resumed:
            self.repeated += 1
        elif is_seen:
            self._note(Kind.DUPLICATED, f"{key}: rev {rev} came twice")
        else:
            self._note(Kind.REORDERED, f"{key}: rev {rev} came after {held}")

    def _resync(self, keys: list[Id] | None) -> None:
        """What was missed is not followed up here: the next connection begins anew."""
        self.offset = None
        for key in list(self.revs) if keys is None else keys:
            self.revs.pop(key, None)

    def _note(self, kind: Kind, words: str) -> None:
        self._violations.note(kind, f"{self.name} (wire), {self._place}: {words}")
