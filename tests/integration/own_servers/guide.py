"""The scripts of the operations guide, as they stand there, for the servers of a test."""

import re
from pathlib import Path

GUIDE = Path(__file__).parents[3] / "docs" / "operations.md"
_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def script(holds: str, place: int = 0) -> str:
    """The script that holds some words; of several the one at that place. Fails without one."""
    found: list[str] = [block for block in _BLOCK.findall(GUIDE.read_text()) if holds in block]
    assert len(found) > place, f"the guide has no script with {holds!r}"
    return found[place]


def addressed(text: str, postgres_port: int, redis_url: str) -> str:
    """The script for servers on other ports."""
    assert "127.0.0.1:5432" in text
    assert "redis://127.0.0.1:6379/0" in text
    text = text.replace("127.0.0.1:5432", f"127.0.0.1:{postgres_port}")
    return text.replace("redis://127.0.0.1:6379/0", redis_url)
