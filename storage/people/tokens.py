"""Opaque tokens: 256 random bits to the client, their SHA-256 to us."""

import hashlib
import secrets

import msgspec

_BYTES = 32
TOKEN_CHARS = 43
"""The length of every token: 32 bytes in base64url without padding."""


class TokenPair(msgspec.Struct, frozen=True):
    """An access and a refresh token, in clear: to be sent once and kept nowhere."""

    access: str
    refresh: str

    def __repr__(self) -> str:
        return "TokenPair(…)"


def new_pair() -> TokenPair:
    """Two tokens that nobody else has."""
    return TokenPair(secrets.token_urlsafe(_BYTES), secrets.token_urlsafe(_BYTES))


def token_hash(token: str) -> bytes:
    """What is stored of a token, and looked up; 32 bytes.

    The token is random, so nothing slower than SHA-256 is needed. A text that cannot be a token
    has a hash that no token has.
    """
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
