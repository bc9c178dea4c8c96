"""For every serving process: ending by signals, and less garbage collection."""

import asyncio
import gc
import signal


def ended_by_signals() -> asyncio.Event:
    """An event that the first SIGINT or SIGTERM sets; the second cancels the calling task."""
    ended = asyncio.Event()
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()

    def end() -> None:
        if ended.is_set() and task is not None:
            task.cancel()
        ended.set()

    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, end)
    return ended


def collect_less() -> None:
    """Exclude the objects of start-up from garbage collection, and collect the rest less often.

    A busy process creates hundreds of thousands of objects a second, nearly all freed by their
    reference counts: at Python's thresholds the collector takes a seventh of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
