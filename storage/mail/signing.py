"""DKIM signatures (RFC 6376), of mails as they are handed on.

A signature covers all headers that we set, those of RFC 8058 among them, and the whole body, both
in the form `relaxed`. The signature itself is made by OpenSSL, outside of Python's lock.
"""

import asyncio
import base64
import binascii
import hashlib
import time
from pathlib import Path

import msgspec
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from storage.mail.port import Mail, MailOutcome, MailPort

SIGNED = (
    "from", "to", "subject", "date", "message-id", "reply-to", "mime-version", "content-type",
    "content-language", "auto-submitted", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
ONCE = ("from", "to", "subject", "date", "message-id", "reply-to")
"""Named once more than they are there: nobody can add a second one (RFC 6376, section 5.4.2)."""

_FOLD = "\r\n\t"
_LINE_CHARS = 72


class SigningKeyError(ValueError):
    """The key file cannot be used; the message says why."""


class DkimKey(msgspec.Struct, frozen=True):
    """A private key, and the name under which DNS has its public one."""

    domain: str
    selector: str
    private: RSAPrivateKey | Ed25519PrivateKey

    def __repr__(self) -> str:
        return f"DkimKey({self.selector}._domainkey.{self.domain})"

    def signed(self, message: bytes) -> bytes:
        """The message, whose lines end in CRLF, with a signature before it."""
        head, _, body = message.partition(b"\r\n\r\n")
        fields = _fields(head)
        covered = [name for name in SIGNED if name in fields]
        digest = hashlib.sha256(_relaxed_body(body)).digest()
        header = self._unsigned([*covered, *ONCE], _base64(digest))
        # A header is there once, so what names it again is nothing. The signature's own is the
        # last, without its value and its end (section 3.7).
        told = b"".join(_relaxed_field(name, fields[name]) for name in covered)
        told += _relaxed_field("dkim-signature", header.encode()).removesuffix(b"\r\n")
        value = _FOLD + _folded(_base64(self._signature(told)))
        return f"DKIM-Signature: {header}{value}\r\n".encode() + message

    def _unsigned(self, names: list[str], body_hash: str) -> str:
        algorithm = "rsa-sha256" if isinstance(self.private, RSAPrivateKey) else "ed25519-sha256"
        tags = (
            f"v=1; a={algorithm}; c=relaxed/relaxed; d={self.domain};",
            f"s={self.selector}; t={int(time.time())};",
            f"h={_FOLD.join((':'.join(names[:6]), ':' + ':'.join(names[6:])))};",
            f"bh={body_hash};",
            "b=",
        )
        return _FOLD.join(tags)

    def _signature(self, told: bytes) -> bytes:
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(told, PKCS1v15(), SHA256())
        # RFC 8463, section 3: what is signed is the hash.
        return self.private.sign(hashlib.sha256(told).digest())


def read_key(file: Path, domain: str, selector: str) -> DkimKey:
    """The key of a file: a PEM of RSA, or the 32 bytes of an Ed25519 seed in base64.

    Raises `SigningKeyError`.
    """
    try:
        text = file.read_bytes().strip()
    except OSError as error:
        raise SigningKeyError(f"{file}: {error.strerror}") from error
    try:
        if text.startswith(b"-----BEGIN"):
            private = load_pem_private_key(text, password=None)
        else:
            seed = base64.b64decode(text, validate=True)
            private = Ed25519PrivateKey.from_private_bytes(seed)
    except (ValueError, TypeError, UnsupportedAlgorithm, binascii.Error) as error:
        raise _no_key(file) from error
    if not isinstance(private, RSAPrivateKey | Ed25519PrivateKey):
        raise _no_key(file)
    return DkimKey(domain, selector, private)


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


def _no_key(file: Path) -> SigningKeyError:
    return SigningKeyError(f"{file}: neither a PEM of an RSA key nor an Ed25519 seed in base64")


def _fields(head: bytes) -> dict[str, bytes]:
    """The values of headers, by their names in lower case."""
    unfolded = head.replace(b"\r\n ", b" ").replace(b"\r\n\t", b"\t").split(b"\r\n")
    parts = (line.partition(b":") for line in unfolded)
    return {name.decode().lower(): value for name, _, value in parts}


def _relaxed_field(name: str, value: bytes) -> bytes:
    """Section 3.4.2; the name is in lower case."""
    return name.encode() + b":" + _one_blank(value.replace(b"\r\n", b"")).strip(b" ") + b"\r\n"


def _relaxed_body(body: bytes) -> bytes:
    """Section 3.4.4."""
    text = _one_blank(body + b"\r\n").replace(b" \r\n", b"\r\n").rstrip(b"\r\n")
    return text + b"\r\n" if text else b""


def _one_blank(text: bytes) -> bytes:
    """One space for each sequence of spaces and tabs."""
    text = text.replace(b"\t", b" ")
    while b"  " in text:
        text = text.replace(b"  ", b" ")
    return text


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _folded(text: str) -> str:
    return _FOLD.join(text[at : at + _LINE_CHARS] for at in range(0, len(text), _LINE_CHARS))
