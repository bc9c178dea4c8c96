"""What the caller wants to be told, by which channels, and when to be left alone."""

from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any

import msgspec

from handlers.caller import Caller
from protocol.errors import Fault, RequestError
from protocol.faults.calendar import calendar_faults
from protocol.limits import Limits
from protocol.notifications.categories import CATEGORIES, CHANNELS, may_be_turned_off
from protocol.notifications.quiet_hours import QuietHours, fills_week, overlaps
from protocol.notifications.wishes import Wishes
from protocol.objects import ChannelPreference
from protocol.replies import PreferencesReply
from protocol.requests import PreferenceGet, PreferenceSet
from protocol.text import optional_time
from storage.notifications.preferences import Preferences


class PreferenceCommands:
    """Each command answers with all that the caller wants, also what is so by default."""

    def __init__(self, preferences: Preferences, limits: Limits) -> None:
        self._preferences = preferences
        self._limits = limits

    async def get(self, caller: Caller, _request: PreferenceGet) -> PreferencesReply:
        """What the caller wants."""
        return await self._reply(caller)

    async def set(self, caller: Caller, request: PreferenceSet) -> PreferencesReply:
        """Set some of it: all that is said, or, if anything is wrong with that, nothing."""
        faults = [
            *_preference_faults(request.preferences or []),
            *_hours_faults(request.quiet_hours or [], self._limits.quiet_hours),
            *calendar_faults(request.snooze_until, "snooze_until"),
        ]
        if faults:
            raise RequestError.of_faults(faults)
        given = {
            "preferences": request.preferences,
            "quiet_hours": request.quiet_hours,
            "digest": request.digest,
            "show_text": request.show_text,
        }
        said: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
        if request.snooze_until is not msgspec.UNSET:
            said["snooze_until"] = request.snooze_until
        if said:
            await self._preferences.set(caller.user_id, said)
        return await self._reply(caller)

    async def _reply(self, caller: Caller) -> PreferencesReply:
        found = await self._preferences.of_users([caller.user_id])
        return _shown(found[caller.user_id])


def _shown(wishes: Wishes) -> PreferencesReply:
    return PreferencesReply(
        preferences=[
            ChannelPreference(category, channel, wishes.is_on(category, channel))
            for category, channel in product(CATEGORIES, CHANNELS)
        ],
        quiet_hours=list(wishes.quiet_hours),
        digest=wishes.digest,
        snooze_until=optional_time(wishes.snooze_until),
        show_text=wishes.show_text,
    )


def _preference_faults(preferences: Sequence[ChannelPreference]) -> Iterator[Fault]:
    first: dict[tuple[str, str], int] = {}
    for at, one in enumerate(preferences):
        before = first.setdefault((one.category, one.channel), at)
        if before != at:
            yield Fault(f"preferences[{at}]", f"is of the same pair as preferences[{before}]")
        if not (one.is_enabled or may_be_turned_off(one.category, one.channel)):
            reason = f"must be true: {one.category} cannot be turned off for {one.channel}"
            yield Fault(f"preferences[{at}].is_enabled", reason)


def _hours_faults(hours: Sequence[QuietHours], most: int) -> Iterator[Fault]:
    if len(hours) > most:
        yield Fault("quiet_hours", f"at most {most}")
        return
    for at, one in enumerate(hours):
        if one.start == one.end:
            yield Fault(f"quiet_hours[{at}].until", "must be another time than from")
    overlapping = list(overlaps(hours))
    for at, other in overlapping:
        yield Fault(f"quiet_hours[{at}]", f"must not overlap quiet_hours[{other}]")
    if not overlapping and fills_week(hours):
        yield Fault("quiet_hours", "must leave some time of the week")
