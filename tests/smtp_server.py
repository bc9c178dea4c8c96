"""A mail server on this machine: aiosmtpd's, one for each test, which answers as the test says."""

import asyncio
import contextlib
import email
import email.policy
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session


@dataclass
class Arrived:
    """A mail as it arrived: its envelope and its bytes."""

    sender: str
    recipients: list[str]
    content: bytes
    peer: Any
    is_encrypted: bool
    user: str | None

    @property
    def message(self) -> EmailMessage:
        """As a mail program reads it."""
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def message_id(self) -> str:
        """Its Message-ID; quickly, for thousands of mails."""
        return str(BytesHeaderParser().parsebytes(self.content)["Message-ID"])


@dataclass
class Inbox:
    """What has arrived, and the replies that the next mails get instead of 250, in order."""

    port: int = 0
    arrived: list[Arrived] = field(default_factory=list)
    to_recipient: list[str] = field(default_factory=list)
    to_data: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    """The Message-IDs of all mails whose content came, taken or not."""
    answers_after_s: float = 0
    """So long after a mail has arrived its sender hears that it was taken."""
    when_arrived: Callable[[Arrived], None] | None = None
    """Called in the server's thread when a mail has arrived, before its sender hears of it."""

    async def handle_RCPT(  # noqa: N802  # as aiosmtpd names it
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to_recipient:
            return self.to_recipient.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(  # noqa: N802  # as aiosmtpd names it
        self, server: Any, session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        arrived = Arrived(
            envelope.mail_from or "",
            envelope.rcpt_tos,
            content,
            session.peer,
            session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            session.auth_data,
        )
        self.tried.append(arrived.message_id)
        if self.to_data:
            return self.to_data.pop(0)
        self.arrived.append(arrived)
        if self.when_arrived is not None:
            self.when_arrived(arrived)
        await asyncio.sleep(self.answers_after_s)
        return "250 2.0.0 Ok"


ServeMail = Callable[..., contextlib.AbstractAsyncContextManager[Inbox]]


@contextlib.asynccontextmanager
async def mail_server(
    *,
    utf8: bool = True,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    login: tuple[str, str] | None = None,
) -> AsyncIterator[Inbox]:
    """A server as long as the block lasts; with `login` it takes no mail without."""

    def authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        if (data.login.decode(), data.password.decode()) == login:
            return AuthResult(success=True, auth_data=data.login.decode())
        return AuthResult(success=False, handled=False)

    inbox = Inbox()
    controller = (Controller if tls is None else _EncryptedController)(
        inbox,
        hostname="127.0.0.1",
        port=_free_port(),
        enable_SMTPUTF8=utf8,
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        authenticator=authenticate if login else None,
        auth_required=login is not None,
        auth_require_tls=starttls is not None,
        decode_data=False,
    )
    controller.start()
    inbox.port = controller.port
    try:
        yield inbox
    finally:
        controller.stop()


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    """A mail server that takes everything, unless told otherwise."""
    async with mail_server() as server:
        yield server


class _EncryptedController(Controller):
    """Its own first connection, by which it sees that it has begun, trusts any certificate."""

    def _trigger_server(self) -> None:
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with (
            socket.create_connection(("127.0.0.1", self.port), 5) as plain,
            trusting.wrap_socket(plain) as encrypted,
        ):
            encrypted.recv(100)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
