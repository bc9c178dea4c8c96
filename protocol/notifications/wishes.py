"""What a person wants to be told, how, and when: as they have set it, or by default."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal

import msgspec

from protocol.notifications.categories import is_on_by_default, may_be_turned_off
from protocol.notifications.quiet_hours import QuietHours, Weekday

Often = Literal["off", "hourly", "daily", "weekly"]
HourOfDay = Annotated[int, msgspec.Meta(ge=0, le=23)]


class Digest(msgspec.Struct, frozen=True):
    """How often a person is told in one: `hour` is for daily and weekly, `weekday` for weekly."""

    every: Often = "off"
    hour: HourOfDay = 9
    weekday: Weekday = 0


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """All that a person has set. `chosen` has the pairs of category and channel that they have.

    `snooze_until` may be past. `show_text`: whether push and mail may quote messages. `zone` may be
    no zone that is known, and `locale` no tag of a language, on accounts of before.
    """

    chosen: Mapping[tuple[str, str], bool] = {}
    quiet_hours: tuple[QuietHours, ...] = ()
    digest: Digest = Digest()
    snooze_until: datetime | None = None
    show_text: bool = True
    zone: str = "UTC"
    locale: str = "en"

    def is_on(self, category: str, channel: str) -> bool:
        """Whether they are told of a category by a channel."""
        if not may_be_turned_off(category, channel):
            return True
        return self.chosen.get((category, channel), is_on_by_default(category, channel))
