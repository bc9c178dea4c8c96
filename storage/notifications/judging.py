"""What deliveries are judged by, read for a whole batch in one statement, on the primary."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import msgspec
import orjson
import structlog

from protocol.errors import RequestError
from protocol.notifications.digests import digest_due
from protocol.notifications.judgement import Person, Snapshot, Told, Way
from protocol.notifications.quiet_hours import QuietHours, quiet_until
from storage.database.bounded import database_within
from storage.database.postgres import LATE
from storage.database.queries import load_queries
from storage.notifications.deliveries import CALL_S, Ref
from storage.notifications.switches import SWITCHES

log = structlog.get_logger()

_SQL = load_queries("notifications/judging")
_SETTINGS = list(SWITCHES.values())
_GONE = frozenset({"deleted", "anonymized"})
_NEEDED = frozenset({"security", "payment"})
"""What somebody who is suspended is still told."""
DIGEST = "digest"
DIGEST_MOST = 1000
"""A digest carries at most so many, the newest."""
DIGEST_SHOWN = 20
"""So many of them are told; the others are counted."""
_DIGESTED = [
    category for category, channel in SWITCHES if channel == "email" and category != DIGEST
]
PUSH_LASTS = dt.timedelta(days=1)
"""A push that its provider has kept back for so long is of no use any more."""


class Item(msgspec.Struct, frozen=True):
    """A notification as it is told: type and facts, no words."""

    id: UUID
    user_id: UUID
    type: str
    category: str
    data: Mapping[str, Any]
    count: int
    subject_type: str | None
    subject_id: UUID | None
    seq: int | None
    actor_id: UUID | None


class Browser(NamedTuple):
    """A device that takes pushes: its endpoint's URL, and the keys of its subscription."""

    id: UUID
    platform: str
    endpoint: str
    p256dh: bytes
    auth: bytes


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery, what it tells, and to whom, as of `now`; `snapshot` is of that moment.

    `items` are what it carries: one notification, or a digest's, of which the first `DIGEST_SHOWN`
    have `data`. `tells` is how far it tells (see `delivery_told`). `cap_left` is how many more of
    its person and channel may go for now, those of this batch among them, but for those that were
    tried before and are counted (`is_counted`), and `cap_free_at` when there is room again.
    `device` is None where it is gone, or its login has ended.
    """

    ref: Ref
    channel: str
    group_key: str
    category: str
    priority: str
    attempts: int
    message_id: str | None
    now: dt.datetime
    email: str | None
    device: Browser | None
    locale: str
    shows_text: bool
    tells: int | None
    expires_at: dt.datetime | None
    digest_at: dt.datetime | None
    cap_left: int
    is_counted: bool
    cap_free_at: dt.datetime
    items: Sequence[Item]
    snapshot: Snapshot

    @property
    def is_digest(self) -> bool:
        """Whether it tells of what has come together in a window of time."""
        return self.group_key == DIGEST


class Judging:
    """Reads facts. All methods raise `RequestError` (`unavailable`)."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]") -> None:
        self._pool = pool

    async def facts(self, refs: Sequence[Ref]) -> list[Facts]:
        """The facts of deliveries; none of one that is not there.

        What digests carry is read by a second statement, if there are any.
        """
        rows = await self._rows("facts", refs, _SETTINGS)
        held = {ref.id: ref for ref in refs}
        digests = [held[row["id"]] for row in rows if row["group_key"] == DIGEST]
        found: dict[UUID, list[asyncpg.Record]] = {ref.id: [] for ref in digests}
        if digests:
            off = [c for c in _DIGESTED if SWITCHES[c, "email"] in rows[0]["off"]]
            bounds = (DIGEST_MOST, DIGEST_SHOWN)
            for row in await self._rows("digest_items", digests, _DIGESTED, off, *bounds):
                found[row["delivery_id"]].append(row)
        return [_facts(held[row["id"]], row, found.get(row["id"])) for row in rows]

    async def _rows(self, name: str, refs: Sequence[Ref], *more: object) -> list[asyncpg.Record]:
        """The rows of a query. If it takes too long for all, it is asked for half of them, twice:
        those that take long must not keep the others waiting for ever.
        """
        users, ids = [ref.user_id for ref in refs], [ref.id for ref in refs]
        try:
            async with database_within(CALL_S):
                return await self._pool.fetch(_SQL[name], users, ids, *more)
        except RequestError as error:
            if len(refs) == 1 or not isinstance(error.__cause__, LATE):
                raise
        log.warning("judging_late", query=name, deliveries=len(refs))
        half = len(refs) // 2
        return [
            *await self._rows(name, refs[:half], *more),
            *await self._rows(name, refs[half:], *more),
        ]


