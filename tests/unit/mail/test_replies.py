"""What a server's reply means for the mail and for the address."""

import pytest

from storage.mail.replies import is_hard, outcome_of_reply


@pytest.mark.parametrize(
    ("code", "text", "expected"),
    [
        (250, "2.0.0 Ok: queued as 1", ("sent", "2.0.0", False)),
        (250, "OK", ("sent", "250", False)),
        (550, "5.1.1 <a@b.org>: no such user", ("rejected", "5.1.1", True)),
        (550, "5.1.1", ("rejected", "5.1.1", True)),
        (552, "5.2.2 over quota", ("rejected", "5.2.2", True)),
        (550, "5.7.1 you are listed", ("rejected", "5.7.1", False)),
        (550, "no such user", ("rejected", "550", False)),
        (553, "not allowed", ("rejected", "5.1.3", True)),
        (450, "greylisted", ("retry", "4.2.0", True)),
        (450, "4.7.1 greylisted", ("retry", "4.7.1", False)),
        (451, "4.3.0 try later", ("retry", "4.3.0", False)),
        (452, "4.2.2 over quota", ("retry", "4.2.2", True)),
        (421, "closing", ("retry", "421", False)),
        # An enhanced code of another class than the reply's is none.
        (450, "5.1.1 no such user", ("retry", "4.2.0", True)),
        (550, "5.1.12345 odd", ("rejected", "550", False)),
    ],
)
def test_a_reply_to_the_recipient(code, text, expected):
    outcome = outcome_of_reply(code, text, to_recipient=True)
    assert (outcome.state, outcome.code, outcome.is_of_address) == expected
    assert str(code) in outcome.reason


def test_a_reply_to_the_content_is_not_of_the_address_by_its_code_alone():
    assert not outcome_of_reply(553, "no", to_recipient=False).is_of_address
    assert outcome_of_reply(550, "5.1.1 no", to_recipient=False).is_of_address


def test_the_words_of_a_server_are_one_bounded_line():
    assert outcome_of_reply(550, "a\n" * 1000, to_recipient=True).reason.count("\n") == 0
    assert len(outcome_of_reply(550, "a" * 1000, to_recipient=True).reason) <= 300


@pytest.mark.parametrize(
    ("code", "hard"), [("5.1.1", True), ("5.2.1", True), ("5.2.2", False), ("4.1.1", False)]
)
def test_which_codes_are_for_good(code, hard):
    assert is_hard(code) is hard
