"""Reconnect storms: everybody is cut off at the same moment, and comes back at once."""

import time

from locust import task

from loadtests.scenarios.chatter import Chatter, MessageLostError
from loadtests.scenarios.device import Device, Event

_PATIENCE_S = 10.0
_STEP_S = 0.01


class ReconnectStorm(Chatter):
    """One user is somebody who is cut off, and somebody who writes meanwhile."""

    scenario = "storm"

    def begin(self) -> None:
        """Register both."""
        self._seen: set[str] = set()
        self._person, self._device = self.somebody()
        _writer, self._writer = self.somebody()
        d = {"type": "direct", "participant_ids": [self._person.user_id]}
        self._room = self.create(self._writer, d, [self._device])
        self.send(self._writer, self._room, "Are you there?", [self._device])

    @task
    def be_cut_off(self) -> None:
        """All users' clocks strike together."""
        self.ready()
        assert self.environment.parsed_options is not None
        every_s: float = self.environment.parsed_options.storm_every
        time.sleep(every_s - time.time() % every_s)
        self._device.cut()
        missed = self.send(self._writer, self._room, "You missed this", [])
        began = time.perf_counter()
        told = self.connect(self._person, self._device)
        if not told["resumed"]:
            self._sync()
        while missed["id"] not in self._seen and time.perf_counter() < began + _PATIENCE_S:
            time.sleep(_STEP_S)
        name = "back, resumed and complete" if told["resumed"] else "back, synced and complete"
        if missed["id"] in self._seen:
            self.fired(name, time.perf_counter() - began)
        else:
            self.fired(name, _PATIENCE_S, MessageLostError("what was missed did not come"))
        self._seen.clear()

    def arrived(self, device: Device, message: Event) -> None:
        """What came while, or after, it was away."""
        if device is self._device:
            self._seen.add(message["id"])

    def _sync(self) -> None:
        d = {"conversations": {self._room: 1}, "only_named": True}
        found = self.ask(self._device, "sync", d)
        self._seen |= {message["id"] for message in found["messages"]}
