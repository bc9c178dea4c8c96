"""What the other process carries out: gigs that pause by themselves, and take a moment for it."""

import asyncio
from typing import Any

from protocol.machine import Due
from storage.workflows.rows import Row
from storage.workflows.work import Work
from tests.integration.transitions.timers.toy import toy

PAUSE = Due("pause", "milestone_approval_days", reminds=True)


async def _slowly(_work: Work, _row: Row, _body: Any) -> None:
    await asyncio.sleep(0.02)


WORKFLOWS = {"gig": toy(PAUSE, effect=_slowly)}
