"""Members of a body that its struct does not have. Sockets ignore them, HTTP refuses them."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import msgspec

_Search = Callable[[Any, str], Iterator[str]]


def unknown_members(value: Any, shape: type[msgspec.Struct]) -> list[str]:
    """The paths (`attachments[0].size`) of the members of a decoded body that `shape` lacks."""
    return list(_search_of(shape)(value, ""))


@cache
def _search_of(shape: type[msgspec.Struct]) -> _Search:
    search = _compile(msgspec.inspect.type_info(shape))
    assert search is not None
    return search


def _compile(info: msgspec.inspect.Type) -> _Search | None:
    """A search for values of this type, None where nothing can be unknown."""
    match info:
        case msgspec.inspect.Metadata(type=described):
            return _compile(described)
        case msgspec.inspect.UnionType(types=types):
            structs = [found for found in map(_compile, types) if found is not None]
            return structs[0] if len(structs) == 1 else None
        case (
            msgspec.inspect.ListType(item_type=item) | msgspec.inspect.VarTupleType(item_type=item)
        ):
            inner = _compile(item)
            return None if inner is None else _in_list(inner)
        case msgspec.inspect.DictType(value_type=of):
            inner = _compile(of)
            return None if inner is None else _in_map(inner)
        case msgspec.inspect.StructType(fields=fields):
            return _in_struct({field.encode_name: _compile(field.type) for field in fields})
        case _:
            return None


def _in_list(inner: _Search) -> _Search:
    def search(value: Any, path: str) -> Iterator[str]:
        for number, item in enumerate(value if isinstance(value, list) else ()):
            yield from inner(item, f"{path}[{number}]")

    return search


def _in_map(inner: _Search) -> _Search:
    def search(value: Any, path: str) -> Iterator[str]:
        for name, item in (value if isinstance(value, dict) else {}).items():
            yield from inner(item, f"{path}[{name!r}]")

    return search


def _in_struct(known: dict[str, _Search | None]) -> _Search:
    def search(value: Any, path: str) -> Iterator[str]:
        for name, item in (value if isinstance(value, dict) else {}).items():
            here = f"{path}.{name}" if path else name
            if name not in known:
                yield here
            elif (inner := known[name]) is not None:
                yield from inner(item, here)

    return search
