"""What every process of ours does that serves: it ends when it is told to, and collects less."""

import asyncio
import gc
import signal


def ended_by_signals() -> asyncio.Event:
    """An event that the first SIGINT or SIGTERM sets; the second cancels the task that asked."""
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
    """Leave what start-up made out of garbage collection, and look at the rest less often.

    A busy process makes hundreds of thousands of objects a second, nearly all freed by their
    counts: at Python's thresholds the collector takes a seventh of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)
