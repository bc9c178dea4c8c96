"""How much a consumer takes at once: less after a batch that took too long. Pure."""

from storage.outbox.rows import Batch

GROW_AFTER = 4
"""Batches that succeed in a row before a larger one is tried: if larger ones keep timing out, most
of the time still goes into smaller ones."""


class BatchSize:
    """Halved down to a single row by batches that take too long, and doubled up to the full size
    by those that succeed.
    """

    def __init__(self, full: Batch) -> None:
        self._full = full
        self._part = 1
        """The divisor of the full size."""
        self._done = 0

    @property
    def batch(self) -> Batch:
        """The size of the next batch."""
        rows, refs = self._full
        return Batch(max(rows // self._part, 1), max(refs // self._part, 1))

    def took_too_long(self) -> bool:
        """Halve the size; False if it was a single row already."""
        self._done = 0
        if self.batch.rows == 1:
            return False
        self._part *= 2
        return True

    def was_done(self) -> None:
        """A batch was processed in time."""
        self._done += 1
        if self._done >= GROW_AFTER and self._part > 1:
            self._part //= 2
            self._done = 0