def _facts(ref: Ref, row: asyncpg.Record, digested: Sequence[asyncpg.Record] | None) -> Facts:
    """The facts of a row; `digested` is what waits for a digest, None for another delivery."""
    if digested is not None:
        items = [_item(one, one["id"]) for one in digested if not one["is_off"]]
    else:
        items = [] if row["notification_id"] is None else [_item(row, row["notification_id"])]
    digest_at = _digest_at(row)
    return Facts(
        ref=ref,
        channel=row["channel"],
        group_key=row["group_key"],
        category=row["category"],
        priority=row["priority"],
        attempts=row["attempts"],
        message_id=row["message_id"],
        now=row["now"],
        email=row["email"],
        device=_device(row),
        locale=row["locale"],
        shows_text=row["show_text"],
        tells=row["tells"],
        expires_at=row["expires_at"],
        digest_at=digest_at,
        cap_left=row["cap_left"],
        is_counted=row["is_counted"],
        cap_free_at=row["cap_free_at"],
        items=items,
        snapshot=_snapshot(row, items, digest_at, is_all_off=bool(digested) and not items),
    )


def _snapshot(
    row: asyncpg.Record, items: Sequence[Item], digest_at: dt.datetime | None, *, is_all_off: bool
) -> Snapshot:
    channel, category, now = row["channel"], row["category"], row["now"]
    return Snapshot(
        channel=channel,
        category=category,
        priority=row["priority"],
        now=now,
        told=Told() if is_all_off else _told(row, items),
        person=Person(
            is_open=_is_open(row["account"], category),
            wants=_wants(row, channel, category),
            snooze_until=row["snooze_until"],
            quiet_until=quiet_until(now, row["zone"], _hours(row["quiet_hours"])),
            digest_at=None if row["group_key"] == DIGEST else digest_at,
        ),
        way=Way(
            is_switched_off=is_all_off or SWITCHES.get((category, channel)) in row["off"],
            is_gone=channel == "push" and row["device_id"] is None,
            is_suppressed=channel == "email" and row["email"] is None,
            again_at=row["again_at"],
            window_ends=digest_at if _is_early(row) else None,
        ),
        held_since=row["held_since"],
        hold=dt.timedelta(seconds=row["hold_s"]),
    )


def _told(row: asyncpg.Record, items: Sequence[Item]) -> Told:
    if not items:
        # All of a digest is read, or what a delivery told is not there any more.
        return Told(is_read=True, is_deleted=True)
    if row["group_key"] == DIGEST:
        return Told(is_replaced=row["is_followed"])
    told, tells, is_fresh = row["told"], row["tells"], row["is_fresh"]
    is_urgent = row["priority"] == "urgent"
    was_told = not is_urgent and told is not None and told >= tells
    # Without a message that is left there is nothing to tell.
    is_stale = is_fresh is False and not was_told
    return Told(
        is_read=row["is_read"],
        ended=row["ended"],
        is_deleted=is_stale,
        has_left=row["has_left"],
        is_blocked=row["is_blocked"] and (is_fresh is None or is_stale),
        is_muted=row["is_muted"],
        is_replaced=row["is_followed"] or was_told,
        expires_at=_expires_at(row),
    )


def _expires_at(row: asyncpg.Record) -> dt.datetime | None:
    """When what it tells is over; a push tells what has just happened, hence for a while only."""
    own: dt.datetime | None = row["expires_at"]
    if row["channel"] != "push" or row["tried_since"] is None:
        return own
    ends: dt.datetime = row["tried_since"] + PUSH_LASTS
    return ends if own is None else min(own, ends)


def _is_open(account: str, category: str) -> bool:
    return account not in _GONE and (account != "suspended" or category in _NEEDED)


def _wants(row: asyncpg.Record, channel: str, category: str) -> bool | None:
    if row["group_key"] == DIGEST:
        return True
    chosen: bool | None = orjson.loads(row["chosen"]).get(f"{category}:{channel}")
    return chosen


def _hours(said: str) -> list[QuietHours]:
    return [
        QuietHours(
            hours["weekday"],
            dt.time.fromisoformat(hours["from"]),
            dt.time.fromisoformat(hours["until"]),
        )
        for hours in orjson.loads(said)
    ]


def _digest_at(row: asyncpg.Record) -> dt.datetime | None:
    """The end of the window of the person's digests that lasts now."""
    if row["digest"] == "off":
        return None
    return digest_due(
        row["now"], row["zone"], row["digest"], row["digest_hour"], row["digest_weekday"]
    )


def _device(row: asyncpg.Record) -> Browser | None:
    if row["device_id"] is None:
        return None
    return Browser(row["device_id"], row["platform"], row["token"], row["p256dh"], row["auth"])


def _is_early(row: asyncpg.Record) -> bool:
    """Whether a digest is judged before its window ends: its person has set another time."""
    early: bool = row["group_key"] == DIGEST and row["now"].timestamp() < row["edition"]
    return early


def _item(row: asyncpg.Record, id_: UUID) -> Item:
    """What is told of messages is the newest that is unread, and who wrote those that are."""
    data, seq, actor_id = orjson.loads(row["data"]), row["seq"], row["actor_id"]
    if row["sender_ids"]:
        senders = list(dict.fromkeys(row["sender_ids"]))
        seq, actor_id = row["newest"], senders[0]
        if "senders" in data:
            data["senders"] = [str(sender) for sender in senders]
    return Item(
        id_,
        row["user_id"],
        row["type"],
        row["category"],
        data,
        row["count"],
        row["subject_type"],
        row["subject_id"],
        seq,
        actor_id,
    )
