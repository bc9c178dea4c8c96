"""Read-receipt storms: a burst of messages, each marked read by itself, each receipt told."""

import time

from locust import between, task

from loadtests.scenarios.chatter import Chatter, MessageLostError
from loadtests.scenarios.device import Device, Event

_BURST = 8
_PATIENCE_S = 10.0
_STEP_S = 0.01


class Receipts(Chatter):
    """One user is a pair: one writes, the other marks as read."""

    scenario = "receipts"
    wait_time = between(0.2, 1.0)

    def begin(self) -> None:
        """Register both."""
        self._marked_at: dict[int, float] = {}
        reader, self._reader = self.somebody()
        _writer, self._writer = self.somebody()
        d = {"type": "direct", "participant_ids": [reader.user_id]}
        self._room = self.create(self._writer, d, [self._reader])

    @task
    def burst(self) -> None:
        """Write several; mark them read one by one."""
        self.ready()
        seqs = [
            self.send(self._writer, self._room, f"Frame {number}", [self._reader])["seq"]
            for number in range(_BURST)
        ]
        for seq in seqs:
            self._marked_at[seq] = time.perf_counter()
            d = {"conversation_id": self._room, "seq": seq}
            self.ask(self._reader, "receipt.read", d)
        self._await_receipt(seqs[-1])

    def heard(self, device: Device, event: Event, now: float) -> None:
        """A receipt at the writer's: a later one may have taken the place of those before."""
        if event["ev"] != "receipt.read" or device is not self._writer:
            return
        seq = event["d"]["seq"]
        marked_at = self._marked_at.get(seq)
        if marked_at is not None:
            self.fired("receipt.read, received", now - marked_at)
        for told in [one for one in self._marked_at if one <= seq]:
            del self._marked_at[told]

    def _await_receipt(self, seq: int) -> None:
        until = time.perf_counter() + _PATIENCE_S
        while seq in self._marked_at and time.perf_counter() < until:
            time.sleep(_STEP_S)
        if seq in self._marked_at:
            self._marked_at.clear()
            error = MessageLostError(f"a receipt did not arrive within {_PATIENCE_S:g} s")
            self.fired("receipt.read, received", _PATIENCE_S, error)
