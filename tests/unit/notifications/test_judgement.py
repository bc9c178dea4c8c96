"""Each reason by itself, what goes before what, and what urgency and security pass."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from protocol.notifications.judgement import (
    Cancel,
    Defer,
    Person,
    Reason,
    Send,
    Snapshot,
    Suppress,
    Told,
    Way,
    judge,
)

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SOON = NOW + timedelta(seconds=40)
LATER = NOW + timedelta(hours=9)


def _of(
    channel: str = "email", category: str = "message", priority: str = "normal", **other: Any
) -> Snapshot:
    return Snapshot(channel=channel, category=category, priority=priority, now=NOW, **other)


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (_of(told=Told(is_read=True)), Reason.READ),
        (_of(told=Told(is_deleted=True)), Reason.DELETED),
        (_of(told=Told(ended="settled")), Reason.SETTLED),
        (_of(told=Told(ended="blocked", is_read=True)), Reason.BLOCKED),
        (_of(told=Told(has_left=True)), Reason.LEFT),
        (_of(told=Told(is_blocked=True)), Reason.BLOCKED),
        (_of(told=Told(is_muted=True)), Reason.MUTED),
        (_of(told=Told(expires_at=NOW)), Reason.EXPIRED),
        (_of(told=Told(is_replaced=True)), Reason.REPLACED),
        (_of(person=Person(is_open=False)), Reason.ACCOUNT_CLOSED),
        (_of(person=Person(wants=False)), Reason.PREFERENCE_OFF),
        (_of(category="marketing"), Reason.PREFERENCE_OFF),
        (_of(channel="push", category="review"), Reason.PREFERENCE_OFF),
        (_of(person=Person(digest_at=LATER)), Reason.DIGEST),
    ],
)
def test_what_has_lost_its_point_is_cancelled(of, reason):
    assert judge(of) == Cancel(reason)


@pytest.mark.parametrize(
    ("of", "reason"),
    [
        (_of(way=Way(is_switched_off=True)), Reason.SWITCHED_OFF),
        (_of(channel="push", way=Way(is_gone=True)), Reason.DEVICE_GONE),
        (_of(way=Way(is_suppressed=True)), Reason.SUPPRESSED),
    ],
)
def test_what_has_no_way_is_suppressed(of, reason):
    assert judge(of) == Suppress(reason)


@pytest.mark.parametrize(
    ("of", "until", "reason"),
    [
        (_of(person=Person(quiet_until=LATER)), LATER, Reason.QUIET_UNTIL),
        (_of(person=Person(snooze_until=LATER)), LATER, Reason.SNOOZED_UNTIL),
        (_of(person=Person(active_until=SOON)), SOON, Reason.ACTIVE_UNTIL),
        (_of(way=Way(capped_until=LATER)), LATER, Reason.CAPPED),
        (_of(way=Way(again_at=SOON)), SOON, Reason.CAPPED),
        (_of(way=Way(back_at=SOON)), SOON, Reason.FAILED),
        (_of(way=Way(window_ends=SOON)), SOON, Reason.DIGEST),
        # A digest is not quieter than others.
        (_of(person=Person(quiet_until=LATER, digest_at=SOON)), LATER, Reason.QUIET_UNTIL),
    ],
)
def test_what_stands_in_the_way_for_a_time_defers(of, until, reason):
    assert judge(of) == Defer(until, reason)


@pytest.mark.parametrize(
    "of",
    [
        _of(),
        _of(person=Person(wants=True), category="marketing"),
        _of(person=Person(wants=False), category="payment"),
        _of(priority="urgent", person=Person(quiet_until=LATER, snooze_until=LATER)),
        _of(priority="urgent", person=Person(digest_at=LATER), way=Way(again_at=LATER)),
        _of(category="security", way=Way(capped_until=LATER)),
        _of(told=Told(expires_at=LATER), way=Way(back_at=NOW), person=Person(snooze_until=NOW)),
        _of(held_since=NOW - timedelta(minutes=10), person=Person(active_until=SOON)),
    ],
)
def test_the_rest_is_sent(of):
    assert judge(of) == Send()


def test_being_active_postpones_ten_minutes_at_most():
    held = _of(held_since=NOW - timedelta(seconds=590), person=Person(active_until=SOON))
    assert judge(held) == Defer(NOW + timedelta(seconds=10), Reason.ACTIVE_UNTIL)


def test_who_has_taken_over_a_login_cannot_silence_its_mail():
    alone = Person(wants=False, snooze_until=LATER, quiet_until=LATER, digest_at=LATER,
                   active_until=SOON)  # fmt: skip
    alarm = _of(category="security", told=Told(is_read=True), person=alone)
    assert judge(alarm) == Send()
    assert judge(msgspec.structs.replace(alarm, channel="push")) == Cancel(Reason.READ)
