"""Signatures of events: of these bytes, with this secret, just now."""

import hashlib
import hmac

import pytest

from storage.payments.signatures import SignatureError, signature, verify

SECRET, BODY, NOW = "a secret of the provider", b'{"id": "evt_1"}', 1_800_000_000


def test_the_header_is_the_hmac_of_time_and_body():
    digest = hmac.new(SECRET.encode(), b"1800000000." + BODY, hashlib.sha256).hexdigest()
    assert signature(SECRET, BODY, NOW) == f"t=1800000000,v1={digest}"
    verify(SECRET, BODY, f"t=1800000000,v1={digest}", NOW)


@pytest.mark.parametrize("away_s", [-300, 0, 300])
def test_a_signature_is_good_for_five_minutes(away_s):
    verify(SECRET, BODY, signature(SECRET, BODY, NOW), NOW + away_s)


@pytest.mark.parametrize("away_s", [-301, 301, 86_400])
def test_an_old_one_is_refused_and_so_is_one_of_tomorrow(away_s):
    with pytest.raises(SignatureError, match="300 s"):
        verify(SECRET, BODY, signature(SECRET, BODY, NOW), NOW + away_s)


def test_one_of_two_secrets_is_enough_while_it_is_replaced():
    old = signature("the secret of before", BODY, NOW).partition(",")[2]
    verify(SECRET, BODY, f"t={NOW},{old},{signature(SECRET, BODY, NOW).partition(',')[2]}", NOW)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "v1=00",
        f"t={NOW}",
        f"t={NOW},v1=",
        f"t={NOW},v1={'0' * 64}",
        signature("another secret", BODY, NOW),
        signature(SECRET, BODY + b" ", NOW),
        signature(SECRET, BODY, NOW).replace(f"t={NOW}", f"t={NOW + 1}"),
        signature(SECRET, BODY, NOW).upper(),
        signature(SECRET, BODY, NOW) + "\n",
        f"t={'9' * 4000},v1={'0' * 64}",
    ],
)
def test_what_is_not_of_this_body_is_refused(header):
    with pytest.raises(SignatureError):
        verify(SECRET, BODY, header, NOW)
