"""What Prometheus is told of what is done again and again."""

from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from storage.schedules import Standing


class ScheduleMetrics:
    """What the runs of a process came to, and how all schedules stand."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter(
            "parley_schedules",
            "Runs of schedules, by what they came to",
            ["schedule", "outcome"],
            registry=registry,
        )
        self._late_s = Gauge(
            "parley_schedule_late_seconds",
            "For how long a schedule has been due and is not done",
            ["schedule"],
            registry=registry,
        )
        self._failures = Gauge(
            "parley_schedule_failures",
            "How often a schedule has failed in a row",
            ["schedule"],
            registry=registry,
        )

    def ended(self, name: str, outcome: str) -> None:
        """A run has ended: `done` or `failed`."""
        self._ended.labels(name, outcome).inc()

    def stand(self, standings: Sequence[Standing]) -> None:
        """How the schedules of all processes stand."""
        for one in standings:
            self._late_s.labels(one.name).set(max(0.0, one.late_s))
            self._failures.labels(one.name).set(one.failures)
