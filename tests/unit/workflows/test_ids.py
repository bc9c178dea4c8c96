"""Ids of new rows."""

import datetime as dt
from itertools import pairwise

from storage.database.ids import NewIds

NOW = dt.datetime(2026, 11, 20, 22, 3, 0, 123_000, dt.UTC)


def test_an_execution_may_make_any_number_of_rows_in_order() -> None:
    ids = NewIds(NOW)
    made = [ids.next() for _ in range(10_000)]
    assert all(one < other for one, other in pairwise(made))
    assert {(one.version, one.variant) for one in made} == {(7, made[0].variant)}
    began = round(NOW.timestamp() * 1000)
    times_ms = [made[n].int >> 80 for n in (0, 4095, 4096, 9999)]
    assert times_ms == [began, began, began + 1, began + 2]
