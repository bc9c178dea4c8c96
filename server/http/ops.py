"""What operators and their programs ask: is it alive, is it ready, how does it do."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Literal

import msgspec
from aiohttp import web
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from server.http.route_helpers import reply
from server.telemetry.metrics import Metrics
from server.telemetry.worker_metrics import Figures
from storage.database.health import HealthReport, Partitions
from storage.outbox.figures import OutboxFigures


class Readiness(msgspec.Struct, frozen=True):
    """Whether to send work here. `degraded` can do it, with something missing."""

    status: Literal["ready", "degraded", "unavailable"]
    postgresql: Literal["ok", "away"]
    redis: Literal["ok", "away"]
    partitions_months_ahead: int | None
    warnings: list[str]


class Alive(msgspec.Struct, frozen=True):
    """The process answers."""

    status: Literal["ok"] = "ok"


async def own_figures(
    outbox: Callable[[], Awaitable[OutboxFigures | None]], metrics: Metrics
) -> bytes:
    """This process' figures; the outbox is looked at for them."""
    figures = await outbox()
    if figures is not None:
        metrics.outbox(figures)
    return metrics.text()


@dataclass(frozen=True, slots=True)
class Probes:
    """What is asked for by operators' programs: the stores' health, the figures."""

    health: Callable[[], Awaitable[HealthReport]]
    figures: Figures
    is_draining: Callable[[], bool] = lambda: False


def routes(probes: Probes) -> list[web.RouteDef]:
    """`/healthz`, `/readyz` and `/metrics`. They ask for no login: a proxy should keep them in."""

    async def healthz(_request: web.Request) -> web.Response:
        return reply(200, Alive())

    async def readyz(_request: web.Request) -> web.Response:
        readiness = judge(await probes.health(), is_draining=probes.is_draining())
        return reply(503 if readiness.status == "unavailable" else 200, readiness)

    async def metrics(_request: web.Request) -> web.Response:
        return web.Response(
            body=await probes.figures(), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4}
        )

    return [
        web.get("/healthz", healthz),
        web.get("/readyz", readyz),
        web.get("/metrics", metrics),
    ]


def judge(report: HealthReport, *, is_draining: bool) -> Readiness:
    """What the answers mean: nothing goes without PostgreSQL or the service's role there.

    Most goes without Redis, or without what the marketplace alone stands on. All nodes lack that at
    once: a balancer that took them out for it would end the conversations too.
    """
    warnings = []
    partitions = report.partitions
    if is_draining:
        warnings.append("draining: connect to another node")
    if partitions is None and not report.is_service_lost:
        warnings.append("PostgreSQL does not answer: nothing can be done")
    elif partitions is not None and partitions.short:
        warnings.append(_running_short(partitions))
    warnings += report.lacking
    if not report.is_redis_there:
        warnings.append("Redis does not answer: no typing and presence, events come late")
    status: Literal["ready", "degraded", "unavailable"] = "degraded" if warnings else "ready"
    is_unavailable = is_draining or partitions is None or report.is_service_lost
    return Readiness(
        status="unavailable" if is_unavailable else status,
        postgresql="away" if partitions is None else "ok",
        redis="ok" if report.is_redis_there else "away",
        partitions_months_ahead=None if partitions is None else partitions.months_ahead,
        warnings=warnings,
    )


def _running_short(partitions: Partitions) -> str:
    return (
        f"partitions of {', '.join(partitions.short)} end within a month: run parley partitions, "
        "or set PARLEY_OWNER_DATABASE_URL"
    )
