"""What can be set about deliveries by e-mail and push."""

from typing import Annotated

from pydantic import Field, PositiveFloat, PositiveInt
from pydantic_settings import BaseSettings


class DeliverySettings(BaseSettings):
    """A part of all that can be set."""

    deliveries_poll_s: PositiveFloat = Field(
        1, description="between two looks for e-mails and pushes that are due"
    )
    deliveries_batch: Annotated[int, Field(ge=0, le=1000)] = Field(
        200, description="at most so many are leased and judged at once; 0: none are"
    )
    mails_tried_s: PositiveFloat = Field(
        5 * 86_400,
        description="so long an e-mail is tried before it is given up, but for the time in which "
        "the mail server took none at all",
    )
    pushes_tried_s: PositiveFloat = Field(86_400, description="the same of a push")
    delivery_again_s: PositiveFloat = Field(
        30, description="until something is tried again; twice as long after each further try"
    )
    delivery_again_most_s: PositiveFloat = Field(3600, description="and at most so long")
    pushes_at_once: PositiveInt = Field(32, description="pushes under way of one process")
