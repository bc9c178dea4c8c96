"""A process of its own that tells announcements, to be killed: `python -m … URL`."""

import asyncio
import sys

from server.notifications.announcing import Announcing
from storage.database.postgres import connect_pool
from storage.notifications.announcements import Announcements


async def main(url: str) -> None:
    """Until nothing is left, so slowly that it is killed before."""
    pool = await connect_pool(url, size=2, statement_timeout_ms=5000)
    await Announcing(Announcements(pool, 100), lambda: None, 1000).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
