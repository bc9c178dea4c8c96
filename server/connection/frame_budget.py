"""What a connection, or a person, may send within a second: frames and bytes, without a clock.

Both are counted down, and the clock is read only when one of them is used up. Then either a second
has passed since they were full, and they are full again, or the peer has sent too much. So a peer
that never sends more than this in any second is never refused, and one that does sends at most
twice as much.
"""

from typing import Final, NamedTuple

WINDOW_S: Final = 1.0


class Allowance(NamedTuple):
    """What is granted a second. Frames are those of any kind, control frames and fragments too."""

    frames: int
    bytes: int


UNLIMITED: Final = Allowance(1 << 62, 1 << 62)


class FrameBudget:
    """What is left of this second. Whoever counts lowers the two figures, and asks `renew` when one
    of them falls below 0.
    """

    __slots__ = ("__weakref__", "_allowance", "_began", "bytes_left", "frames_left")

    def __init__(self, allowance: Allowance, now: float) -> None:
        self.grant(allowance, now)

    def grant(self, allowance: Allowance, now: float) -> None:
        """Another allowance from now on, a whole one."""
        self._allowance = allowance
        self._began = now
        self.frames_left, self.bytes_left = allowance

    def renew(self, now: float) -> bool:
        """Begin a new second; False when the last one is not over yet. `now` in seconds."""
        if now - self._began < WINDOW_S:
            return False
        self.grant(self._allowance, now)
        return True

    def left_s(self, now: float) -> float:
        """How long it is until a new second may begin."""
        return max(0.0, self._began + WINDOW_S - now)
