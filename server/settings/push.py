"""What can be set about push, and about requests to addresses that clients name."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, NonNegativeFloat, PositiveInt
from pydantic_settings import BaseSettings, NoDecode

from server.settings.kinds import BY_COMMAS, OR_NONE, Network


def _subject(value: str) -> str:
    if not value.startswith(("mailto:", "https://")):
        raise ValueError("should begin with mailto: or https://")
    return value


Subject = Annotated[str, AfterValidator(_subject)]


class PushSettings(BaseSettings):
    """A part of all that can be set."""

    vapid_key_file: Annotated[Path | None, OR_NONE] = Field(
        None,
        description="PEM of a private key on P-256 that browsers' push services know us by; the "
        "same on all machines; unset: made once, kept in data_dir",
    )
    vapid_subject: Annotated[Subject | None, OR_NONE] = Field(
        None,
        description="where push services reach who runs this, mailto: or https://; unset: "
        "public_url, if that is https",
    )
    # One that is too large is sent once more, and both within what a lease is held for.
    push_timeout_s: Annotated[float, Field(gt=0, le=17)] = Field(
        10, description="the longest one push takes"
    )
    push_retry_after_s: NonNegativeFloat = Field(
        3600, description="a push service's Retry-After counts up to this"
    )

    outbound_networks: Annotated[tuple[Network, ...], NoDecode, BY_COMMAS] = Field(
        (),
        description="networks that clients' URLs may lead to besides global addresses, by commas",
    )
    outbound_http: bool = Field(
        default=False,
        description="clients' URLs may be http; where only this machine reaches the doors",
    )
    outbound_connections: PositiveInt = Field(
        64, description="connections of a process to addresses that clients name"
    )
    outbound_host_connections: PositiveInt = Field(32, description="of them, to one host")

    @property
    def vapid_contact(self) -> str | None:
        """The subject that push services are told, or None."""
        public_url: str | None = getattr(self, "public_url", None)
        if self.vapid_subject is None and public_url and public_url.startswith("https://"):
            return public_url
        return self.vapid_subject
