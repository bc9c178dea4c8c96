"""For every serving process: ending by signals, and less garbage collection."""

import asyncio
import gc
import math
import signal

AGAIN_S = 0.5
"""A signal to a whole process group comes more than once: make and other wrappers pass it on."""


def ended_by_signals() -> asyncio.Event:
    """An event that the first SIGINT or SIGTERM sets; one that comes later than `AGAIN_S` after it
    cancels the calling task.
    """
    ended = asyncio.Event()
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    again_at = math.inf

    def end() -> None:
        nonlocal again_at
        if not ended.is_set():
            again_at = loop.time() + AGAIN_S
        elif loop.time() > again_at and task is not None:
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
