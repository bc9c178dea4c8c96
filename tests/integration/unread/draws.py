"""What a random step may be: who sends, reports, changes; drawn small, so that it shrinks well."""

from typing import NamedTuple

from hypothesis import strategies as st

PEOPLE = 4
TALKS = 5
who = st.integers(0, 15)
"""Below 12 one of those who are likely to be allowed, else anybody."""
where = st.integers(0, TALKS - 1)
which = st.integers(0, 40)
CHANGES = ("edit", "delete", "delete", "pin", "unpin", "react", "unreact")


class Send(NamedTuple):
    """A message to send."""

    who: int
    where: int
    text: str
    parent: int | None


class Repeat(NamedTuple):
    """A send once more: of those in the same group or, if it is old, of what is there."""

    which: int
    is_old: bool
    is_same: bool


class Receipt(NamedTuple):
    """What one device reports; `seq` may be behind, or past the end."""

    who: int
    where: int
    seq: int
    is_read: bool


class Change(NamedTuple):
    """A change of a message that is there."""

    who: int
    where: int
    which: int
    verb: str
    text: str


texts = st.sampled_from(["hello", "well", "剪辑"])
sends = st.builds(Send, who, where, texts, st.none() | which)
plain_sends = st.builds(Send, who, where, texts, st.none())
repeats = st.lists(st.builds(Repeat, which, st.booleans(), st.booleans()), max_size=4)
receipts = st.builds(Receipt, who, where, st.integers(0, 60), st.booleans())
changes = st.builds(Change, who, where, which, st.sampled_from(CHANGES), texts)
