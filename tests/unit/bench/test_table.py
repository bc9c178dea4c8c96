"""Systems side by side: medians, how far the rounds lie apart, multiples of the first."""

from loadtests.bench.measured import Round, rows, server_rows
from loadtests.peers.table import comparison


def a_round(arrived: int, app_s: float) -> Round:
    cpu = {"app": app_s, "PostgreSQL": 0.2, "Redis": 0.1, "driver": 0.3, "others": 0.0}
    return Round(
        seconds=2.0, arrived=arrived, to_reply=(0.001, 0.002), to_received=(0.003, 0.01), cpu=cpu
    )


def lines(text: str) -> dict[str, list[str]]:
    """The last of the lines with each name: `name: the cells`."""
    return {line[:36].strip(): line[36:].split() for line in text.splitlines()[1:]}


def test_costs_are_of_each_that_arrived():
    told = rows("delivery", [a_round(10_000, app_s=0.5)])
    assert told["deliveries/s"] == [5_000]
    assert told["CPU µs a delivery: app"] == [50.0]
    assert told["CPU µs a delivery: together"] == [80.0]
    assert [round(one, 2) for one in told["CPU together, as multiples of the driver's"]] == [2.67]
    assert told["send to received, p99 ms"] == [10.0]


def test_every_row_that_is_compared_is_one():
    assert set(server_rows("message")) <= set(rows("message", [a_round(1, 1.0)]))
    assert "messages/s" in server_rows("message")


def test_the_median_stands_with_the_farthest_round():
    held = [a_round(arrived, 0.5) for arrived in (8_000, 10_000, 11_000)]
    text = comparison("a title", {"Parley": rows("message", held)})
    assert text.splitlines()[0] == "a title"
    assert lines(text)["messages/s"] == ["5,000", "±20%"]


def test_the_others_are_multiples_of_the_first():
    systems = {
        "Parley": rows("message", [a_round(10_000, 0.5)]),
        "slow": rows("message", [a_round(5_000, 0.5)]),
    }
    told = lines(comparison("", systems, compared=server_rows("message")))
    assert told["messages/s"] == ["0.50", "x"]
    assert told["CPU µs a message: app"] == ["2.00", "x"]
    assert told["send to received, p99 ms"] == ["1.00", "x"]
