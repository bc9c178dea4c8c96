"""Each limit is read by the code and held by a test: none is a number that nobody keeps."""

import inspect
import re
from pathlib import Path

import pytest

from protocol.limits import Limits
from server.ws.session import limits_in_force
from tests.integration.limits import (
    test_of_connections,
    test_of_content,
    test_of_files,
    test_of_frames,
    test_of_pages,
    test_of_rates,
    test_of_requests,
)

ROOT = Path(__file__).parents[3]
CODE = "\n".join(
    path.read_text(encoding="utf-8")
    for package in ("handlers", "server", "storage")
    for path in sorted((ROOT / package).rglob("*.py"))
)
TESTS = {
    name
    for module in (
        test_of_connections,
        test_of_content,
        test_of_files,
        test_of_frames,
        test_of_pages,
        test_of_rates,
        test_of_requests,
    )
    for name in vars(module)
}
# What the client is told; reading them there keeps nothing.
TOLD = inspect.getsource(limits_in_force)


@pytest.mark.parametrize("limit", Limits.__struct_fields__)
def test_none_is_dead(limit):
    kept = CODE.replace(TOLD, "")
    assert kept != CODE
    assert re.search(rf"limits\.{limit}\b", kept), f"nobody reads {limit}"
    assert any(name.startswith(f"test_{limit}") for name in TESTS), f"no test of {limit}"
