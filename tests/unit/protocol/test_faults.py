"""All that is wrong with a value is told, in words of people."""

import re
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.resources import RESOURCES
from protocol import identity, requests
from protocol.errors import Fault
from protocol.faults.search import MOST_FAULTS, faults_of, sorted_out
from protocol.faults.words import expected
from storage.resources import wire_structs

OURS = re.compile(r"[`$^\\]|Expected|Invalid")
"""What people are not told: patterns, and msgspec's words."""


REQUESTS = [
    found
    for found in (*vars(requests).values(), *vars(identity).values())
    if isinstance(found, type) and issubclass(found, requests.Request)
]


class Part(msgspec.Struct):
    id: UUID
    note: str = ""


class Whole(msgspec.Struct):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=5)]
    tier: Literal["basic", "premium"]
    count: Annotated[int, msgspec.Meta(ge=1, le=9)] = 1
    parts: Annotated[list[Part], msgspec.Meta(max_length=60)] = []
    revs: dict[UUID, int] = {}
    other: Part | None = None


GOOD = {"title": "x", "tier": "basic"}


@pytest.mark.parametrize(
    ("value", "faults"),
    [
        ({}, [Fault("title", "is missing", "required"), Fault("tier", "is missing", "required")]),
        (GOOD | {"title": "toolong"}, [Fault("title", "must be text of 1 to 5 characters")]),
        (GOOD | {"title": None}, [Fault("title", "must not be null")]),
        (GOOD | {"title": "a\0" * 9}, [Fault("title", "must not contain U+0000")]),
        (GOOD | {"tier": "x"}, [Fault("tier", "must be one of basic, premium")]),
        (GOOD | {"count": "1"}, [Fault("count", "must be a whole number from 1 to 9")]),
        (GOOD | {"count": 10**30}, [Fault("count", "must be a whole number from 1 to 9")]),
        (GOOD | {"other": 1}, [Fault("other", "must be an object or null")]),
        (GOOD | {"other": {}}, [Fault("other.id", "is missing", "required")]),
        (GOOD | {"parts": {}}, [Fault("parts", "must be a list of at most 60")]),
        (GOOD | {"parts": [{}] * 61}, [Fault(f"parts[{n}].id", "is missing", "required")
                                       for n in range(MOST_FAULTS)]),
        (GOOD | {"revs": {"x": 1}}, [Fault("revs", "must be an object whose names are ids")]),
        (GOOD | {"revs": {str(UUID(int=1)): "x"}},
         [Fault(f"revs.{UUID(int=1)}", "must be a whole number")]),
        ({"title": 1, "count": 0, "parts": [{"id": "x"}, {"id": str(UUID(int=1)), "note": 5}]},
         [Fault("title", "must be text of 1 to 5 characters"),
          Fault("tier", "is missing", "required"),
          Fault("count", "must be a whole number from 1 to 9"),
          Fault("parts[0].id", "must be an id (a UUID)"),
          Fault("parts[1].note", "must be text")]),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_place(value: Any, faults: list[Fault]):
    assert faults_of(value, Whole) == faults


class Strict(msgspec.Struct, forbid_unknown_fields=True):
    amount: str


def test_a_member_too_many_is_the_only_thing_that_is_wrong():
    assert faults_of({"amount": "1", "x": 2}, Strict) == [
        Fault("x", "no such member or parameter", "unknown")
    ]
    assert sorted_out({"amount": "1", "x": 2}, Strict) == ({"amount": "1"}, [])


def test_what_is_right_is_kept_beside_what_is_wrong():
    values, faults = sorted_out(GOOD | {"count": "x", "unread": 1}, Whole)
    assert values == GOOD
    assert [fault.path for fault in faults] == ["count"]
    assert sorted_out(GOOD, Whole) == (GOOD, [])


def test_no_field_is_described_by_a_pattern():
    wires = {f.kind.wire for r in RESOURCES.values() for f in r.fields}
    wires |= {field.type for shape in REQUESTS for field in msgspec.structs.fields(shape)}
    assert len(wires) > 50
    assert not [words for wire in wires if OURS.search(words := expected(wire))]


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2)
    ),
    max_leaves=4,
)
SHAPES = [wire_structs.creation(RESOURCES["gigs"]), wire_structs.creation(RESOURCES["fees"]),
          *REQUESTS]  # fmt: skip


@given(shape=st.sampled_from(SHAPES), data=st.data())
def test_whatever_is_refused_has_a_reason(shape: Any, data: st.DataObject):
    names = [field.encode_name for field in msgspec.structs.fields(shape)] or ["x"]
    value = data.draw(st.dictionaries(st.sampled_from(names), ANYTHING, max_size=4))
    faults = faults_of(value, shape)
    try:
        msgspec.convert(value, shape)
    except (msgspec.ValidationError, UnicodeEncodeError, OverflowError):
        assert faults
        assert not [fault for fault in faults if OURS.search(fault.reason)]
    else:
        assert not faults
