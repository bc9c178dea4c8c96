"""Groups of up to thirty in which everybody writes and everybody reads all of it."""

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
    _group: _Group | None = None
    _filling: list[_Group] = []  # noqa: RUF012  # shared by all users: this is where they meet

    def begin(self) -> None:
        """Join the group that is being filled, or begin one."""
        person, self._device = self.somebody()
        self._group = self._find(person)

    @task
    def say(self) -> None:
        """Everybody else who is there receives it."""
        self.ready()
        assert self._group is not None
        others = [one for one in self._group.members if one is not self._device]
        self.send(self._device, self._group.room, "Who cuts the intro this week?", others)

    def on_stop(self) -> None:
        """Who goes is no longer written to, and takes nobody in."""
        group = self._group
        if group is not None:
            own = {device for _person, device in self.seats}
            group.members = [one for one in group.members if one not in own]
            if group.owner in own and group in self._filling:
                self._filling.remove(group)
        super().on_stop()

    def _find(self, person: Person) -> _Group:
        for group in self._filling:
            if group.size < _SIZE:
                group.size += 1
                d = {"conversation_id": group.room, "user_id": person.user_id}
                self.ask(group.owner, "member.add", d)
                group.members.append(self._device)
                return group
        listener, listening = self.somebody()
        invited = [listener.user_id]
        made = self.ask(
            self._device, "conversation.create", {"type": "group", "participant_ids": invited}
        )
        group = _Group(made["conversation"]["id"], self._device, listening)
        self._filling.append(group)
        return group
