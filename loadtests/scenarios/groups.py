"""Groups of up to thirty in which everybody writes and everybody reads all of it."""

import threading

from locust import between, task

from loadtests.scenarios.chatter import Chatter
from loadtests.scenarios.device import Device
from loadtests.scenarios.people import Person

_SIZE = 30


class _Group:
    """A group as it fills: its first member takes the others in; one more only listens."""

    def __init__(self, room: str, owner: Device, listener: Device) -> None:
        self.room = room
        self.owner = owner
        self.members = [owner, listener]
        self.size = 2


class BusyGroup(Chatter):
    """One user is one member."""

    scenario = "busy group"
    wait_time = between(1.0, 3.0)
    joined: _Group | None = None
    _filling: list[_Group] = []  # noqa: RUF012  # shared by all users: this is where they meet
    _door = threading.Lock()

    def begin(self) -> None:
        """Join the group that is being filled, or begin one."""
        person, self._device = self.somebody()
        self.joined = self._find(person)

    @task
    def say(self) -> None:
        """Everybody else who is there receives it."""
        self.ready()
        assert self.joined is not None
        others = [one for one in self.joined.members if one is not self._device]
        self.send(self._device, self.joined.room, "Who cuts the intro this week?", others)

    def on_stop(self) -> None:
        """Who goes is no longer written to, and takes nobody in."""
        group = self.joined
        if group is not None:
            own = {device for _person, device in self.seats}
            group.members = [one for one in group.members if one not in own]
            if group.owner in own and group in self._filling:
                self._filling.remove(group)
        super().on_stop()

    def _find(self, person: Person) -> _Group:
        # One at a time, so that who comes together meets in one group.
        with self._door:
            group = next((one for one in self._filling if one.size < _SIZE), None)
            if group is None:
                group = self._make()
                self._filling.append(group)
                return group
            group.size += 1
            d = {"conversation_id": group.room, "user_id": person.user_id}
            self.ask(group.owner, "member.add", d)
        self.await_told(self._device, group.room)
        group.members.append(self._device)
        return group

    def _make(self) -> _Group:
        listener, listening = self.somebody()
        d = {"type": "group", "title": "Cutters", "participant_ids": [listener.user_id]}
        return _Group(self.create(self._device, d, [listening]), self._device, listening)
