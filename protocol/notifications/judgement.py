"""Whether a delivery goes out, judged at the last moment before it would.

`RULES` is the judgement: they are asked in their order, and the first that answers decides. What
none of them minds is sent. First what makes a delivery pointless for good, then what stands in its
way for good, then what stands in its way for a time:

- Only reading cancels what a person has not been told elsewhere. Being active postpones, for so
  long in all, since whoever closes the lid five seconds later has seen nothing.
- Quiet hours and a snooze defer and drop nothing. What is urgent passes both, and is in no digest.
- E-mail about the security of an account is sent although it was read in the app, and without
  waiting: who has taken over a login must not be able to keep it from its owner.
- Caps and a provider that is away defer. `security` and `payment` have no cap, and messages have
  one of their own: whoever writes to somebody a lot keeps nothing else from them.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal, TypeAlias

import msgspec

from protocol.notifications.categories import is_on_by_default, may_be_turned_off

Cap: TypeAlias = Literal["message", "other"] | None
_UNCAPPED = frozenset({"security", "payment"})


class Reason(StrEnum):
    """Why a delivery stands as it does."""

    SENT = "sent"
    READ = "read"
    DELETED = "deleted"
    SETTLED = "settled"
    LEFT = "left"
    BLOCKED = "blocked"
    ACCOUNT_CLOSED = "account_closed"
    MUTED = "muted"
    EXPIRED = "expired"
    ACTIVE_UNTIL = "active_until"
    QUIET_UNTIL = "quiet_until"
    SNOOZED_UNTIL = "snoozed_until"
    PREFERENCE_OFF = "preference_off"
    DIGEST = "digest"
    CAPPED = "capped"
    SWITCHED_OFF = "switched_off"
    DEVICE_GONE = "device_gone"
    SUPPRESSED = "suppressed"
    REPLACED = "replaced"
    FAILED = "failed"


class Send(msgspec.Struct, frozen=True):
    """It goes out now."""


class Cancel(msgspec.Struct, frozen=True):
    """It has lost its point, and is over."""

    reason: Reason


class Defer(msgspec.Struct, frozen=True):
    """It is judged again at `until`, an aware time after the judgement's `now`."""

    until: datetime
    reason: Reason


class Suppress(msgspec.Struct, frozen=True):
    """It has a point and no way: it is over."""

    reason: Reason


Verdict = Send | Cancel | Defer | Suppress


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What a delivery tells of, as it stands at the judgement.

    `ended` is why the system has ended it (`deleted`, `settled`, `left`, `blocked`,
    `account_closed`). `is_deleted`: none of what it tells of is left. `is_replaced`: a later
    delivery tells it, or an earlier one has.
    """

    is_read: bool = False
    ended: str | None = None
    is_deleted: bool = False
    has_left: bool = False
    is_blocked: bool = False
    is_muted: bool = False
    is_replaced: bool = False
    expires_at: datetime | None = None


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Whom it is for. `wants` is what they have set for the category and channel, None: nothing.

    `active_until` is when a last command no longer counts, None where there was none of late.
    `digest_at` is the end of the digest's window that it falls into, None without digests.
    """

    is_open: bool = True
    wants: bool | None = None
    snooze_until: datetime | None = None
    quiet_until: datetime | None = None
    digest_at: datetime | None = None
    active_until: datetime | None = None


class Way(msgspec.Struct, frozen=True, kw_only=True):
    """How it would get there: the device or address, the caps, and the provider.

    `capped_until` is when a cap lets one through again, `again_at` when the same conversation may
    be told of again, `back_at` when an ailing provider is asked again. `window_ends` is of a digest
    whose time has not come.
    """

    is_switched_off: bool = False
    is_gone: bool = False
    is_suppressed: bool = False
    capped_until: datetime | None = None
    again_at: datetime | None = None
    back_at: datetime | None = None
    window_ends: datetime | None = None


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """All that is judged, as of one moment `now`. Times are aware.

    `held_since` is when it was first postponed for an active person.
    """

    channel: str
    category: str
    priority: str
    now: datetime
    told: Told = Told()
    person: Person = Person()
    way: Way = Way()
    held_since: datetime | None = None
    hold: timedelta = timedelta(minutes=10)

    @property
    def is_urgent(self) -> bool:
        """Whether it passes quiet hours, snoozes, digests and pauses."""
        return self.priority == "urgent"

    @property
    def is_alarm(self) -> bool:
        """E-mail about the security of an account, which its owner gets whoever reads the inbox."""
        return self.category == "security" and self.channel == "email"


