"""The key of an installation, and the tokens that it signs."""

import subprocess

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from storage.push.vapid import ORIGINS_KEPT, TOKEN_S, Vapid, VapidKeyError, new_key
from tests.push_service import claims_of

NOW = 1_800_000_000.5
ORIGIN = "https://push.example"


class Clock:
    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


def pem_of(key, form=serialization.PrivateFormat.PKCS8):
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def test_a_token_says_to_whom_until_when_and_whom_to_ask():
    vapid = Vapid(new_key(), "mailto:ops@example.org", Clock())
    claims, public_key = claims_of(vapid.authorization(ORIGIN))
    assert claims == {"aud": ORIGIN, "exp": int(NOW) + TOKEN_S, "sub": "mailto:ops@example.org"}
    assert public_key == vapid.public_key
    assert "sub" not in claims_of(Vapid(new_key(), None).authorization(ORIGIN))[0]


def test_a_token_of_another_key_is_told():
    said, other = (Vapid(new_key(), None).authorization(ORIGIN) for _ in range(2))
    token, _, key = said.partition(", k=")
    with pytest.raises(InvalidSignature):
        claims_of(f"{token}, k={other.partition(', k=')[2]}")
    assert claims_of(f"{token}, k={key}")


def test_a_token_is_kept_by_origin_and_renewed_before_its_end():
    clock = Clock()
    vapid = Vapid(new_key(), None, clock)
    first = vapid.authorization(ORIGIN)
    clock.now += TOKEN_S - 3601
    assert vapid.authorization(ORIGIN) == first
    assert vapid.authorization("https://other.example") != first
    clock.now += 2
    renewed = vapid.authorization(ORIGIN)
    assert claims_of(renewed)[0]["exp"] == int(clock.now) + TOKEN_S
    assert TOKEN_S < 24 * 3600


def test_few_tokens_are_kept_the_last_used():
    vapid = Vapid(new_key(), None, Clock())
    first = vapid.authorization(ORIGIN)
    for n in range(ORIGINS_KEPT - 1):
        vapid.authorization(f"https://{n}.example")
    assert vapid.authorization(ORIGIN) == first
    vapid.authorization("https://one-more.example")
    assert vapid.authorization(ORIGIN) == first
    for n in range(ORIGINS_KEPT):
        vapid.authorization(f"https://{n}.another.example")
    assert vapid.authorization(ORIGIN) != first
    assert len(vapid._tokens) == ORIGINS_KEPT


def test_keys_of_openssl_are_taken():
    made = subprocess.run(
        ["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout"],
        capture_output=True,
        check=True,
        timeout=20,
    )
    assert made.stdout.startswith(b"-----BEGIN EC PRIVATE KEY-----")
    assert len(Vapid(made.stdout, None).public_key) == 87


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"no key",
        pem_of(ec.generate_private_key(ec.SECP384R1())),
        pem_of(ed25519.Ed25519PrivateKey.generate()),
        ec.generate_private_key(ec.SECP256R1()).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"password"),
        ),
    ],
    ids=["nothing", "no key", "P-384", "Ed25519", "with a password"],
)
def test_other_keys_are_told(pem):
    with pytest.raises(VapidKeyError):
        Vapid(pem, None)
