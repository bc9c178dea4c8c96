"""Mail by SMTP: connections that are kept for the mails that follow, each wait within its time.

A try ends in an outcome, whatever the server does. One that ends between the last byte of a mail
and the server's reply is `retry`, with the same Message-ID (RFC 5321, section 4.5.4.1): the mail
may arrive twice then.
"""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal

import aiosmtplib
import msgspec

from storage.mail.headers import deliverable
from storage.mail.port import Mail, MailOutcome, State
from storage.mail.replies import outcome_of_reply, without_addresses
from storage.people.emails import AddressError

Tls = Literal["none", "starttls", "tls"]
PORTS: dict[Tls, int] = {"none": 25, "starttls": 587, "tls": 465}

_QUIT_S = 2.0
_RESET_S = 5.0
"""A kept connection that does not answer in this time is given up for a new one."""


class SmtpServer(msgspec.Struct, frozen=True):
    """Where mail is handed to, and as whom. `ca_file` is trusted beside the machine's own."""

    host: str
    port: int
    tls: Tls
    sender: str
    """The envelope's sender, to whom bounces go."""
    helo: str
    """What we call ourselves: a name of this machine, or of the mails' domain."""
    user: str | None = None
    password: str | None = None
    ca_file: str | None = None

    def __repr__(self) -> str:
        return f"SmtpServer({self.host}:{self.port}, {self.tls})"


class SmtpPace(msgspec.Struct, frozen=True):
    """How long and how much: seconds but for `connections`, which is how many may be open at once,
    and `mails_a_connection`.
    """

    timeout_s: float = 30.0
    idle_s: float = 10.0
    connections: int = 4
    mails_a_connection: int = 100


class _Kept:
    """An open connection, how many mails it has taken, and when it is closed if it is idle."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        self.client = client
        self.mails = 0
        self.expiry: asyncio.TimerHandle | None = None


@dataclass(slots=True)
class _Begun:
    """Whether the server was told of the mail: what fails from then on may be the mail's doing."""

    is_of_mail: bool = False


class SmtpMail:
    """A `MailPort` to one server; `close` it at the end."""

    def __init__(self, server: SmtpServer, pace: SmtpPace) -> None:
        self.timeout_s = pace.timeout_s
        self.at_once = pace.connections
        self._server = server
        self._pace = pace
        self._idle: list[_Kept] = []
        self._tls = None if server.tls == "none" else _tls_context(server.ca_file)

    async def send(self, mail: Mail) -> MailOutcome:
        """Hand a mail on within `timeout_s`."""
        try:
            recipient = deliverable(mail.to)
        except AddressError as error:
            return MailOutcome("rejected", "5.1.3", str(error), is_of_address=True)
        outcome = await self._tried(mail, recipient)
        return msgspec.structs.replace(outcome, reason=without_addresses(outcome.reason, mail.to))

    async def _tried(self, mail: Mail, recipient: str) -> MailOutcome:
        begun = _Begun()
        try:
            async with asyncio.timeout(self.timeout_s):
                return await self._send(mail, recipient, begun)
        except TimeoutError:  # aiosmtplib's is one
            code, reason = "", f"no reply within {self.timeout_s:g} s"
        except aiosmtplib.SMTPResponseException as error:
            # The answer to our greeting, our login or MAIL.
            code, reason = str(error.code), f"{type(error).__name__}: {error.code} {error.message}"
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError) as error:
            code, reason = "", f"{type(error).__name__}: {error}"
        state: State = "retry" if begun.is_of_mail else "unavailable"
        return MailOutcome(state, code, reason, has_failed=True)

    async def close(self) -> None:
        """Take leave of the server on the connections that are kept."""
        while self._idle:
            await _leave(self._idle.pop())

    async def _send(self, mail: Mail, recipient: str, begun: _Begun) -> MailOutcome:
        async with self._connection() as kept:
            needs_utf8 = not recipient.isascii()
            if needs_utf8 and not kept.client.supports_extension("smtputf8"):
                reason = "the mail server takes no letters beyond ASCII before the @ (SMTPUTF8)"
                return MailOutcome("rejected", "5.6.7", reason)
            kept.mails += 1
            options = ["SMTPUTF8", "BODY=8BITMIME"] if needs_utf8 else []
            encoding = "utf-8" if needs_utf8 else "ascii"
            await kept.client.mail(self._server.sender, options=options, encoding=encoding)
            begun.is_of_mail = True
            return await self._transact(kept.client, mail, recipient, encoding)

    async def _transact(
        self, client: aiosmtplib.SMTP, mail: Mail, recipient: str, encoding: str
    ) -> MailOutcome:
        """The recipient and the content; the connection is as it was before when this returns."""
        try:
            await client.rcpt(recipient, encoding=encoding)
            reply = await client.data(mail.message)
        except (aiosmtplib.SMTPRecipientRefused, aiosmtplib.SMTPDataError) as error:
            to_recipient = isinstance(error, aiosmtplib.SMTPRecipientRefused)
            return outcome_of_reply(error.code, error.message, to_recipient=to_recipient)
        return outcome_of_reply(reply.code, reply.message, to_recipient=False)

    @contextlib.asynccontextmanager
    async def _connection(self) -> AsyncIterator[_Kept]:
        """One that was kept and still answers, or a new one; kept again unless something failed."""
        kept = await self._taken() or await self._opened()
        try:
            yield kept
        except BaseException:  # cancelled, too: what is half sent is not gone on with
            kept.client.close()
            raise
        if kept.client.is_connected and kept.mails < self._pace.mails_a_connection:
            loop = asyncio.get_running_loop()
            kept.expiry = loop.call_later(self._pace.idle_s, self._expire, kept)
            self._idle.append(kept)
        else:
            await _leave(kept)

    async def _taken(self) -> _Kept | None:
        while self._idle:
            kept = self._idle.pop()
            if kept.expiry is not None:
                kept.expiry.cancel()
            if await _answers(kept.client):
                return kept
        return None

    async def _opened(self) -> _Kept:
        server = self._server
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            local_hostname=server.helo,
            timeout=self.timeout_s,
            use_tls=server.tls == "tls",
            start_tls=server.tls == "starttls",
            tls_context=self._tls,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()
        except BaseException:  # cancelled, too
            client.close()
            raise
        return _Kept(client)

    def _expire(self, kept: _Kept) -> None:
        if kept in self._idle:
            self._idle.remove(kept)
            kept.client.close()


async def _answers(client: aiosmtplib.SMTP) -> bool:
    """Whether a kept connection is there for a new mail; one that is not is closed.

    The server may have closed it meanwhile, which is better heard before a mail than in one.
    """
    try:
        await client.rset(timeout=_RESET_S)
    except BaseException as error:  # cancelled, too
        client.close()
        if isinstance(error, aiosmtplib.SMTPException | OSError):
            return False
        raise
    return True


async def _leave(kept: _Kept) -> None:
    if kept.expiry is not None:
        kept.expiry.cancel()
    with contextlib.suppress(aiosmtplib.SMTPException, OSError, TimeoutError):
        await kept.client.quit(timeout=_QUIT_S)
    kept.client.close()


def _tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Certificates are checked, by the machine's authorities and the one given."""
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
