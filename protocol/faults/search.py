"""What is wrong with a value of a request: all of it at once.

msgspec tells the first thing that is wrong, in its own words. Once it has refused a value, that is
looked through here, member by member.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec

from protocol.errors import MISSING, UNKNOWN, Fault
from protocol.faults.words import reason_of

MOST_FAULTS = 50
"""Faults that are told; whoever sends more has other questions."""

_PATH_CHARS = 200
_REFUSED = (msgspec.ValidationError, UnicodeEncodeError, OverflowError)


def sorted_out(
    members: dict[str, Any], shape: type[msgspec.Struct]
) -> tuple[dict[str, Any], list[Fault]]:
    """The members of a body that are as `shape` wants them, converted, and what is wrong.

    Members that `shape` does not have are left out, and so are its faults of such.
    """
    try:
        body = msgspec.convert(members, shape)
    except _REFUSED:
        values = dict(_valid(members, shape))
        faults = faults_of(members, shape)
        return values, [fault for fault in faults if fault.code != "unknown"]
    return {name: getattr(body, name) for name in body.__struct_fields__ if name in members}, []


def faults_of(value: Any, shape: Any) -> list[Fault]:
    """What is wrong with a value that is refused as a `shape`, in the order of its members."""
    return list(islice(_search(value, shape, ""), MOST_FAULTS))


def _valid(members: dict[str, Any], shape: type[msgspec.Struct]) -> Iterator[tuple[str, Any]]:
    for field in msgspec.structs.fields(shape):
        if field.encode_name in members:
            try:
                yield field.name, msgspec.convert(members[field.encode_name], field.type)
            except _REFUSED:
                continue


def _search(value: Any, wanted: Any, path: str) -> Iterator[Fault]:
    try:
        msgspec.convert(value, wanted)
    except _REFUSED:
        within = list(_within(value, wanted, path))
        yield from within or [Fault(path, reason_of(value, wanted))]


def _within(value: Any, wanted: Any, path: str) -> Iterator[Fault]:
    """The faults of what a value holds; none where the value itself is the wrong one."""
    for one in _alternatives(wanted):
        if isinstance(value, dict) and isinstance(one, type) and issubclass(one, msgspec.Struct):
            yield from _in_struct(value, one, path)
        elif isinstance(value, list) and get_origin(one) is list:
            steps = ((f"{path}[{at}]", item) for at, item in enumerate(value))
            yield from _in_items(steps, get_args(one)[0])
        elif isinstance(value, dict) and get_origin(one) is dict:
            steps = ((_below(path, str(key)), item) for key, item in value.items())
            yield from _in_items(steps, get_args(one)[1])


def _in_items(steps: Iterable[tuple[str, Any]], wanted: Any) -> Iterator[Fault]:
    found = (fault for path, item in steps for fault in _search(item, wanted, path))
    yield from islice(found, MOST_FAULTS)


def _in_struct(value: dict[str, Any], shape: type[msgspec.Struct], path: str) -> Iterator[Fault]:
    for field in msgspec.structs.fields(shape):
        here = _below(path, field.encode_name)
        if field.encode_name in value:
            yield from _search(value[field.encode_name], field.type, here)
        elif field.required:
            yield Fault(here, MISSING, "required")
    if shape.__struct_config__.forbid_unknown_fields:
        known = {field.encode_name for field in msgspec.structs.fields(shape)}
        yield from (Fault(_below(path, n), UNKNOWN, "unknown") for n in value if n not in known)


def _alternatives(wanted: Any) -> Iterator[Any]:
    """The types that a value may be of, without what is annotated to them."""
    origin = get_origin(wanted)
    if origin is Annotated:
        yield from _alternatives(get_args(wanted)[0])
    elif origin in {Union, UnionType}:
        for one in get_args(wanted):
            yield from _alternatives(one)
    else:
        yield wanted


def _below(path: str, name: str) -> str:
    """A path that stays short, however long the names in a client's JSON are."""
    below = f"{path}.{name}" if path else name
    return below if len(below) <= _PATH_CHARS else path
