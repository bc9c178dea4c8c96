"""A bare wire that is told what a test wants, and its judge."""

from client.state.changes import Event
from loadtests.chaos.judges.violations import Violations
from loadtests.chaos.judges.wire import WireJudge
from protocol.events import ConversationEvent, MemberEvent, MessageEvent, ResyncEvent
from tests.unit.chaos.test_oracle import BEN, KEY, conversation, message
from tests.unit.client.builders import hello


class Wire:
    """One device on the bare wire."""

    def __init__(self):
        self.violations = Violations()
        self.judge = WireJudge("listener", BEN, self.violations)
        self.opens(resumed=False)

    def opens(self, **fields):
        given = {"server_time": "2026-11-20T22:00:00.000Z", "offset": "1-0", **fields}
        self.judge.opened(hello(**given))

    def tells(self, *revs, prev_rev=None, of=None):
        """Messages as they were when the event was made, or those of rev `of`."""
        for rev in revs:
            told = message(rev - 1, rev=of or rev)
            d = MessageEvent(told, rev, rev - 1 if prev_rev is None else prev_rev)
            self.judge.take(Event("message.created", d, f"{KEY}.{rev}", f"{rev}-0"))

    def updates(self, rev):
        d = ConversationEvent(conversation(rev=rev), rev, rev - 1)
        self.judge.take(Event("conversation.updated", d, f"{KEY}.{rev}"))

    def creates(self, rev, of=None):
        d = ConversationEvent(conversation(rev=of or rev), rev, rev - 1)
        self.judge.take(Event("conversation.created", d, f"{KEY}.{rev}.c"))

    def moves(self, name, rev, user_id=BEN):
        d = MemberEvent(KEY, user_id, "member", rev, rev - 1)
        self.judge.take(Event(f"member.{name}", d, f"{KEY}.{rev}"))

    def resyncs(self, *keys):
        self.judge.take(Event("resync", ResyncEvent(list(keys) or None)))

    def sends(self, *client_ids):
        for client_id in client_ids:
            self.judge.sends(KEY, client_id)

    def replies(self, rev):
        self.judge.acknowledged(message(rev - 1, rev=rev))

    def refuses(self, rev, *, for_good=False):
        self.judge.refused(KEY, f"client-{rev - 1}", for_good=for_good)

    @property
    def found(self):
        return {kind: count for kind, count in self.violations.counts.items() if count}
