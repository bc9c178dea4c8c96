"""Pairs that go on talking in a process of their own, beside whatever else a server is put to."""

import contextlib
import multiprocessing
from collections.abc import Sequence
from multiprocessing.connection import Connection as Pipe
from typing import Self

from loadtests.bench import figures
from loadtests.bench.drivers import parley
from loadtests.bench.drivers.turns import StalledError, Turns
from loadtests.bench.target.accounts import Login

_WARM_UP_S = 0.5
_LISTEN_S = 0.1
_END_S = 30.0
_ANSWER_S = 60.0


class LivePairsError(Exception):
    """The process of the pairs ended or does not answer."""


class Live:
    """Pairs that are asked now and then for their p99. Ended by `end`, or with a `with` block."""

    def __init__(self, ws_url: str, logins: Sequence[Login]) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_talk, args=(ws_url, list(logins), theirs))
        self._process.start()
        # Ours is then the only end left open, so that theirs being gone shows.
        theirs.close()
        self._answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def p99_ms(self) -> float:
        """Send to received since the last time it was asked; nan when nothing arrived.

        Raises `LivePairsError`.
        """
        self._pipe.send("p99")
        answer: float = self._answer()
        return answer

    def end(self) -> None:
        """Stop talking."""
        with contextlib.suppress(OSError):
            self._pipe.send("end")
        self._process.join(_END_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(_END_S)

    def _answer(self) -> float:
        try:
            if self._pipe.poll(_ANSWER_S):
                answer: float = self._pipe.recv()
                return answer
        except EOFError:
            raise LivePairsError("the live pairs ended; their complaint stands above") from None
        raise LivePairsError("the live pairs do not answer")


def _talk(ws_url: str, logins: Sequence[Login], pipe: Pipe) -> None:
    turns = Turns()
    for one, other in zip(logins[::2], logins[1::2], strict=True):
        first, second = parley.connect(ws_url, one.token), parley.connect(ws_url, other.token)
        turns.add((first, second), *parley.direct_conversation(first, other.user_id))
    turns.begin()
    turns.run(_WARM_UP_S)
    pipe.send(0.0)
    latencies: list[float] = []
    while True:
        # That nothing arrives for a moment is a latency, which shows when it does.
        with contextlib.suppress(StalledError):
            latencies += turns.run(_LISTEN_S).to_received
        if not pipe.poll():
            continue
        if pipe.recv() == "end":
            turns.close()
            return
        pipe.send(figures.quantile(latencies, 0.99) * 1e3)
        latencies = []
