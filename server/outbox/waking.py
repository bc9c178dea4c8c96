"""The pause of a task that looks again by itself, or at once when it is woken."""

import asyncio


async def rest(woken: asyncio.Event, pause_s: float) -> None:
    """Wait so long, or until the event is set, which it is no more afterwards."""
    try:
        async with asyncio.timeout(pause_s):
            await woken.wait()
    except TimeoutError:
        pass
    woken.clear()
