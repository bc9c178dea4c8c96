"""What there is to be told, in plain Python: messages, who has read them, and who wants to know.

It is told what people do; what the consumers of the outbox make of it is in `consumers`. A message
is to each of the others a "mention" where it names them, a "reply" where it answers them, and else
one of a "run" of messages.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.faults.deliveries.scenarios.script import CHANNELS, PEOPLE, TALKS, Channel

GROUPS = ("run", "mention", "reply")
INBOX = "inbox"


@dataclass(slots=True)
class Said:
    """A message. `number` is its place among all that was said or done."""

    number: int
    talk: int
    seq: int
    sender: int
    at_ms: int
    named: frozenset[int]
    answered: int | None
    version: int = 1
    is_deleted: bool = False
    told_of_ms: int | None = None
    """When the consumer of what concerns somebody at once has seen it."""
    looked_at_ms: int | None = None
    """When unread runs were first looked at that it may have been in."""
    run_ms: int | None = None
    """When they had been for so long that it is in them, however often they are moved."""

    def group(self, person: int) -> str:
        """What it is to somebody else."""
        if person in self.named:
            return "mention"
        return "reply" if person == self.answered else "run"


@dataclass(slots=True)
class Talk:
    """A conversation; `read` is how far each has read."""

    present: set[int]
    said: list[Said] = field(default_factory=list)
    read: dict[int, int] = field(default_factory=dict)
    muted: set[int] = field(default_factory=set)


Key = tuple[int, int, int]
"""Somebody, a conversation and a seq."""


class World:
    """Everything as it is now."""

    def __init__(self) -> None:
        self.number = 0
        self.talks = [Talk(set(members)) for members in TALKS]
        self.blocks: set[tuple[int, int]] = set()
        self.wants = {(one, channel): True for one in range(PEOPLE) for channel in CHANNELS}
        self.acted_ms: dict[int, int] = {}
        self.in_inbox: set[Key] = set()
        """Of which messages somebody has a notification of their own, closed or not."""
        self.closed: set[Key] = set()
        """What was put away, or marked as read."""
        self.taken_out: set[Key] = set()
        """What was in notifications until its writer was blocked."""
        self.excused: dict[str, set[Key]] = {way: set() for way in (*CHANNELS, INBOX)}
        """What need not be told by each channel, since it was not wanted when it might have been:
        it may be told all the same, with what is said later."""
        self.blocked: list[tuple[int, int]] = []
        """Blocks that the consumers have not seen."""

    def are_apart(self, one: int, other: int) -> bool:
        """Whether either has blocked the other."""
        return bool({(one, other), (other, one)} & self.blocks)

    def find(self, number: int) -> Said | None:
        """The message of a number."""
        return next((s for talk in self.talks for s in talk.said if s.number == number), None)

    def said_to(self, person: int) -> Iterator[Said]:
        """What others have said in conversations that somebody is in."""
        for talk in self.talks:
            if person in talk.present:
                yield from (said for said in talk.said if said.sender != person)

    def open(self, person: int, group: str, talk: int) -> list[Said]:
        """What somebody has not read of a group, deleted messages and those of who was blocked
        since among it: by the first of these their notification is as old as it is.
        """
        return [
            said for said in self.said_to(person)
            if said.talk == talk and said.group(person) == group
            and said.seq > self.talks[talk].read.get(person, 0)
            and (person, talk, said.seq) not in self.closed
        ]  # fmt: skip

    def unseen(self, person: int, group: str, talk: int) -> list[Said]:
        """What of it their notification tells, or did until it was deleted."""
        return [
            said for said in self.open(person, group, talk)
            if (person, talk, said.seq) not in self.taken_out
        ]  # fmt: skip

    def news(self, person: int, group: str, talk: int) -> list[Said]:
        """Those that are still there, and of nobody with whom there is a block."""
        return [
            said for said in self.unseen(person, group, talk)
            if not said.is_deleted and not self.are_apart(person, said.sender)
        ]  # fmt: skip

    def is_welcome(self, person: int, said: Said, channel: str) -> bool:
        """Whether somebody may be told of a message, were it not read."""
        return (
            person not in self.talks[said.talk].muted
            and not self.are_apart(person, said.sender)
            and (channel == INBOX or self.wants[person, _channel(channel)])
        )

    def unread(self, person: int, talk: int) -> int:
        """How many messages the conversation shows as unread, in the total too."""
        of = self.talks[talk]
        if person not in of.present or person in of.muted:
            return 0
        read = of.read.get(person, 0)
        return sum(1 for said in of.said if said.seq > read and not said.is_deleted)

    def counts(self, person: int) -> dict[tuple[str, int], int]:
        """Of how many messages each notification tells that counts in the badge."""
        found = {}
        for talk in range(len(self.talks)):
            for group in ("mention", "reply"):
                told = [
                    said for said in self.unseen(person, group, talk)
                    if not said.is_deleted and (person, talk, said.seq) in self.in_inbox
                ]  # fmt: skip
                if told:
                    found[group, talk] = len(told)
        return found

    # What people do.

    def next_number(self) -> int:
        self.number += 1
        return self.number

    def say(self, said: Said) -> None:
        """Who writes has read."""
        talk = self.talks[said.talk]
        talk.said.append(said)
        talk.read[said.sender] = said.seq

    def read(self, person: int, talk: int, seq: int) -> None:
        of = self.talks[talk]
        of.read[person] = max(of.read.get(person, 0), min(seq, len(of.said)))

    def block(self, person: int, other: int, *, is_blocked: bool) -> None:
        pair = person, other
        if not is_blocked:
            self.blocks.discard(pair)
        elif pair not in self.blocks:
            self.blocks.add(pair)
            self.blocked.append(pair)

    def close(self, person: int, group: str, talk: int, until_seq: int) -> None:
        """Somebody puts a notification away, or marks it as read: what it told is not news."""
        for said in self.unseen(person, group, talk):
            key = person, talk, said.seq
            if said.seq <= until_seq and (group == "run" or key in self.in_inbox):
                self.closed.add(key)

    def excuse(self, person: int, said: Said) -> None:
        """It may be told now: where it is not welcome, it need not be told later either."""
        for way, excused in self.excused.items():
            if not self.is_welcome(person, said, way):
                excused.add((person, said.talk, said.seq))


def _channel(way: str) -> Channel:
    return "email" if way == "email" else "push"
