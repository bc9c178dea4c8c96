"""What a value must be, as a person would say it: from the types of the wire."""

from functools import cache
from typing import Any

from msgspec import inspect

from protocol.text import NO_NUL

_PLAIN = {
    inspect.NoneType: "null",
    inspect.BoolType: "true or false",
    inspect.UUIDType: "an id (a UUID)",
    inspect.DateType: "a date such as 2026-01-31",
    inspect.TimeType: "a time of day such as 08:30:00",
    inspect.DateTimeType: "a time with its zone, such as 2026-01-31T12:00:00Z",
    inspect.DictType: "an object",
    inspect.StructType: "an object",
}


def reason_of(value: Any, wanted: Any) -> str:
    """Why a value is refused as a `wanted`."""
    if value is None:
        return "must not be null"
    if isinstance(value, str) and "\0" in value:
        return "must not contain U+0000"
    return f"must be {expected(wanted)}"


@cache
def expected(wanted: Any) -> str:
    """A type of the wire as a person would describe its values: `text of 1 to 200 characters`."""
    return _words(inspect.type_info(wanted))


def _words(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata(extra_json_schema={"description": str(described)}):
            words = described
        case inspect.Metadata(type=inner):
            words = _words(inner)
        case inspect.UnionType(types=types):
            some = sorted(types, key=lambda one: isinstance(one, inspect.NoneType))
            words = " or ".join(map(_words, some))
        case inspect.LiteralType(values=values):
            words = f"one of {', '.join(map(str, values))}"
        case inspect.DictType(key_type=inspect.UUIDType()):
            words = "an object whose names are ids"
        case _:
            words = _words_of_sizes(info)
    return words


def _words_of_sizes(info: inspect.Type) -> str:
    match info:
        case inspect.StrType(min_length=least, max_length=most, pattern=pattern):
            is_free = pattern in {None, NO_NUL}
            words = f"text{_length(least, most)}" if is_free else f"text of the form {pattern}"
        case inspect.IntType(ge=least, le=most):
            words = f"a whole number{_range(least, most)}"
        case inspect.FloatType(ge=least, le=most):
            words = f"a number{_range(least, most)}"
        case inspect.ListType(max_length=most):
            words = "a list" if most is None else f"a list of at most {most}"
        case _:
            words = _PLAIN.get(type(info), "another value")
    return words


def _length(least: int | None, most: int | None) -> str:
    match least or None, most:
        case None, None:
            return ""
        case None, _:
            return f" of at most {most} characters"
        case _, None:
            return f" of at least {least} characters"
        case _:
            return f" of {least} to {most} characters"


def _range(least: float | None, most: float | None) -> str:
    match least, most:
        case None, None:
            return ""
        case None, _:
            return f" of at most {most}"
        case _, None:
            return f" of at least {least}"
        case _:
            return f" from {least} to {most}"
