"""Where a test reads and moves the clock of workflows, on an instance that is set to let it."""

from typing import Annotated

import msgspec
from aiohttp import web

from protocol.text import Time, format_time
from server.http.route_helpers import read_body, reply
from storage.workflows.clock import MovedClock, WorkflowClock

PATH = "/v1/test-clock"
MOST_S = 10 * 366 * 86_400
"""At once: ten years."""


class AdvanceClock(msgspec.Struct, frozen=True):
    """The clock goes on by so many seconds; as a jump, timers that move money pause."""

    advance_s: Annotated[float, msgspec.Meta(ge=0, le=MOST_S)]
    is_jump: bool = False


class ClockShown(msgspec.Struct, frozen=True):
    """The time of workflows, and how many seconds it is ahead."""

    now: Time
    ahead_s: float


def clock_routes(clock: WorkflowClock) -> list[web.RouteDef]:
    """`GET` and `POST /v1/test-clock`. They ask for no login: the setting lets everybody."""

    async def read(_request: web.Request) -> web.Response:
        return reply(200, _told(await clock.read()))

    async def advance(request: web.Request) -> web.Response:
        asked = await read_body(request, AdvanceClock)
        return reply(200, _told(await clock.advance(asked.advance_s, is_jump=asked.is_jump)))

    return [web.get(PATH, read), web.post(PATH, advance)]


def _told(moved: MovedClock) -> ClockShown:
    return ClockShown(format_time(moved.now), moved.ahead_s)
