"""Figures, seats, and what is asked of the machine."""

import math
import resource

import pytest

from loadtests.bench import figures, history, rounds
from loadtests.bench.drivers.crowd import Seat, hello, take
from loadtests.bench.drivers.dialect import RefusedError
from loadtests.bench.drivers.http_asker import written
from loadtests.bench.notifications import Arrivals
from loadtests.bench.target import descriptors
from loadtests.bench.target.accounts import Login
from loadtests.bench.target.instance import APP, POSTGRES, REDIS


def test_a_quantile_is_one_of_the_values():
    values = [float(number) for number in range(1, 101)]
    assert figures.quantile(values, 0.5) == 51
    assert figures.quantile(values, 0.99) == 100
    assert math.isnan(figures.quantile([], 0.5))


def test_costs_are_of_each_group_and_of_all_a_unit():
    cpu = {APP: 0.2, POSTGRES: 0.1, REDIS: 0.1, "driver": 5.0}
    rows = figures.costs("a page", [cpu], [1_000])
    assert rows["CPU µs a page: app"] == [pytest.approx(200.0)]
    assert rows["CPU µs a page: together"] == [pytest.approx(400.0)]


def test_a_table_has_the_median_and_the_spread():
    last = figures.table("title", {"pages/s": [3.0, 1.0, 1234.0]}).splitlines()[-1]
    assert last.split() == ["pages/s", "3.00", "1.00", "1,234"]


def test_a_seat_goes_on_from_where_it_was():
    seat = Seat(Login("user", "token", 0.0), "room")
    assert b"resume" not in hello(seat)
    take(seat, {"re": 1, "d": {"epoch": "e", "offset": "5-0", "resumed": True, "missed": 1}})
    assert seat.waits == "events"
    take(seat, {"ev": "message.created", "at": "6-0", "d": {"rev": 7}})
    assert seat.waits == ""
    assert b'"resume":{"epoch":"e","offset":"6-0","revs":{"room":7}}' in hello(seat)


def test_a_refused_hello_ends_a_run():
    seat = Seat(Login("user", "token", 0.0))
    with pytest.raises(RefusedError, match="unauthenticated"):
        take(seat, {"re": 1, "error": {"code": "unauthenticated"}})


def test_who_is_told_to_try_again_does():
    seat = Seat(Login("user", "token", 0.0))
    take(seat, {"re": 1, "error": {"code": "unavailable", "retryable": True}})
    assert seat.waits == "again"


@pytest.mark.parametrize(
    ("heard", "complaint"),
    [
        ([("a", 0), ("b", 1), ("a", 2)], "1 were lost, 0 came twice, 0 to somebody else"),
        ([("a", 0), ("b", 1), ("a", 2), ("b", 3), ("a", 2)], "0 were lost, 1 came twice"),
        ([("a", 0), ("b", 1), ("b", 2), ("b", 3)], "0 came twice, 1 to somebody else"),
    ],
    ids=["lost", "doubled", "astray"],
)
def test_a_notification_that_does_not_arrive_once_breaks_a_round(heard, complaint):
    seats = {name: Seat(Login(name, "token", 0.0)) for name in ("a", "b")}
    arrivals = Arrivals([seat.login for seat in seats.values()], 4)
    for name, number in heard:
        event = b'{"ev":"notification.created","d":{"data":{"version":%d,"resource":"jobs"}}}'
        arrivals.take(seats[name], event % number)
    with pytest.raises(rounds.BrokenRoundError, match=complaint):
        arrivals.check()


def test_notifications_that_each_arrive_once_are_whole():
    seats = [Seat(Login(name, "token", 0.0)) for name in ("a", "b")]
    arrivals = Arrivals([seat.login for seat in seats], 4)
    arrivals.take(
        seats[0], b'{"ev":"notification.updated","d":{"data":{"version":0,"resource":""}}}'
    )
    for number in (3, 0, 2, 1):
        assert not arrivals.is_whole
        event = b'{"ev":"notification.created","d":{"data":{"version":%d,"resource":"jobs"}}}'
        arrivals.take(seats[number % 2], event % number)
    assert arrivals.is_whole
    arrivals.check()


def test_pages_of_each_kind_lie_where_it_says():
    filled = history.Filled("room", 1_000, [300, 700])
    where = history.positions(filled)
    assert where["newest"]() == 1_001
    assert 500 <= where["middle"]() < 600
    assert 51 <= where["oldest"]() <= 150
    assert where["across months"]() in {325, 725}


def test_a_request_is_whole():
    assert written("Host: h\r\n", "GET", "/p", None) == b"GET /p HTTP/1.1\r\nHost: h\r\n\r\n"
    head, _, body = written("Host: h\r\n", "POST", "/p", {"a": "ü"}).partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head


def test_too_many_sockets_are_refused_with_the_limit_named():
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (600, hard))
    descriptors.allow(hard - descriptors.SPARE)
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == hard
    with pytest.raises(descriptors.TooFewDescriptorsError, match=f"{hard:,}"):
        descriptors.allow(hard)
