"""What Prometheus is told of deliveries by e-mail and push."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_SEND_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class DeliveryMetrics:
    """What the deliveries of a process came to, and how old the oldest of all is."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter(
            "parley_deliveries",
            "Deliveries judged or tried, by what they came to",
            ["channel", "state", "reason"],
            registry=registry,
        )
        self._send_s = Histogram(
            "parley_delivery_send_seconds",
            "Time of handing one over",
            ["channel"],
            buckets=_SEND_S,
            registry=registry,
        )
        self._oldest_s = Gauge(
            "parley_deliveries_oldest_due_seconds",
            "For how long the oldest delivery of a channel has been due",
            ["channel"],
            registry=registry,
        )

    def ended(self, channel: str, state: str, reason: str | None) -> None:
        """A delivery has got this state, of a fixed set, for this reason, of a fixed set."""
        self._ended.labels(channel, state, reason or "").inc()

    def sent(self, channel: str, seconds: float) -> None:
        """Something was handed over, or was not taken, after so long."""
        self._send_s.labels(channel).observe(seconds)

    def oldest_due(self, channel: str, seconds: float) -> None:
        """The oldest delivery by a channel, of all processes, has been due for so long."""
        self._oldest_s.labels(channel).set(seconds)
