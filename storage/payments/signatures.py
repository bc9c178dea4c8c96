"""Signatures of events: `t=SECONDS,v1=HMAC-SHA256(secret, t.body)` in hexadecimal.

The body is signed as the bytes that are sent: JSON that is decoded and encoded again is not the
same text. The time is in what is signed, so that an old event cannot be sent again later. Source:
the scheme of Stripe's webhooks.
"""

import hashlib
import hmac
import re

TOLERANCE_S = 300
"""How far the time of a signature may lie from ours, either way."""

_HEADER = re.compile(r"t=(\d{1,12})((?:,v1=[0-9a-f]{64}){1,5})", re.ASCII)


class SignatureError(Exception):
    """The signature is missing, old, or not of this body; the message says which."""


def signature(secret: str, body: bytes, at_s: int) -> str:
    """The header of a body that is sent at this time, in seconds since 1970."""
    return f"t={at_s},v1={_digest(secret, body, at_s)}"


def verify(secret: str, body: bytes, header: str | None, now_s: float) -> None:
    """Raise `SignatureError` unless the header was made with the secret, for this body, just now.

    Several `v1` may stand in it, as while a secret is being replaced: one has to fit.
    """
    found = _HEADER.fullmatch(header or "")
    if found is None:
        raise SignatureError("there is no signature t=SECONDS,v1=HEX")
    at_s = int(found[1])
    expected = _digest(secret, body, at_s)
    given = (part.removeprefix("v1=") for part in found[2].split(",")[1:])
    if not any(hmac.compare_digest(expected, one) for one in given):
        raise SignatureError("the signature is not of this body")
    if abs(now_s - at_s) > TOLERANCE_S:
        raise SignatureError(f"the signature is more than {TOLERANCE_S} s from now")


def _digest(secret: str, body: bytes, at_s: int) -> str:
    return hmac.new(secret.encode(), b"%d.%b" % (at_s, body), hashlib.sha256).hexdigest()
