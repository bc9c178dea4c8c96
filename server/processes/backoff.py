"""How long to wait before a process that has ended is started again. Pure."""

from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """The first restart follows at once; each further one in a row waits twice as long.

    A process that lived for `steady_s` resets the series. Times in seconds.
    """

    first_s: float = 0.5
    cap_s: float = 8.0
    steady_s: float = 30.0
    _in_a_row: int = 0

    def delay_s(self, lived_s: float) -> float:
        """How long to wait after an end, given how long the process lived."""
        if lived_s >= self.steady_s:
            self._in_a_row = 0
        self._in_a_row += 1
        if self._in_a_row == 1:
            return 0.0
        return min(self.cap_s, self.first_s * 2.0 ** min(self._in_a_row - 2, 16))
