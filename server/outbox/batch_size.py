"""How much a consumer takes at once: less after a batch that took too long. Pure."""

from storage.outbox.rows import Batch

GROW_AFTER = 4
"""So many batches in a row are done before a larger one is tried: where it takes too long again and
again, most of the time is not spent on finding that out."""


class BatchSize:
    """Halved down to a single row by batches that take too long, and doubled up to the full size
    by those that are done.
    """

    def __init__(self, full: Batch) -> None:
        self._full = full
        self._part = 1
        """Of the full size, as its divisor."""
        self._done = 0

    @property
    def batch(self) -> Batch:
        """What to take now."""
        rows, refs = self._full
        return Batch(max(rows // self._part, 1), max(refs // self._part, 1))

    def took_too_long(self) -> bool:
        """Take half from now on; False when that was a single row."""
        self._done = 0
        if self.batch.rows == 1:
            return False
        self._part *= 2
        return True

    def was_done(self) -> None:
        """A batch was worked off in time."""
        self._done += 1
        if self._done >= GROW_AFTER and self._part > 1:
            self._part //= 2
            self._done = 0
