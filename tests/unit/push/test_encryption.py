"""Encryption as in the example of RFC 8291, read back by a reader of the test's own."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.push.encryption import encrypted, encrypted_with, public_key_of
from storage.push.port import PAYLOAD_BYTES
from tests.push_service import Browser, bytes_of

# RFC 8291, appendix A.
PLAIN = b"When I grow up, I want to be a watermelon"
OWN, SALT = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw", "DGv6ra1nlYgDCS1FRnbzlw"
BROWSER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
POINT = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
MESSAGE = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS"
    "6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qu"
    "lcy4a-fN"
)


def key_of(scalar):
    return ec.derive_private_key(int.from_bytes(bytes_of(scalar), "big"), ec.SECP256R1())


def test_the_example_of_the_rfc():
    made = encrypted_with(PLAIN, (bytes_of(POINT), bytes_of(AUTH)), key_of(OWN), bytes_of(SALT))
    assert made == bytes_of(MESSAGE)
    browser = Browser(key_of(BROWSER), bytes_of(AUTH))
    assert browser.p256dh == bytes_of(POINT)
    assert browser.read(bytes_of(MESSAGE)) == PLAIN


@given(st.binary(max_size=PAYLOAD_BYTES))
@settings(max_examples=30, deadline=None)
def test_what_is_sent_is_what_is_read(payload):
    browser = Browser()
    made = encrypted(payload, browser.p256dh, browser.auth)
    assert len(made) == len(payload) + 103
    assert browser.read(made) == payload


def test_no_two_pushes_share_a_key_or_a_salt():
    browser = Browser()
    one, other = (encrypted(PLAIN, browser.p256dh, browser.auth) for _ in range(2))
    assert one[:16] != other[:16]
    assert one[21:86] != other[21:86]


def test_the_longest_payload_fits_what_services_take():
    browser = Browser()
    assert len(encrypted(bytes(PAYLOAD_BYTES), browser.p256dh, browser.auth)) <= 4096


GOOD = bytes_of(POINT)


@pytest.mark.parametrize(
    "point",
    [
        b"",
        bytes(65),
        b"\x04" + bytes(64),
        b"\x04" + b"\xff" * 64,
        GOOD[:64],
        GOOD + b"\x00",
        GOOD[:64] + bytes([GOOD[64] ^ 1]),
        bytes([2 + GOOD[64] % 2]) + GOOD[1:33],
        bytes([6 + GOOD[64] % 2]) + GOOD[1:],
    ],
    ids=range(9),
)
def test_what_is_no_point_of_the_curve_is_no_key(point):
    assert public_key_of(GOOD)
    with pytest.raises(ValueError, match="point"):
        public_key_of(point)
