"""What a push has room for, by bytes: as much of the text as fits, and never more."""

from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from protocol.notifications.rendering import Rendered
from server.notifications.pushing import Pushing
from storage.push.port import PAYLOAD_BYTES

FACTS: Any = SimpleNamespace(
    items=[SimpleNamespace(id=uuid4(), type="announcement")], group_key="announcement"
)
NOTHING: Any = SimpleNamespace(timeout_s=10.0)
WORST_BYTES = 6
"""Of one character, as JSON has it."""


@pytest.mark.parametrize("character", ["a", "百", "\N{GRINNING FACE}", '"', "\x01"])
@pytest.mark.parametrize("length", [100, 900, 1_400, 1_500, 10_000])
def test_a_text_is_cut_where_the_room_ends(character, length):
    text = character * length
    shown = Pushing(NOTHING, NOTHING, at_once=1).compose(FACTS, [Rendered("題", text, "/x")])
    payload = msgspec.json.encode(shown)
    assert len(payload) <= PAYLOAD_BYTES
    if shown.body != text:
        assert shown.body.endswith("…") and text.startswith(shown.body[:-1])
        assert len(payload) > PAYLOAD_BYTES - WORST_BYTES
