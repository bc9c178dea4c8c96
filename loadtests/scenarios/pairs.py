"""Two people who write to each other, a message every second or two."""

from locust import between, task

from loadtests.scenarios.chatter import Chatter


class Pairs(Chatter):
    """One user is a pair: two people with a direct conversation."""

    scenario = "pairs"
    wait_time = between(0.5, 2.0)

    def begin(self) -> None:
        """Register both."""
        _one, self._one = self.somebody()
        other, self._other = self.somebody()
        d = {"type": "direct", "participant_ids": [other.user_id]}
        self._room = self.create(self._one, d, [self._other])

    @task
    def talk(self) -> None:
        """One writes, the other answers."""
        self.ready()
        self.send(self._one, self._room, "Is the second page ready?", [self._other])
        self.send(self._other, self._room, "Nearly. Have a look tonight?", [self._one])
