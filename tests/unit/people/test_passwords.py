"""Passwords are compared however a keyboard composes them, and no length makes that slow."""

import time
import unicodedata

import pytest

from storage.people.passwords import PASSWORD_CHARS, SAMPLE_PASSWORD, Passwords

HOSTILE = "a" + "\u0301\u0323" * 50_000
"""Marks in the order that has to be turned: to normalize them all takes long."""
AT_ONCE_S = 1.0


@pytest.fixture
def passwords():
    made = Passwords(memory_kib=8, time_cost=1, refused=[SAMPLE_PASSWORD])
    yield made
    made.close()


async def test_a_password_of_any_length_is_compared_at_once(passwords):
    stored = await passwords.hash("correct horse")
    began = time.thread_time()
    assert not passwords.is_refused(HOSTILE)
    assert time.thread_time() - began < AT_ONCE_S
    for known in (stored, None):
        began = time.process_time()  # it works in a thread, and holds the interpreter
        assert not await passwords.verify(known, HOSTILE)
        assert time.process_time() - began < AT_ONCE_S
    with pytest.raises(ValueError, match="characters"):
        await passwords.hash(HOSTILE)


async def test_what_is_too_long_is_not_taken_for_another(passwords):
    assert not await passwords.verify(await passwords.hash(""), "a" * 100_000)
    assert not passwords.is_refused(SAMPLE_PASSWORD + " " * 100_000)


@pytest.mark.parametrize("letter", ["\u1f82", "\u1ed9", "\ud55c"])
async def test_the_longest_is_the_same_in_every_composition(passwords, letter):
    longest = letter * PASSWORD_CHARS[-1]
    stored = await passwords.hash(longest)
    assert await passwords.verify(stored, unicodedata.normalize("NFD", longest))
