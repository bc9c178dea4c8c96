"""What can be set about what is done again and again."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings


class ScheduleSettings(BaseSettings):
    """A part of all that can be set."""

    schedules_poll_s: PositiveFloat = Field(
        1, description="between two looks for what is to be done again: `parley schedules`"
    )
    night_hour: Annotated[int, Field(ge=0, le=23)] = Field(
        3, description="of UTC, when the work of the night begins: the ledger's check, retention"
    )
    announcement_per_s: PositiveFloat = Field(
        250, description="people that an announcement tells in a second, 500 at a time"
    )
    notifications_kept_days: PositiveInt = Field(
        180, description="notifications older than this are removed, read or not"
    )
    deliveries_kept_days: PositiveInt = Field(
        30, description="deliveries by mail and push that ended are removed after this"
    )
