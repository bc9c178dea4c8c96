"""docs/demo.md, written anew by `.venv/bin/python -m tests.demo_page`; a test compares both."""

import asyncio
import sys
from pathlib import Path

from tests.directories import server_directory
from tests.program import parley_within

PAGE = Path(__file__).parents[1] / "docs" / "demo.md"
PLAYED_S = 180.0
"""A new PostgreSQL with all its migrations, both stories, and the end, on a slow machine."""

_INTRODUCTION = """\
# The demonstration

`parley demo` plays the two stories of a marketplace from their beginning to their end: a job that
is posted, awarded, delivered, revised and paid for, and a gig that is ordered, disputed, settled
and paid out. Three people play over HTTP: a client, a freelancer and, where money leaves, staff.
The first two have a socket open.

```
.venv/bin/parley demo                                   # on an instance of its own
.venv/bin/parley demo --url http://127.0.0.1:8080       # on the server that `make run` has started
```

The first starts an instance in a temporary directory and takes it down at the end. With
`PARLEY_TEST_CLOCK` set, as it is there, `POST /v1/test-clock` moves the clock of workflows, so that
money clears at once that would take five days. On a server that others use no clock is moved: the
second plays with the sample people, whose money of earlier contracts has cleared, and leaves out
what would need days.

Each step is a request (`>`), its answer (`<`, with the actions that come next), and what both
sockets heard of it (`*`): events of rows in their order, then what the contract's conversation
says. The demonstration fails, with the step's name and exit code 1, when an answer is another one,
when an event is missing, comes twice, in another order, or is none of the story's. Ids are shown by
short names; each POST has an `Idempotency-Key` of its own.

What it printed; `.venv/bin/python -m tests.demo_page` writes it anew, and a test compares both.

```
"""


def page(played: str) -> str:
    """The page with a transcript."""
    return f"{_INTRODUCTION}{played}```\n"


async def main() -> int:
    """Play, and write the page."""
    with server_directory() as directory:
        ended = await parley_within(PLAYED_S, "demo", data_dir=directory)
    if ended.code:
        sys.stderr.write(ended.complaint)
        return 1
    PAGE.write_text(page(ended.output), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
