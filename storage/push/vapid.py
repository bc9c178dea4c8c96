"""Who sends, as push services are told: one key an installation. Source: RFC 8292 (VAPID)."""

import base64
import time
from collections import OrderedDict
from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from storage.push.encryption import point_of

TOKEN_S = 12 * 3600
"""How long a token is good; services refuse one of more than 24 hours."""
RENEWED_S = 3600
"""A token is used until so long before its end."""
ORIGINS_KEPT = 256
"""Push services whose token is kept. There are some four, and those that somebody makes up."""


class VapidKeyError(ValueError):
    """The text is no PEM of a private key on P-256."""


def new_key() -> bytes:
    """A private key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


class Vapid:
    """The key of an installation, and the headers that show it.

    `pem` is a private key on P-256, PKCS 8 or SEC 1; `subject` is where a push service reaches who
    runs the installation, `mailto:` or `https:`, or None. Raises `VapidKeyError`.
    """

    def __init__(
        self, pem: bytes, subject: str | None, now: Callable[[], float] = time.time
    ) -> None:
        try:
            key = load_pem_private_key(pem, password=None)
        except (ValueError, TypeError) as error:
            raise VapidKeyError("is no private key in PEM, without a password") from error
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256r1":
            raise VapidKeyError("is no key on the curve P-256 (prime256v1)")
        self._key = key
        self._subject = subject
        self._now = now
        self._tokens: OrderedDict[str, tuple[str, float]] = OrderedDict()
        self.public_key = base64url(point_of(key.public_key()))
        """What browsers subscribe with: `applicationServerKey`, in base64url."""

    def authorization(self, origin: str) -> str:
        """The header for a push service; its token is signed once in some hours."""
        token, ends_at = self._tokens.get(origin, ("", 0.0))
        if ends_at - RENEWED_S <= self._now():
            ends_at = self._now() + TOKEN_S
            token = self._signed(origin, int(ends_at))
            self._tokens[origin] = token, ends_at
        self._tokens.move_to_end(origin)
        if len(self._tokens) > ORIGINS_KEPT:
            self._tokens.popitem(last=False)
        return f"vapid t={token}, k={self.public_key}"

    def _signed(self, origin: str, ends_at: int) -> str:
        claims: dict[str, object] = {"aud": origin, "exp": ends_at}
        if self._subject is not None:
            claims["sub"] = self._subject
        parts = (msgspec.json.encode(part) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
        text = ".".join(map(base64url, parts))
        r, s = decode_dss_signature(self._key.sign(text.encode(), ec.ECDSA(SHA256())))
        return f"{text}.{base64url(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def base64url(data: bytes) -> str:
    """Base64url without padding, as JWT and browsers have it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
