"""The order of commands of one connection within each conversation. Pure.

Sends are pipelined: they start as they come, and the writer keeps their order. Any other command
on the conversation waits for those before it, and those after it wait for it. After a retryable
refusal of a send, the waiting sends are refused too, so that none overtakes it;
`server/ws/refused_sends.py` refuses those that come later.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Lane(Generic[T]):
    """The running sends, or one other command, and those waiting: (is it a send, the command)."""

    running: int = 0
    is_sending: bool = False
    waiting: list[tuple[bool, T]] = field(default_factory=list)


class Released(NamedTuple, Generic[T]):
    """The commands to start, and to refuse, when a command ends."""

    start: Sequence[T]
    refuse: Sequence[T]


_NOTHING: Released[Any] = Released((), ())


class Lanes(Generic[T]):
    """One lane for each conversation that has commands under way."""

    def __init__(self) -> None:
        self._lanes: dict[Hashable, _Lane[T]] = {}

    def enter(self, key: Hashable, command: T, *, is_send: bool) -> bool:
        """True if the command may start now; otherwise it waits until `leave` releases it."""
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = _Lane()
        if not lane.waiting and _fits(lane, is_send=is_send):
            lane.running += 1
            lane.is_sending = is_send
            return True
        lane.waiting.append((is_send, command))
        return False

    def leave(self, key: Hashable, *, refuse_sends: bool = False) -> Released[T]:
        """A command has ended; `refuse_sends` when it was a send that may be sent again."""
        lane = self._lanes[key]
        lane.running -= 1
        if not lane.waiting:
            if not lane.running:
                del self._lanes[key]
            return _NOTHING
        refuse: list[T] = []
        if refuse_sends:
            refuse = [command for is_send, command in lane.waiting if is_send]
            lane.waiting = [item for item in lane.waiting if not item[0]]
        start: list[T] = []
        while lane.waiting and _fits(lane, is_send=lane.waiting[0][0]):
            is_send, command = lane.waiting.pop(0)
            lane.running += 1
            lane.is_sending = is_send
            start.append(command)
        if not lane.running:
            del self._lanes[key]
        return Released(start, refuse)


def _fits(lane: _Lane[T], *, is_send: bool) -> bool:
    return lane.running == 0 or (is_send and lane.is_sending)
