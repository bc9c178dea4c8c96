"""What can be set about when people are notified."""

from pydantic import Field, PositiveFloat
from pydantic_settings import BaseSettings


class NotificationSettings(BaseSettings):
    """A part of all that can be set."""

    unread_notice_s: PositiveFloat = Field(
        20, description="after so long those who have not read a message are notified"
    )
    unread_notice_again_s: PositiveFloat = Field(
        60, description="the shortest time between two notifications of one unread conversation"
    )
