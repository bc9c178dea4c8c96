"""What the server does of itself, in plain Python: consumers of the outbox make notifications of
what people did, look at unread runs, and workers judge what is due.
"""

from tests.faults.deliveries.scenarios.script import PEOPLE
from tests.faults.deliveries.scenarios.world import INBOX, Said, World

RUN_AFTER_MS, RUN_AGAIN_MS = 20_000, 60_000


class Consumers:
    """They write what they have found into the world."""

    def __init__(self, world: World) -> None:
        self._world = world

    def consumed(self, now_ms: int) -> None:
        """The consumers have taken all that is due."""
        for talk in self._world.talks:
            for said in talk.said:
                if said.told_of_ms is None:
                    self._tell(said, now_ms)
        for one, other in self._world.blocked:
            if self._world.are_apart(one, other):
                self._part(one, other)
                self._part(other, one)
        self._world.blocked.clear()
        for talk in self._world.talks:
            for said in talk.said:
                self._look(said, now_ms)

    def _tell(self, said: Said, now_ms: int) -> None:
        said.told_of_ms = now_ms
        talk = self._world.talks[said.talk]
        for person in talk.present - {said.sender}:
            if said.group(person) == "run":
                continue
            if (
                self._world.is_welcome(person, said, INBOX)
                and said.seq > talk.read.get(person, 0)
                and not said.is_deleted
            ):
                self._world.in_inbox.add((person, said.talk, said.seq))
            self._world.excuse(person, said)

    def _part(self, person: int, other: int) -> None:
        """What tells of who is blocked is closed; a run of theirs alone is told anew by what comes
        later.
        """
        for said in self._world.said_to(person):
            key = person, said.talk, said.seq
            if said.sender == other:
                if key in self._world.in_inbox:
                    self._world.taken_out.add(key)
                for excused in self._world.excused.values():
                    excused.add(key)

    def _look(self, said: Said, now_ms: int) -> None:
        if said.run_ms is not None or now_ms < said.at_ms + RUN_AFTER_MS:
            return
        if said.looked_at_ms is None:
            said.looked_at_ms = now_ms
        elif now_ms >= said.looked_at_ms + RUN_AGAIN_MS:
            said.run_ms = now_ms
        for person in self._world.talks[said.talk].present - {said.sender}:
            if said.group(person) == "run":
                self._world.excuse(person, said)

    def judged(self) -> None:
        """Workers look now, and turn away what is not welcome."""
        for person in range(PEOPLE):
            for said in self._world.said_to(person):
                self._world.excuse(person, said)
