"""What Prometheus is told of timers."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from storage.workflows.timers import TimerFigures


class TimerMetrics:
    """What the timers of a process came to, and how all of them stand."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter(
            "parley_timers", "Timers tried, by what they came to", ["outcome"], registry=registry
        )
        self._parked = Gauge(
            "parley_timers_parked", "Timers that failed too often", registry=registry
        )
        self._paused = Gauge(
            "parley_timers_paused", "1 while timers that move money wait", registry=registry
        )

    def tried(self, outcome: str) -> None:
        """`done`, `late` where another process had been there, `failed` or `parked`."""
        self._ended.labels(outcome).inc()

    def stand(self, figures: TimerFigures) -> None:
        """How the timers of all processes stand."""
        self._parked.set(figures.parked)
        self._paused.set(figures.is_paused)
