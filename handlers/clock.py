"""The server's time."""

from datetime import UTC, datetime

from handlers.caller import Caller
from protocol.replies import PingReply
from protocol.requests import Ping
from protocol.text import format_time


async def ping(_caller: Caller, _request: Ping) -> PingReply:
    """Answers with the time, to the millisecond."""
    return PingReply(format_time(datetime.now(UTC)))
