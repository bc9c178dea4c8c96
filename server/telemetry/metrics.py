"""What Prometheus is told of one process."""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from protocol.errors import CLOSES
from server.telemetry.command_metrics import CommandMetrics
from server.telemetry.delivery_metrics import DeliveryMetrics
from server.telemetry.schedule_metrics import ScheduleMetrics
from server.telemetry.timer_metrics import TimerMetrics
from storage.outbox.figures import OutboxFigures

_FAST_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_ENTRIES = (1, 4, 16, 64, 256, 1024)
_CLOSE_CODES = frozenset({1000, 1001, 1006, 1011, *CLOSES})
"""Those that are worth telling apart: a peer may close with any number."""
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The figures of one process, in a registry of their own. Times in seconds."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        for collector in (ProcessCollector, PlatformCollector, GCCollector):
            collector(registry=registry)
        commands = CommandMetrics(_FAST_S)
        registry.register(commands)
        self.command = commands.observe
        """`(op, outcome, seconds)`: a command has ended; the outcome is `ok` or an error code."""
        self._request_s = _times(
            "parley_http_request_seconds", "HTTP requests", registry, "method", "route", "status"
        )
        self._group_rows = _sizes("parley_group_rows", "Messages of a commit", _ROWS, registry)
        self._commit_s = _times("parley_commit_seconds", "Time of a group's commit", registry)
        self._publish_entries = _sizes(
            "parley_publish_entries", "Log entries of a Redis call", _ENTRIES, registry
        )
        self._publish_s = _times("parley_publish_seconds", "Time of a publishing call", registry)
        self._delivery_s = _times(
            "parley_delivery_seconds", "From a message's creation to a socket's buffer", registry
        )
        self._drops = Counter(
            "parley_drops", "Events not published at once", ["reason"], registry=registry
        )
        self._closes = Counter(
            "parley_closes", "Connections ended, by close code", ["code"], registry=registry
        )
        sockets = Counter(
            "parley_sockets_closed", "Sockets ended by a limit", ["reason"], registry=registry
        )
        self.socket_closed: Callable[[str], None] = lambda reason: sockets.labels(reason).inc()
        """A socket was ended by a limit of the doors: the reason, of a fixed set."""
        self._resumes = Counter(
            "parley_resumes", "Openings that asked to resume", ["outcome"], registry=registry
        )
        self._holds = Counter("parley_holds", "Events held for those before", registry=registry)
        self._gap_fetches = Counter(
            "parley_gap_fetches", "Conversations fetched to close a gap", registry=registry
        )
        self._outbox_s = Gauge(
            "parley_outbox_age_seconds", "Age of the oldest row", ["consumer"], registry=registry
        )
        self._outbox_lag_s = _times(
            "parley_outbox_lag_seconds", "Age of a batch when worked off", registry, "consumer"
        )
        self._outbox_rows = {
            name: Gauge(f"parley_outbox_{name}", says, ["consumer", "kind"], registry=registry)
            for name, says in (
                ("unknown", "Rows of kinds that this node does not know"),
                ("aside", "Rows that are set aside"),
                ("paused", "1 for a kind that is left unclaimed"),
            )
        }
        provider_events = Counter(
            "parley_provider_events",
            "Events of the payment provider, by what they came to",
            ["state"],
            registry=registry,
        )
        self.provider_event: Callable[[str], None] = lambda s: provider_events.labels(s).inc()
        """An event of the payment provider was applied, refused, parked, or waits."""
        self.timers = TimerMetrics(registry)
        """What timers come to."""
        self.schedules = ScheduleMetrics(registry)
        """What is done again and again."""
        ledger_findings = Gauge(
            "parley_ledger_findings", "What the nightly check found", ["check"], registry=registry
        )
        self.ledger_found: Callable[[str, int], None] = lambda check, n: ledger_findings.labels(
            check
        ).set(n)
        """The ledger was checked: how much a check found."""
        self.deliveries = DeliveryMetrics(registry)
        """What deliveries by e-mail and push come to."""
        self._cache = Counter("parley_cache", "Look-ups", ["cache", "outcome"], registry=registry)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """An HTTP request was answered; `route` is the pattern, never the path."""
        known = method if method in _METHODS else "other"
        self._request_s.labels(known, route, str(status)).observe(seconds)

    def committed(self, rows: int, seconds: float) -> None:
        """A group of messages is committed."""
        self._group_rows.observe(rows)
        self._commit_s.observe(seconds)

    def published(self, entries: int, seconds: float) -> None:
        """A publishing call to Redis has ended."""
        self._publish_entries.observe(entries)
        self._publish_s.observe(seconds)

    def delivered(self, seconds: float) -> None:
        """An event of a new message went to a socket."""
        self._delivery_s.observe(seconds)

    def closed(self, code: int | None) -> None:
        """A connection has ended; None when it broke."""
        known = code in _CLOSE_CODES
        self._closes.labels(str(code) if known else "other").inc()

    def dropped(self, reason: str, count: int) -> None:
        """Events that were not published at once; durable ones follow from the outbox."""
        self._drops.labels(reason).inc(count)

    def resumed(self, outcome: str) -> None:
        """A connection asked to resume: `resumed`, or why not, of a fixed set."""
        self._resumes.labels(outcome).inc()

    def gaps_fetched(self, conversations: int) -> None:
        """Changes of so many conversations were fetched, as they did not arrive."""
        self._gap_fetches.inc(conversations)

    def held(self) -> None:
        """An event waits for those before it."""
        self._holds.inc()

    def looked_up(self, cache: str, is_hit: bool) -> None:  # noqa: FBT001  # the one thing it tells
        """Something was looked up in the cache of this name."""
        self._cache.labels(cache, "hit" if is_hit else "miss").inc()

    def watch_connections(
        self,
        count: Callable[[], float],
        queued: Callable[[], float],
        unauthenticated: Callable[[], float],
    ) -> None:
        """How many WebSockets are open, the bytes that wait for their peers, and how many sockets
        of both doors have no login; asked at a scrape.
        """
        self._watch("parley_connections", "Open sockets", count)
        self._watch("parley_unauthenticated_sockets", "Sockets without a login", unauthenticated)
        self._watch("parley_queue_bytes", "Bytes that peers have not taken yet", queued)

    def watch_pool(self, size: Callable[[], float], idle: Callable[[], float]) -> None:
        """Connections to PostgreSQL, and how many of them are idle; asked at a scrape."""
        self._watch("parley_pool_connections", "PostgreSQL connections of the pool", size)
        self._watch("parley_pool_idle", "Idle ones among them", idle)

    def outbox(self, figures: OutboxFigures) -> None:
        """How the outbox stands."""
        for consumer, age_s in figures.age_s.items():
            self._outbox_s.labels(consumer).set(age_s)
        for name, rows in (
            ("unknown", figures.unknown),
            ("aside", figures.aside),
            ("paused", figures.paused),
        ):
            self._outbox_rows[name].clear()
            for (consumer, kind), count in rows.items():
                self._outbox_rows[name].labels(consumer, kind).set(count)

    def outbox_lag(self, consumer: str, seconds: float) -> None:
        """The oldest row of a batch was so old when it was worked off."""
        self._outbox_lag_s.labels(consumer).observe(seconds)

    def text(self) -> bytes:
        """All figures, in Prometheus' text format 0.0.4."""
        return generate_latest(self.registry)

    def _watch(self, name: str, says: str, ask: Callable[[], float]) -> None:
        Gauge(name, says, registry=self.registry).set_function(ask)


def _times(name: str, says: str, registry: CollectorRegistry, *labels: str) -> Histogram:
    return Histogram(name, says, labels, buckets=_FAST_S, registry=registry)


def _sizes(
    name: str, says: str, buckets: tuple[int, ...], registry: CollectorRegistry
) -> Histogram:
    return Histogram(name, says, buckets=buckets, registry=registry)
