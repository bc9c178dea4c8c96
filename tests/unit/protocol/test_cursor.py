"""Cursors come back as they were signed, and nothing else is taken for one."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, RequestError

KEY = b"0123456789abcdef"
USER = UUID(int=7)
SCOPE = ("conversation.list", USER, None, True)


def test_a_position_comes_back() -> None:
    position = (datetime(2026, 11, 20, 22, 3, 0, 123000, tzinfo=UTC), USER)
    cursor = CursorSigner(KEY).sign(SCOPE, position)
    assert CursorSigner(KEY).read(cursor, SCOPE, tuple[datetime, UUID]) == position


@pytest.mark.parametrize(
    "scope",
    [
        ("conversation.list", UUID(int=8), None, True),
        ("conversation.list", USER, "direct", True),
        ("message.search", USER, None, True),
        ("conversation.list", USER, None, False),
        ("conversation.list", USER, None),
    ],
)
def test_a_cursor_of_another_list_is_refused(scope: tuple[object, ...]) -> None:
    cursor = CursorSigner(KEY).sign(SCOPE, 5)
    with pytest.raises(RequestError) as refusal:
        CursorSigner(KEY).read(cursor, scope, int)
    assert refusal.value.code is ErrorCode.BAD_REQUEST
    assert refusal.value.details == {"path": "cursor"}


def test_another_key_is_refused() -> None:
    with pytest.raises(RequestError):
        CursorSigner(KEY).read(CursorSigner(KEY[::-1]).sign(SCOPE, 5), SCOPE, int)


@given(st.text())
def test_no_text_is_taken_for_a_cursor(text: str) -> None:
    with pytest.raises(RequestError):
        CursorSigner(KEY).read(text, SCOPE, int)


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_is_noticed(place: int, change: int) -> None:
    cursor = CursorSigner(KEY).sign(SCOPE, "position")
    place %= len(cursor)
    forged = cursor[:place] + chr((ord(cursor[place]) + change) % 256) + cursor[place + 1 :]
    try:
        position = CursorSigner(KEY).read(forged, SCOPE, str)
    except RequestError:
        return
    # The last letter of base64 has bits that stand for nothing.
    assert position == "position"


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        CursorSigner(b"short")
