"""The addresses that a start tells can be opened."""

from pathlib import Path

import pytest

from server.config import Settings
from server.processes.welcome import Ports, welcome
from server.seed import sample_for


@pytest.mark.parametrize(
    ("host", "shown", "is_everywhere"),
    [
        ("127.0.0.1", "127.0.0.1", False),
        ("0.0.0.0", "127.0.0.1", True),
        ("", "127.0.0.1", True),
        ("::", "[::1]", True),
        ("::1", "[::1]", False),
        ("2001:db8::5", "[2001:db8::5]", False),
        ("192.0.2.1", "192.0.2.1", False),
        ("chat.example", "chat.example", False),
    ],
)
def test_the_address_can_be_opened(host, shown, is_everywhere):
    settings = Settings(host=host)
    told = welcome(settings, Ports(8765, 8080), Path("data"), sample_for(is_outside=False))
    assert f"  WebSocket   ws://{shown}:8765/v1/ws\n" in told
    assert f"  HTTP        http://{shown}:8080/v1\n" in told
    assert f"  Documents   http://{shown}:8080/docs, " in told
    assert f"--url ws://{shown}:8765/v1/ws --http-url http://{shown}:8080 " in told
    assert ("every address" in told) is is_everywhere
    assert told.count("0.0.0.0") == 0
