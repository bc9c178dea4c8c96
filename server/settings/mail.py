"""What can be set about mail."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import (
    AfterValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    model_validator,
)
from pydantic_settings import BaseSettings

from server.settings.kinds import OR_NONE, VISIBLE, url_of
from storage.mail.headers import deliverable
from storage.mail.signing import DkimKey, SigningKeyError, read_key
from storage.mail.smtp import PORTS, SmtpServer
from storage.people.emails import AddressError, canonical

NOBODY = "no-reply@localhost.localdomain"
"""Who writes while nobody is set, which is without a mail server only."""
_THIS_MACHINE = {"localhost", "127.0.0.1", "::1"}


def _address(value: str) -> str:
    try:
        address = deliverable(value.strip())
    except AddressError as error:
        raise ValueError(f"is no e-mail address: {error}") from None
    if not address.isascii():
        raise ValueError("has letters beyond ASCII before the @, which not every server takes")
    return address


def _domain(value: str) -> str:
    try:
        return canonical(f"a@{value.strip()}").partition("@")[2]
    except AddressError:
        raise ValueError("is no name of a domain, such as parley.example") from None


def _host(value: str) -> str:
    if not urlsplit(value).hostname:
        raise ValueError("names no host: smtp://mail.example:587")
    return value


Address = Annotated[str, AfterValidator(_address)]
Domain = Annotated[str, AfterValidator(_domain)]


class MailSettings(BaseSettings):
    """A part of all that can be set."""

    smtp_url: Annotated[str, url_of("smtp"), AfterValidator(_host), OR_NONE] | None = Field(
        None,
        repr=False,
        description="takes our mail: smtp://USER:PASSWORD@HOST:PORT, without a port by smtp_tls; "
        "unset: mails are files in data_dir",
    )
    smtp_tls: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="starttls: port 587; tls from the beginning: 465; none: 25"
    )
    smtp_password_file: Path | None = Field(
        None, description="holds the password that smtp_url's user has, instead of it"
    )
    smtp_ca_file: Path | None = Field(
        None, description="certificates that are trusted of the mail server, in PEM"
    )
    smtp_timeout_s: Annotated[float, Field(gt=0, le=35)] = Field(
        30, description="the longest that one mail takes"
    )
    smtp_idle_s: PositiveFloat = Field(10, description="a connection is kept for a further mail")
    smtp_connections: PositiveInt = Field(4, description="connections of one process at once")
    smtp_mails_per_connection: PositiveInt = Field(
        100, description="after so many mails a connection is exchanged for a new one"
    )
    mail_from: Address | None = Field(
        None, description="who writes: no-reply@parley.example; smtp_url needs it"
    )
    mail_from_name: str = Field(
        "Parley",
        min_length=1,
        max_length=100,
        description="the name of who writes, and of the place",
    )
    mail_reply_to: Address | None = Field(None, description="where answers go; unset: mail_from")
    mail_bounces_to: Address | None = Field(
        None, description="where reports of mail that did not arrive go; unset: mail_from"
    )
    mail_domain: Domain | None = Field(
        None,
        description="the domain of Message-IDs, and our name to the server; unset: mail_from's",
    )
    mail_settings_path: Annotated[str, VISIBLE, OR_NONE] | None = Field(
        None, description="of the web page where one chooses what one is told of, for mails' ends"
    )
    mail_files: PositiveInt = Field(
        1000, description="without smtp_url: so many mails are kept as files, the newest"
    )
    mail_secret: SecretStr | None = Field(
        None,
        min_length=16,
        description="signs links that unsubscribe, and hides addresses that take no mail; the same "
        "on all machines, and for good; unset: made once, kept",
    )
    mail_events_secret: SecretStr | None = Field(
        None, min_length=16, description="signs reports to /v1/mail-events; unset: none are taken"
    )
    mail_soft_bounces: PositiveInt = Field(
        3, description="so many mails that did not arrive for now make an address take none"
    )
    mail_soft_window_s: PositiveFloat = Field(
        72 * 3600, description="if they did not arrive within this time"
    )
    mail_soft_suppressed_s: PositiveFloat = Field(
        7 * 86_400, description="how long the address then takes none"
    )
    dkim_key_file: Path | None = Field(
        None, description="signs mails: an RSA key in PEM, or an Ed25519 seed in base64"
    )
    dkim_selector: Annotated[
        str, Field(pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]{0,61}[A-Za-z0-9])?$")
    ] = Field("parley", description="DNS has the public key at SELECTOR._domainkey.DOMAIN")
    dkim_domain: Domain | None = Field(None, description="that domain; unset: mail_from's")

    @model_validator(mode="after")
    def _server_has_a_writer(self) -> Self:
        if self.smtp_url and self.mail_from is None:
            raise ValueError("PARLEY_MAIL_FROM: PARLEY_SMTP_URL needs an address that writes")
        return self

    @model_validator(mode="after")
    def _links_lead_here(self) -> Self:
        if self.smtp_url and getattr(self, "public_url", None) is None:
            raise ValueError(
                "PARLEY_PUBLIC_URL: PARLEY_SMTP_URL needs it, since links in mails begin with it"
            )
        return self

    @model_validator(mode="after")
    def _password_has_a_user(self) -> Self:
        url = urlsplit(self.smtp_url or "")
        if self.smtp_password_file and not (url.username and url.password is None):
            raise ValueError(
                "PARLEY_SMTP_PASSWORD_FILE: goes with a user in PARLEY_SMTP_URL, without a password"
            )
        return self

    @model_validator(mode="after")
    def _password_is_not_seen(self) -> Self:
        url = urlsplit(self.smtp_url or "")
        if url.username and self.smtp_tls == "none" and url.hostname not in _THIS_MACHINE:
            raise ValueError("PARLEY_SMTP_TLS: a password goes to another machine over TLS only")
        return self

    @model_validator(mode="after")
    def _files_can_be_read(self) -> Self:
        try:
            _ = self.smtp_server
        except OSError as error:
            raise ValueError(f"PARLEY_SMTP_PASSWORD_FILE: {error.strerror}") from None
        try:
            _ = self.dkim_key
        except SigningKeyError as error:
            raise ValueError(f"PARLEY_DKIM_KEY_FILE: {error}") from None
        return self

    @property
    def smtp_server(self) -> SmtpServer | None:
        """The server that takes our mail; None where mails are files. Raises `OSError`."""
        if self.smtp_url is None or self.mail_from is None:
            return None
        url = urlsplit(self.smtp_url)
        password = None if url.password is None else unquote(url.password)
        if self.smtp_password_file is not None:
            password = self.smtp_password_file.read_text().strip()
        return SmtpServer(
            host=url.hostname or "",
            port=url.port or PORTS[self.smtp_tls],
            tls=self.smtp_tls,
            sender=self.mail_bounces_to or self.mail_from,
            helo=self.mail_name,
            user=unquote(url.username) if url.username else None,
            password=password,
            ca_file=None if self.smtp_ca_file is None else str(self.smtp_ca_file),
        )

    @property
    def mail_name(self) -> str:
        """The domain of Message-IDs, and our name to the mail server."""
        return self.mail_domain or (self.mail_from or NOBODY).rpartition("@")[2]

    @property
    def dkim_key(self) -> DkimKey | None:
        """What mails are signed with, if with anything. Raises `SigningKeyError`."""
        if self.dkim_key_file is None:
            return None
        domain = self.dkim_domain or (self.mail_from or NOBODY).rpartition("@")[2]
        return read_key(self.dkim_key_file, domain, self.dkim_selector)