Rule = Callable[[Snapshot], Verdict | None]


def _ended(of: Snapshot) -> Verdict | None:
    told = of.told
    if not of.person.is_open:
        return Cancel(Reason.ACCOUNT_CLOSED)
    if told.ended is not None:
        return Cancel(Reason(told.ended))
    if told.is_read and not of.is_alarm:
        return Cancel(Reason.READ)
    grounds = (
        (told.has_left, Reason.LEFT),
        (told.is_blocked, Reason.BLOCKED),
        (told.is_deleted, Reason.DELETED),
        (told.is_muted, Reason.MUTED),
        (told.expires_at is not None and told.expires_at <= of.now, Reason.EXPIRED),
        (told.is_replaced, Reason.REPLACED),
    )
    return next((Cancel(reason) for holds, reason in grounds if holds), None)


def _unwanted(of: Snapshot) -> Verdict | None:
    if not may_be_turned_off(of.category, of.channel):
        return None
    default = is_on_by_default(of.category, of.channel)
    wants = default if of.person.wants is None else of.person.wants
    return None if wants else Cancel(Reason.PREFERENCE_OFF)


def _no_way(of: Snapshot) -> Verdict | None:
    way = of.way
    grounds = (
        (way.is_switched_off, Reason.SWITCHED_OFF),
        (way.is_gone, Reason.DEVICE_GONE),
        (way.is_suppressed, Reason.SUPPRESSED),
    )
    return next((Suppress(reason) for holds, reason in grounds if holds), None)


def _left_alone(of: Snapshot) -> Verdict | None:
    if of.is_urgent or of.is_alarm:
        return None
    person = of.person
    return _later(of, person.snooze_until, Reason.SNOOZED_UNTIL) or _later(
        of, person.quiet_until, Reason.QUIET_UNTIL
    )


def _digested(of: Snapshot) -> Verdict | None:
    if of.channel != "email" or of.is_urgent or of.is_alarm or of.person.digest_at is None:
        return None
    return Cancel(Reason.DIGEST)


def _active(of: Snapshot) -> Verdict | None:
    if of.is_alarm or of.person.active_until is None:
        return None
    last = (of.held_since or of.now) + of.hold
    return _later(of, min(of.person.active_until, last), Reason.ACTIVE_UNTIL)


def _held_up(of: Snapshot) -> Verdict | None:
    is_capped = cap_of(of.category) is not None
    return (
        _later(of, of.way.window_ends, Reason.DIGEST)
        or _later(of, of.way.back_at, Reason.FAILED)
        or _later(of, of.way.capped_until if is_capped else None, Reason.CAPPED)
        or _later(of, None if of.is_urgent else of.way.again_at, Reason.CAPPED)
    )


def cap_of(category: str) -> Cap:
    """By which of a person's two caps a delivery is counted; None for neither."""
    if category in _UNCAPPED:
        return None
    return "message" if category == "message" else "other"


def _later(of: Snapshot, until: datetime | None, reason: Reason) -> Verdict | None:
    return None if until is None or until <= of.now else Defer(until, reason)


RULES: tuple[Rule, ...] = (_ended, _unwanted, _no_way, _left_alone, _digested, _active, _held_up)


def judge(of: Snapshot) -> Verdict:
    """What becomes of a delivery."""
    return next((verdict for rule in RULES if (verdict := rule(of))), Send())
