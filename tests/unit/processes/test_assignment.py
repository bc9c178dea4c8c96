"""What a worker is told arrives whole, with its doors; nothing arrives from one who is gone."""

import contextlib
import socket

import pytest

from server.processes.assignment import (
    ALIVE,
    Assignment,
    answer,
    ask,
    give,
    has_answered,
    take,
)


@pytest.fixture
def pair():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@pytest.mark.parametrize("size", [1, 100_000])
def test_it_arrives_whole_with_both_doors(pair, size):
    ours, theirs = pair
    ours.setblocking(False)
    told = Assignment("3", {"secret_key": "x" * size}, "figures")
    here = ("127.0.0.1", 0)
    with socket.create_server(here) as ws, socket.create_server(here) as http:
        give(ours, told, ws.fileno(), http.fileno())
        taken = take(theirs)
        assert taken is not None
        assignment, place = taken
        assert assignment == told
        assert (place.worker, place.figures.name) == ("3", "figures")
        with place.ws, place.http:
            assert place.ws.getsockname() == ws.getsockname()
            assert place.http.getsockname() == http.getsockname()


def test_who_is_never_told_anything_hears_the_end(pair):
    ours, theirs = pair
    ours.close()
    assert take(theirs) is None


def test_a_question_is_answered_and_the_end_is_heard(pair):
    ours, theirs = pair
    assert answer(theirs), "nothing was asked"
    assert not has_answered(ours)
    for _ in range(3):
        ask(ours)
    assert answer(theirs)
    assert has_answered(ours)
    assert not has_answered(ours)
    ours.close()
    assert not answer(theirs)


def test_neither_waits_for_the_other(pair):
    ours, theirs = pair
    ours.setblocking(False)
    for _ in range(100_000):
        ask(ours)
    filled = 0
    with contextlib.suppress(BlockingIOError):
        while True:
            filled += theirs.send(ALIVE * 4096, socket.MSG_DONTWAIT)
    assert filled
    assert answer(theirs), "there is no room for the answer, and nothing is wrong"
    theirs.close()
    ask(ours)
    while has_answered(ours):
        pass
