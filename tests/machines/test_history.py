"""Pages of history against the plain definition: a list of all seqs, cut."""

from hypothesis import given
from hypothesis import strategies as st

from protocol import history

LAST = st.integers(0, 40)
SEQ = st.integers(0, 50)
LIMIT = st.integers(1, 45)


def seqs(page: history.Page) -> list[int]:
    return list(range(page.first, page.last + 1))


@given(LAST, SEQ, LIMIT)
def test_before(last: int, seq: int, limit: int) -> None:
    below = [s for s in range(1, last + 1) if s < seq]
    page = history.before(last, seq, limit)
    assert seqs(page) == below[-limit:]
    assert page.has_more == (len(below) > limit)


@given(LAST, LIMIT)
def test_newest(last: int, limit: int) -> None:
    page = history.newest(last, limit)
    assert seqs(page) == list(range(1, last + 1))[-limit:]
    assert page.has_more == (last > limit)


@given(LAST, SEQ, LIMIT)
def test_after(last: int, seq: int, limit: int) -> None:
    above = [s for s in range(1, last + 1) if s > seq]
    page = history.after(last, seq, limit)
    assert seqs(page) == above[:limit]
    assert page.has_more == (len(above) > limit)


@given(LAST, SEQ, LIMIT)
def test_around(last: int, seq: int, limit: int) -> None:
    page = history.around(last, seq, limit)
    found = seqs(page)
    assert len(found) == min(limit, last)
    assert page.has_more == (last > limit)
    assert set(found) <= set(range(1, last + 1))
    if 1 <= seq <= last:
        assert seq in found
        # As near to the middle as the ends allow.
        older, newer = seq - page.first, page.last - seq
        assert abs(older - newer) <= 1 or page.first == 1 or page.last == last


@given(st.integers(0, 200), LIMIT)
def test_pages_going_back_hold_everything_once(last: int, limit: int) -> None:
    page, found = history.newest(last, limit), []
    found = seqs(page)
    while page.has_more:
        page = history.before(last, page.first, limit)
        found = seqs(page) + found
    assert found == list(range(1, last + 1))
