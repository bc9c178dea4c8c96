"""What is said about announcements: what the platform tells many people. Over HTTP only."""

import datetime as dt
from typing import Annotated, Literal

import msgspec

from protocol.identity import Kind
from protocol.replies import Reply
from protocol.requests import Request
from protocol.text import NO_NUL, Id, Time

_Title = Annotated[
    str, msgspec.Meta(min_length=1, max_length=80, pattern=NO_NUL, examples=["Lower fees"])
]
_Content = Annotated[
    str, msgspec.Meta(min_length=1, max_length=2000, pattern=NO_NUL, examples=["From May on."])
]
_Locale = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z",
        description="a language, or a language in a country, such as zh or zh-CN",
        examples=["zh"],
    ),
]
_Country = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Z]{2}\Z", description="the two capital letters of a country, such as DE"
    ),
]
_Link = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^/(?![/\\])[^\s\x00]{0,499}\Z",
        description="a path of the web page of at most 500 characters, such as /help",
        examples=["/help"],
    ),
]
_Moment = Annotated[dt.datetime, msgspec.Meta(tz=True)]
Status = Literal["running", "done", "cancelled"]


class AnnouncedTitle(msgspec.Struct, frozen=True, omit_defaults=True):
    """A title by language; who reads another one is told in English."""

    en: _Title
    zh: _Title | None = None


class AnnouncedContent(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is told below the title, by language."""

    en: _Content
    zh: _Content | None = None


class AnnouncedTo(msgspec.Struct, frozen=True, omit_defaults=True):
    """Whom it is for: all who have an active account, and are as each member says.

    `kind`: who is `both` is a client and a freelancer too. `locale`: `zh` is `zh-CN` too.
    `country` is that of a profile. `registered_after` is the first moment, `registered_before` the
    moment after the last.
    """

    kind: Kind | None = None
    locale: _Locale | None = None
    country: _Country | None = None
    registered_after: _Moment | None = None
    registered_before: _Moment | None = None


class AnnouncementMake(Request, frozen=True):
    """Tells many people something. With `dry_run` it only counts them."""

    category: Literal["marketing", "security"]
    title: AnnouncedTitle
    content: AnnouncedContent
    priority: Literal["low", "normal", "high", "urgent"] = "normal"
    link: _Link | None = None
    filter: AnnouncedTo = AnnouncedTo()
    dry_run: bool = False


class Announcement(Reply, frozen=True):
    """An announcement: of how many `recipients`, counted when it was made, how many are `told`.

    Whoever was active then and is not any more is not told.
    """

    id: Id
    category: str
    priority: str
    title: AnnouncedTitle
    content: AnnouncedContent
    link: str | None
    filter: AnnouncedTo
    status: Status
    recipients: int
    told: int
    created_by: Id | None
    created_at: Time
    ended_at: Time | None


class AnnouncementCount(Reply, frozen=True):
    """How many people an announcement would be for now."""

    recipients: int
