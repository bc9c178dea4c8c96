"""How much a consumer of the outbox takes after batches that took too long."""

import itertools

import pytest

from server.outbox.batch_size import GROW_AFTER, BatchSize
from storage.outbox.rows import Batch

FULL = Batch(rows=500, refs=2_000)


def test_it_halves_down_to_a_single_row():
    size = BatchSize(FULL)
    rows = [size.batch.rows]
    while size.took_too_long():
        rows.append(size.batch.rows)
    assert rows == [500, 250, 125, 62, 31, 15, 7, 3, 1]
    assert size.batch.refs >= 1
    assert not size.took_too_long()
    assert size.batch.rows == 1


@pytest.mark.parametrize("halved", [1, 3, 8, 20])
def test_it_grows_back_to_the_full_size_and_no_further(halved):
    size = BatchSize(FULL)
    for _ in range(halved):
        size.took_too_long()
    sizes = [size.batch]
    for _ in range(GROW_AFTER * 10):
        size.was_done()
        sizes.append(size.batch)
    assert sizes == sorted(sizes)
    assert sizes[-1] == FULL
    steps = [after.rows / before.rows for before, after in itertools.pairwise(sizes)]
    assert max(steps) <= 3


def test_it_grows_after_some_that_were_done_in_a_row():
    size = BatchSize(FULL)
    size.took_too_long()
    size.took_too_long()
    for _ in range(3):
        for _ in range(GROW_AFTER - 1):
            size.was_done()
        size.took_too_long()
    assert size.batch.rows == 500 // 32
    for _ in range(GROW_AFTER):
        size.was_done()
    assert size.batch.rows == 500 // 16
