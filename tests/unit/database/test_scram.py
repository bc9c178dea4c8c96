"""The verifier is the one that PostgreSQL makes, by the example of RFC 7677."""

import base64

import pytest

from storage.database.scram import verifier


def test_the_example_of_the_rfc():
    made = verifier("pencil", base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    assert made == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
        "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


def test_each_has_its_own_salt():
    assert verifier("pencil") != verifier("pencil")


@pytest.mark.parametrize("password", ["", "bücher", "a\nb"])
def test_what_might_be_changed_on_the_way_is_refused(password):
    with pytest.raises(ValueError, match="printable ASCII"):
        verifier(password)
