"""Judges deliveries of one channel at the last moment, a whole batch by facts of one moment."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
import structlog

from protocol.errors import RequestError
from protocol.notifications.judgement import Cap, Send, Verdict, cap_of, judge
from protocol.notifications.rendering import Rendered
from server.notifications.breaker import Breakers
from server.notifications.outcomes import judged
from server.notifications.send_queue import Judged, by_priority
from server.notifications.sender import Sender
from storage.notifications.deliveries import Digested, Outcome, Ref
from storage.notifications.judging import Facts, Judging

log = structlog.get_logger()

Active = Callable[[Sequence[UUID]], Awaitable[Mapping[UUID, datetime]]]
"""When each person who is active no longer is."""
Words = Callable[[Sequence[Facts]], Awaitable[Mapping[UUID, Sequence[Rendered]]]]
"""What each delivery tells, in its reader's language, by its id."""


@dataclass(slots=True)
class Batch:
    """What is to go, what is not, and what could not be judged, or is not there any more."""

    sends: list[Judged] = field(default_factory=list)
    others: list[Outcome | Digested] = field(default_factory=list)
    lost: list[Ref] = field(default_factory=list)


class BatchJudge:
    """The judge of one channel."""

    def __init__(
        self, judging: Judging, sender: Sender, breakers: Breakers, active: Active, words: Words
    ) -> None:
        self._judging = judging
        self._sender = sender
        self._breakers = breakers
        self._active = active
        self._words = words

    async def judge(self, refs: Sequence[Ref]) -> Batch:
        """Judge these. One that cannot be judged keeps no other.

        Raises `RequestError` where PostgreSQL is away.
        """
        batch = Batch()
        await self._into(batch, refs)
        return batch

    async def _into(self, batch: Batch, refs: Sequence[Ref]) -> None:
        try:
            found = await self._judged(refs)
        except RequestError:
            raise
        except Exception:  # halved down to the one at fault
            if len(refs) > 1:
                half = len(refs) // 2
                await self._into(batch, refs[:half])
                await self._into(batch, refs[half:])
            else:
                log.exception("delivery_not_judged", deliveries=[str(ref.id) for ref in refs])
                batch.lost += refs
        else:
            batch.sends += found.sends
            batch.others += found.others
            batch.lost += found.lost

    async def _judged(self, refs: Sequence[Ref]) -> Batch:
        judged_at = asyncio.get_running_loop().time()
        facts = await self._judging.facts(refs)
        verdicts = await self._verdicts(facts)
        going = [one for one, verdict in verdicts if isinstance(verdict, Send)]
        words = await self._words(going) if going else {}
        return Batch(
            [
                Judged(one, words[one.ref.id], self._sender.provider(one), judged_at)
                for one in going
            ],
            [judged(one, verdict) for one, verdict in verdicts if not isinstance(verdict, Send)],
            list(set(refs) - {one.ref for one in facts}),
        )

    async def _verdicts(self, facts: Sequence[Facts]) -> list[tuple[Facts, Verdict]]:
        """Of all; of what a cap has no room for, the most urgent go."""
        active = await self._active([one.ref.user_id for one in facts])
        unreachable = set(await self._sender.unreachable(facts))
        found: list[tuple[Facts, Verdict]] = []
        going: Counter[tuple[UUID, Cap]] = Counter()
        for one in sorted(facts, key=by_priority):
            person, cap = one.ref.user_id, cap_of(one.category)
            is_full = going[person, cap] >= one.cap_left
            verdict = judge(
                msgspec.structs.replace(
                    one.snapshot,
                    person=msgspec.structs.replace(
                        one.snapshot.person, active_until=active.get(person)
                    ),
                    way=msgspec.structs.replace(
                        one.snapshot.way,
                        is_suppressed=one.snapshot.way.is_suppressed or one.ref.id in unreachable,
                        capped_until=one.cap_free_at if is_full else None,
                        back_at=self._back_at(one),
                    ),
                )
            )
            if isinstance(verdict, Send) and not one.is_counted:
                going[person, cap] += 1
            found.append((one, verdict))
        return found

    def _back_at(self, one: Facts) -> datetime | None:
        waits_s = self._breakers.waits_s(self._sender.provider(one), one.ref.user_id)
        return one.now + timedelta(seconds=waits_s) if waits_s else None
