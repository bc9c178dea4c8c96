"""What PostgreSQL keeps of a password: a SCRAM-SHA-256 verifier (RFC 5802, RFC 7677).

Made here, as psql does, so that the password itself is in no statement and in no log.
"""

import base64
import hashlib
import hmac
import secrets

ITERATIONS = 4096
SALT_BYTES = 16


def verifier(password: str, salt: bytes | None = None) -> str:
    """The verifier of a password, with a random salt unless one is given.

    Raises `ValueError` for characters that SASLprep (RFC 4013) might change.
    """
    if not (password.isascii() and password.isprintable() and password):
        raise ValueError("should be printable ASCII")
    salt = secrets.token_bytes(SALT_BYTES) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    shown = [base64.b64encode(part).decode() for part in (salt, stored_key, server_key)]
    return f"SCRAM-SHA-256${ITERATIONS}:{shown[0]}${shown[1]}:{shown[2]}"
