"""The tokens of links that unsubscribe."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.notifications.categories import CATEGORIES, CHANNELS, may_be_turned_off
from storage.mail.unsubscribe import DIGEST, Choice, UnsubscribeTokens, choice_of

TOKENS = UnsubscribeTokens("the secret of this test")
FREE = [(a, b) for a in CATEGORIES for b in CHANNELS if may_be_turned_off(a, b)]
KEPT = [(a, b) for a in CATEGORIES for b in CHANNELS if not may_be_turned_off(a, b)]
TOKEN = TOKENS.token(Choice(uuid4(), "message", "email"))


@pytest.mark.parametrize(("category", "channel"), FREE)
def test_a_token_is_read_as_what_it_was_made_of(category, channel):
    choice = Choice(uuid4(), category, channel)
    assert TOKENS.read(TOKENS.token(choice)) == choice
    assert UnsubscribeTokens("another secret of this test").read(TOKENS.token(choice)) is None
    assert TOKENS.url(choice, "https://parley.example/") == (
        f"https://parley.example/v1/unsubscribe/{TOKENS.token(choice)}"
    )


@pytest.mark.parametrize(("category", "channel"), [*KEPT, ("other", "email"), ("job", "pigeon")])
def test_what_stays_on_has_no_link(category, channel):
    choice = Choice(uuid4(), category, channel)
    assert choice_of(choice.user_id, [category], channel) is None
    with pytest.raises(ValueError, match="cannot be turned off"):
        TOKENS.token(choice)


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        (["job"], "job"),
        (["job", "message"], DIGEST),
        (["payment", "job"], DIGEST),
        (["payment", "security"], None),
        ([], None),
    ],
)
def test_a_digest_has_a_link_for_all_that_may_be_turned_off(categories, expected):
    choice = choice_of(uuid4(), categories, "email")
    assert (choice and choice.category) == expected
    if choice is not None:
        assert TOKENS.read(TOKENS.token(choice)) == choice
        free = [one for one in CATEGORIES if may_be_turned_off(one, "email")]
        assert choice.categories == (free if expected == DIGEST else categories)


@given(st.text(max_size=300) | st.binary(max_size=90).map(lambda raw: raw.hex()))
def test_no_other_text_is_a_token(text):
    assert TOKENS.read(text) is None


@pytest.mark.parametrize("place", range(len(TOKEN)))
def test_a_token_with_another_letter_is_none(place):
    letter = "A" if TOKEN[place] != "A" else "B"
    read = TOKENS.read(TOKEN[:place] + letter + TOKEN[place + 1 :])
    # The last letter may hold bits that stand for nothing.
    assert read is None or (place == len(TOKEN) - 1 and read == TOKENS.read(TOKEN))
