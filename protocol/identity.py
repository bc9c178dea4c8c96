"""What is said about accounts and logins; over HTTP only."""

from typing import Literal

import msgspec

from protocol.replies import Reply
from protocol.requests import PageSize, Request
from protocol.text import Id, Text, Time

Kind = Literal["client", "freelancer", "both"]


class Secret(msgspec.Struct, frozen=True):
    """Holds passwords or tokens: never shows its members, whoever logs it."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"


class Register(Secret, Request, frozen=True):
    """A new account; it works at once."""

    email: Text
    password: Text
    display_name: Text
    kind: Kind


class Login(Secret, Request, frozen=True):
    """Opens a session; `otp` is the second factor of accounts that have one."""

    email: Text
    password: Text
    otp: Text | None = None


class Refresh(Secret, Request, frozen=True):
    """Exchanges a refresh token, which thereby ends, for a new pair."""

    refresh_token: Text


class ChangePassword(Secret, Request, frozen=True):
    """A new password; every session of the account ends, and one begins for who asks."""

    password: Text
    new_password: Text


class SessionList(Request, frozen=True):
    """The caller's live logins, newest first."""

    cursor: Text | None = None
    limit: PageSize | None = None


class Account(Reply, frozen=True):
    """A user as that user sees it.

    `must_change_email`: another account has the same address in another spelling, or it is none by
    today's rules. It logs in with the address as it is here only, and should be asked to change it.
    """

    id: Id
    display_name: str
    kind: str
    staff_role: str | None
    status: str
    email: str
    must_change_email: bool
    email_verified_at: Time | None
    avatar: str | None
    locale: str
    timezone: str
    messages_from: str
    created_at: Time
    updated_at: Time
    version: int


class MailSuppressed(msgspec.Struct, frozen=True):
    """Why mail to somebody's address is not sent, since when, and until when if that is known.

    `hard`: there is no such mailbox. `soft`: it has failed several times. `complaint`: a mail was
    called spam. Another address of the account takes mail.
    """

    reason: Literal["hard", "soft", "complaint"]
    since: Time
    until: Time | None


class Me(Account, frozen=True):
    """The caller's own account; `mail_suppressed` is null while mail to its address is sent."""

    mail_suppressed: MailSuppressed | None


class SignedIn(Secret, Reply, frozen=True):
    """A pair of tokens; `expires_in` is the access token's time in seconds."""

    access_token: str
    refresh_token: str
    expires_in: int
    user: Account


class SessionInfo(msgspec.Struct, frozen=True):
    """One login; `is_current` marks the one that asks."""

    id: Id
    ip: str | None
    user_agent: str | None
    created_at: Time
    last_activity_at: Time
    expires_at: Time
    is_current: bool


class SessionPage(Reply, frozen=True):
    """A page of logins."""

    data: list[SessionInfo]
    next_cursor: str | None
