"""What headers of pushes say, and what those of services ask for."""

import re

import pytest

from storage.push.web_push import retry_after_s, topic_of

NOW = 1_445_412_420.0
"""Wed, 21 Oct 2015 07:27:00 GMT"""


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("120", 120),
        (" 0 ", 0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 60),
        ("Wed, 21 Oct 2015 07:20:00 GMT", 0),
        ("Wednesday, 21-Oct-15 07:28:00 GMT", 60),
        ("9" * 400, 999_999_999),
        ("", None),
        ("-1", None),
        ("soon", None),
        ("١٢", None),
        ("Wed, 99 Oct 2015 07:28:00 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(said, wait_s):
    assert retry_after_s(said, NOW) == wait_s


def test_a_topic_is_itself_or_a_hash():
    assert topic_of("run-7") == "run-7"
    long = "run:0193e7a0-3c5b-7d11-a4a8-0d7b8d0a5a11"
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", topic_of(long))
    assert topic_of(long) == topic_of(long) != topic_of(f"{long}x")
    assert topic_of("") != ""
