"""Encryption of a payload for one browser. Source: RFC 8291, in the coding of RFC 8188."""

import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CODING = "aes128gcm"
POINT_BYTES, SECRET_BYTES, SALT_BYTES = 65, 16, 16
_RECORD_BYTES = 4096
_LAST_RECORD = b"\x02"


def public_key_of(point: bytes) -> ec.EllipticCurvePublicKey:
    """An uncompressed point of P-256; raises `ValueError` for what is none."""
    if len(point) != POINT_BYTES or point[0] != 4:
        raise ValueError("is no uncompressed point")
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise ValueError("is no point of the curve P-256") from error


def point_of(key: ec.EllipticCurvePublicKey) -> bytes:
    """A public key as an uncompressed point, 65 bytes."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encrypted(payload: bytes, p256dh: bytes, auth: bytes) -> bytes:
    """The body of a push for the browser with this public key and secret: one record.

    It is 103 bytes longer than the payload. Raises `ValueError` for keys that are none.
    """
    return encrypted_with(
        payload, (p256dh, auth), ec.generate_private_key(ec.SECP256R1()), os.urandom(SALT_BYTES)
    )


def encrypted_with(
    payload: bytes, keys: tuple[bytes, bytes], own: ec.EllipticCurvePrivateKey, salt: bytes
) -> bytes:
    """As `encrypted`, by a key and a salt that are used once; RFC 8291, section 3.4."""
    p256dh, auth = keys
    own_point = point_of(own.public_key())
    shared = own.exchange(ec.ECDH(), public_key_of(p256dh))
    material = _derived(auth, b"WebPush: info\x00" + p256dh + own_point, 32, shared)
    content_key = _derived(salt, b"Content-Encoding: aes128gcm\x00", 16, material)
    nonce = _derived(salt, b"Content-Encoding: nonce\x00", 12, material)
    record = AESGCM(content_key).encrypt(nonce, payload + _LAST_RECORD, None)
    length = _RECORD_BYTES.to_bytes(4, "big")
    return salt + length + bytes([len(own_point)]) + own_point + record


def _derived(salt: bytes, info: bytes, length: int, material: bytes) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)
