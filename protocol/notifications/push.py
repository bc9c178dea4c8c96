"""What is said about push: registering a device, and what a browser needs to know beforehand."""

import datetime as dt
from typing import Annotated, Literal

import msgspec

from protocol.replies import Reply
from protocol.requests import Request

TOKEN_CHARS = 2048
"""The longest endpoint or token; those of the large services have some hundreds."""

_Token = Annotated[
    str,
    msgspec.Meta(
        min_length=1,
        max_length=TOKEN_CHARS,
        pattern=r"^[\x21-\x7e]+\Z",
        description="1 to 2048 visible ASCII characters: for `web` the endpoint, an https URL; "
        "else what the platform calls the device by",
    ),
]
_Key = Annotated[str, msgspec.Meta(max_length=128, pattern=r"^[A-Za-z0-9_-]+={0,2}\Z")]
_P256dh = Annotated[
    _Key,
    msgspec.Meta(
        description="base64url of at most 128 characters (for `web`: the subscription's public key,"
        " 65 bytes)"
    ),
]
_Auth = Annotated[
    _Key,
    msgspec.Meta(
        description="base64url of at most 128 characters (for `web`: the subscription's secret, "
        "16 bytes)"
    ),
]
_Locale = Annotated[
    str,
    msgspec.Meta(
        max_length=35,
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z",
        description="a tag of BCP 47 of at most 35 characters (such as zh-CN)",
    ),
]
_Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]


class RegisterDevice(Request, frozen=True):
    """A device that the login is pushed to. `web` has keys, and is delivered to; others are kept.

    `expires_at` is the subscription's `expirationTime`, if it has one.
    """

    platform: Literal["ios", "android", "web"]
    token: _Token
    p256dh: _P256dh | None = None
    auth: _Auth | None = None
    expires_at: _Moment | None = None
    locale: _Locale | None = None

    def __repr__(self) -> str:
        """Whoever knows the endpoint and the keys can push: nothing logs them."""
        return f"{type(self).__name__}({self.platform!r}, …)"


class ClientLimits(msgspec.Struct, frozen=True):
    """What a page has to know before it sends; text in code points, sizes in bytes."""

    content_chars: int
    title_chars: int
    attachments: int
    mentions: int
    file_bytes: int
    frame_bytes: int
    page_max: int


class ClientConfig(Reply, frozen=True):
    """What a client needs before anybody has logged in.

    `version` is the server's. `ws_url` is where the socket is. `push_public_key` is what a browser
    subscribes with (`applicationServerKey`, in base64url): where it differs from the subscription's
    own, the browser has to subscribe anew. `heartbeat_s` is between the server's pings.
    """

    version: str
    ws_url: str
    push_public_key: str
    heartbeat_s: float
    limits: ClientLimits
