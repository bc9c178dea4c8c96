"""What can be set about payments."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, NoDecode

from server.settings.kinds import BY_COMMAS
from storage.payments.play_tokens import Behaviour, UnknownTokenError, switched


def _known_switch(value: str) -> str:
    try:
        switched(Behaviour(), value)
    except UnknownTokenError as error:
        raise ValueError(str(error)) from None
    return value


Switch = Annotated[str, AfterValidator(_known_switch)]


class PaymentSettings(BaseSettings):
    """A part of all that can be set."""

    provider: Literal["local", "none"] = Field(
        "local", description="who moves money; local: play money; none: no payments are taken"
    )
    provider_secret: SecretStr | None = Field(
        None, min_length=16, description="signs the provider's events; unset: made once, kept"
    )
    allow_play_money: bool = Field(
        default=False, description="the local provider may be used where others reach the server"
    )
    local_provider_switches: Annotated[tuple[Switch, ...], NoDecode, BY_COMMAS] = Field(
        (),
        description="what the local provider does with every payment, by commas: late=60, doubled, "
        "twice, reordered, lost, silent",
    )
