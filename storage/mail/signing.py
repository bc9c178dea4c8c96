"""DKIM signatures (RFC 6376), by dkimpy, of mails as they are handed on.

A signature covers all headers that we set, those of RFC 8058 among them, and the whole body.
"""

import asyncio
from pathlib import Path

import dkim
import msgspec

from storage.mail.port import Mail, MailOutcome, MailPort

SIGNED = (
    b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Reply-To", b"MIME-Version",
    b"Content-Type", b"Content-Language", b"Auto-Submitted", b"List-Unsubscribe",
    b"List-Unsubscribe-Post",
)  # fmt: skip
ONCE = (b"From", b"To", b"Subject", b"Date", b"Message-ID", b"Reply-To")
"""Named once more than they are there: nobody can add a second one (RFC 6376, section 5.4.2)."""

_PROBE = b"From: a@example.org\r\nDate: Thu, 1 Jan 1970 00:00:00 +0000\r\n\r\nprobe\r\n"


class SigningKeyError(ValueError):
    """The key file cannot be used; the message says why."""


class DkimKey(msgspec.Struct, frozen=True):
    """A private key, and the name under which DNS has its public one.

    `algorithm` is `rsa-sha256` or `ed25519-sha256`.
    """

    domain: str
    selector: str
    private: bytes
    algorithm: str

    def __repr__(self) -> str:
        return f"DkimKey({self.selector}._domainkey.{self.domain}, {self.algorithm})"

    def signed(self, message: bytes) -> bytes:
        """The message with a signature before it. It takes milliseconds of a processor with RSA."""
        there = {line.partition(b":")[0].lower() for line in _headers(message)}
        names = [name for name in SIGNED if name.lower() in there]
        signer = dkim.DKIM(message, signature_algorithm=self.algorithm.encode(), linesep=b"\r\n")
        header: bytes = signer.sign(
            self.selector.encode(),
            self.domain.encode(),
            self.private,
            canonicalize=(b"relaxed", b"relaxed"),
            include_headers=[*names, *ONCE],
        )
        return header + message


def read_key(file: Path, domain: str, selector: str) -> DkimKey:
    """The key of a file: a PEM of RSA, or the 32 bytes of an Ed25519 seed in base64.

    Raises `SigningKeyError`.
    """
    try:
        private = file.read_bytes().strip()
    except OSError as error:
        raise SigningKeyError(f"{file}: {error.strerror}") from error
    algorithm = "rsa-sha256" if private.startswith(b"-----BEGIN") else "ed25519-sha256"
    key = DkimKey(domain, selector, private, algorithm)
    try:
        key.signed(_PROBE)
    except Exception as error:  # the library lets through what its parsers raise
        raise SigningKeyError(
            f"{file}: neither a PEM of an RSA key nor an Ed25519 seed in base64"
        ) from error
    return key


class SignedMail:
    """A `MailPort` that signs what it hands to another."""

    def __init__(self, port: MailPort, key: DkimKey) -> None:
        self.timeout_s = port.timeout_s
        self.at_once = port.at_once
        self._port = port
        self._key = key

    async def send(self, mail: Mail) -> MailOutcome:
        """As that of the other."""
        message = await asyncio.to_thread(self._key.signed, mail.message)
        return await self._port.send(Mail(mail.to, message, mail.message_id))


def _headers(message: bytes) -> list[bytes]:
    return message.partition(b"\r\n\r\n")[0].split(b"\r\n")
