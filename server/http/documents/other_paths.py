"""The paths that run no command of the table, and are of no resource: logins, files, health."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from handlers.resources import SHOWN
from protocol import identity
from protocol.files import FileReply
from protocol.notifications.announcements import Announcement, AnnouncementCount, AnnouncementMake
from protocol.notifications.deliveries import DeliveriesShown
from protocol.notifications.push import ClientConfig, RegisterDevice
from protocol.objects import UnreadTotals
from server.http.mail import OneClick
from server.http.ops import Alive, Readiness
from server.http.resources.provider_events import EventKept, PaymentDecided
from server.mail.receiving import Taken
from storage.mail.bounces import MailEvents
from storage.payments.events import SentEvent
from storage.resources import wire_structs


@dataclass(frozen=True, slots=True)
class OtherPath:
    """A path that runs no command of the table.

    `name` is the operation's id; without one it is made of method and path. Where the answer
    `has_tag`, it is 304 for who has it. `again` is what 200 says, where the first time is 201.
    `dry` is what 200 has when nothing is made. With `takes_key`, Idempotency-Key makes it safe to
    repeat.
    """

    method: Literal["get", "post", "delete"]
    path: str
    says: str
    reply: type[msgspec.Struct] | None
    request: type[msgspec.Struct] | None = None
    status: int = 200
    is_public: bool = False
    query: tuple[str, ...] = ()
    takes: str = "application/json"
    also_takes: tuple[str, ...] = ()
    gives: str = "application/json"
    name: str = ""
    has_tag: bool = False
    again: str = ""
    dry: type[msgspec.Struct] | None = None
    takes_key: bool = False
    is_forbidden: bool = False
    """Reading it is refused to some."""


OTHERS = (
    OtherPath(
        "post", "/v1/auth/register", "A new account, signed in",
        identity.SignedIn, identity.Register, 201, is_public=True, name="register",
    ),
    OtherPath(
        "post", "/v1/auth/login", "Opens a session",
        identity.SignedIn, identity.Login, is_public=True, name="log_in",
    ),
    OtherPath(
        "post", "/v1/auth/refresh", "A new pair of tokens",
        identity.SignedIn, identity.Refresh, is_public=True, name="refresh_tokens",
    ),
    OtherPath(
        "post", "/v1/auth/password", "Another password: ends every session, and opens one",
        identity.SignedIn, identity.ChangePassword, name="change_password",
    ),
    OtherPath("post", "/v1/auth/logout", "Ends the session", None, status=204, name="log_out"),
    OtherPath(
        "get", "/v1/auth/sessions", "The caller's live logins",
        identity.SessionPage, query=("cursor", "limit"), name="list_sessions",
    ),
    OtherPath(
        "delete", "/v1/auth/sessions/{id}", "Ends one of them", None, status=204,
        name="end_session",
    ),
    OtherPath("get", "/v1/me", "The caller's own account", identity.Me, has_tag=True),
    OtherPath(
        "get", "/v1/unread", "How much the caller has not seen", UnreadTotals, has_tag=True
    ),
    OtherPath(
        "get", "/v1/notifications/{id}/deliveries",
        "What was sent of a notification, or why not; staff say whose it is by `user_id`",
        DeliveriesShown, query=("user_id",), name="list_deliveries",
    ),
    OtherPath(
        "get", "/v1/client-config", "What a client needs before anybody has logged in",
        ClientConfig, is_public=True, has_tag=True,
    ),
    OtherPath(
        "post", "/v1/push-devices",
        "Registers a device for the login, until that ends; the same again refreshes it",
        wire_structs.whole(SHOWN["push-devices"]), RegisterDevice, 201, name="register_push_device",
        again="It was there, and is refreshed",
    ),
    OtherPath(
        "post", "/v1/files", "Uploads a file: a form with `file`, or the bytes and `name`",
        FileReply, status=201, query=("name",), takes="multipart/form-data", name="upload_file",
    ),
    OtherPath("get", "/v1/files/{id}", "What is known of a file", FileReply, name="get_file"),
    OtherPath(
        "get", "/v1/files/{id}/content", "The bytes, whole or a range: signed, or with a token",
        None, query=("expires", "signature"), is_public=True, gives="application/octet-stream",
        name="download_file",
    ),
    OtherPath(
        "delete", "/v1/files/{id}", "Removes a file that nothing names", None, status=204,
        name="delete_file",
    ),
    OtherPath(
        "get", "/v1/files/{id}/thumbnail", "A smaller picture of an image, likewise",
        None, query=("expires", "signature"), is_public=True, gives="application/octet-stream",
        name="download_thumbnail",
    ),
    OtherPath(
        "post", "/v1/announcements", "Tells many people something, or only counts them; an admin",
        Announcement, AnnouncementMake, 201, name="create_announcement", dry=AnnouncementCount,
        takes_key=True,
    ),
    OtherPath(
        "get", "/v1/announcements/{id}", "How far an announcement has come; an admin",
        Announcement, name="get_announcement", is_forbidden=True,
    ),
    OtherPath(
        "post", "/v1/announcements/{id}/cancel", "Nobody else is told; an admin",
        Announcement, name="cancel_announcement",
    ),
    OtherPath(
        "post", "/v1/provider-events/local",
        "An event of the local provider, signed in `Provider-Signature`: `t=SECONDS,v1=HMAC`",
        EventKept, SentEvent, is_public=True, name="take_provider_event",
    ),
    OtherPath(
        "get", "/v1/local-provider/payments/{id}", "Where the payer of play money decides",
        None, is_public=True, gives="text/html", name="show_payment",
    ),
    OtherPath(
        "post", "/v1/local-provider/payments/{id}/agree", "The payer of play money agrees",
        PaymentDecided, is_public=True, name="agree_to_payment",
    ),
    OtherPath(
        "post", "/v1/local-provider/payments/{id}/decline", "The payer of play money declines",
        PaymentDecided, is_public=True, name="decline_payment",
    ),
    OtherPath(
        "get", "/v1/unsubscribe/{token}",
        "What a mail's link turns off, as a page with a button; looking at it changes nothing",
        None, is_public=True, gives="text/html", name="show_unsubscribing",
    ),
    OtherPath(
        "post", "/v1/unsubscribe/{token}",
        "Turns off what the link is for, as mail programs do with one click (RFC 8058)",
        None, OneClick, is_public=True, takes="application/x-www-form-urlencoded",
        also_takes=("multipart/form-data",), gives="text/html", name="unsubscribe",
    ),
    OtherPath(
        "post", "/v1/mail-events",
        "Mails that did not arrive, in JSON, or the report of a mail server (RFC 3464) as "
        "`message/rfc822` or with its own Content-Type, which counts if it brings back a mail of "
        "ours; signed in `Mail-Signature`: "
        "`t=SECONDS,v1=HMAC`",
        Taken, MailEvents, is_public=True, name="take_mail_events",
    ),
    OtherPath("get", "/healthz", "The process answers", Alive, is_public=True),
    OtherPath("get", "/readyz", "Whether to send work here; 503 if not", Readiness, is_public=True),
    OtherPath(
        "get", "/metrics", "Figures for Prometheus", None, is_public=True, gives="text/plain"
    ),
    OtherPath(
        "get", "/v1/openapi.json", "This document", None, is_public=True, has_tag=True
    ),
    OtherPath(
        "get", "/docs", "This document as a page", None, is_public=True, gives="text/html",
        has_tag=True,
    ),
    OtherPath(
        "get", "/docs/socket", "The socket's document as a page", None, is_public=True,
        gives="text/html", has_tag=True,
    ),
    OtherPath(
        "get", "/v1/asyncapi.json", "The socket's document", None, is_public=True, has_tag=True
    ),
)  # fmt: skip
