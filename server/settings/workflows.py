"""What can be set about workflows."""

from pydantic import Field, PositiveFloat
from pydantic_settings import BaseSettings


class WorkflowSettings(BaseSettings):
    """A part of all that can be set."""

    timers_poll_s: PositiveFloat = Field(
        1, description="between two looks for timers that are due; a full look follows at once"
    )
    test_clock: bool = Field(
        default=False,
        description="`/v1/test-clock` moves the clock of workflows, for anybody; tests only",
    )
