"""The figures of several workers on one page."""

from prometheus_client.parser import text_string_to_metric_families

from server.telemetry.metrics import Metrics
from server.telemetry.worker_metrics import merged
from storage.outbox.figures import OutboxFigures


def figures(outbox_s: float, op: str = "message.send") -> bytes:
    metrics = Metrics()
    metrics.outbox(OutboxFigures({"realtime": outbox_s}, {}, {("realtime", "odd"): 1}, {}))
    metrics.command(op, "ok", 0.01)
    metrics.request("GET", 'a "quoted" {route}', 200, 0.1)
    return metrics.text()


def test_every_sample_says_whose_it_is_and_nothing_else_changes():
    own = {"1": figures(0.5), "2": figures(2.0, "ping")}
    page = merged(own).decode()
    found = list(text_string_to_metric_families(page))
    assert len({family.name for family in found}) == len(found), "a family stands in one place"
    told = {
        (sample.name, frozenset(sample.labels.items()), sample.value)
        for family in found
        for sample in family.samples
    }
    expected = {
        (sample.name, frozenset((sample.labels | {"worker": worker}).items()), sample.value)
        for worker, text in own.items()
        for family in text_string_to_metric_families(text.decode())
        for sample in family.samples
    }
    assert told == expected
    assert page.count("# TYPE parley_outbox_age_seconds ") == 1


def test_one_that_has_families_of_its_own_is_told_too():
    page = merged({"1": b"# HELP a b\n# TYPE a gauge\na 1.0\n", "2": b""})
    assert page == b'# HELP a b\n# TYPE a gauge\na{worker="1"} 1.0\n'
