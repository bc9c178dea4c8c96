"""JSON schemas of the wire's structs, as OpenAPI and AsyncAPI want them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
UUID_TEXT: Schema = {"type": "string", "format": "uuid"}
_REF = "#/components/schemas/"


class Schemas:
    """The schemas of some types and of all that they hold, each with a name.

    `sent` are those that clients send, which may be refused for members that they lack. Of all
    others, a member is required where the server always writes it.
    """

    def __init__(
        self,
        shapes: Iterable[type[msgspec.Struct]],
        sent: Iterable[type[msgspec.Struct]],
        *,
        refuses_unknown: bool,
    ) -> None:
        bodies = set(sent)
        ordered = sorted({*shapes, *bodies}, key=lambda shape: (shape.__module__, shape.__name__))
        found = msgspec.json.schema_components(ordered, ref_template=_REF + "{name}")
        refs, components = _named_apart(*found)
        self.components: dict[str, Schema] = {
            name: translated(of) for name, of in components.items()
        }
        self._refs: dict[type[msgspec.Struct], Schema] = dict(zip(ordered, refs, strict=True))
        within_bodies = set(_structs_in(bodies))
        for shape in _structs_in(ordered):
            apart = _within_module(f"{shape.__module__}.{shape.__name__}")
            schema = self.components.get(shape.__name__) or self.components.get(apart)
            if schema is None or schema.get("type") != "object":
                continue
            if shape not in within_bodies:
                schema["required"] = always_written(shape)
            elif refuses_unknown:
                schema["additionalProperties"] = False

    def ref(self, shape: type[msgspec.Struct]) -> Schema:
        """A reference to the schema of a shape."""
        return self._refs[shape]

    def resolved(self, shape: type[msgspec.Struct]) -> Schema:
        """The schema itself."""
        return self.components[self.name_of(shape)]

    def name_of(self, shape: type[msgspec.Struct]) -> str:
        """What the schema of a shape is called."""
        name: str = self._refs[shape]["$ref"].removeprefix(_REF)
        return name

    def named(self, name: str, schema: Schema) -> Schema:
        """Give a schema a name, and the reference to it."""
        known = self.components.setdefault(name, schema)
        assert known == schema, f"two schemas are called {name}"
        return {"$ref": _REF + name}

    def page(self, name: str, row: Schema, **told: Schema) -> Schema:
        """The reference to a page of rows: `told` is what a list says besides."""
        rows: Schema = {"type": "array", "items": row}
        return self.named(name, object_of({"data": rows, "next_cursor": or_null(TEXT), **told}))

    def counted_page(self, name: str, row: Schema, by: str) -> Schema:
        """The reference to a page of rows that may say how many there are by a field."""
        page = self.page(name, row)
        if by:
            count: Schema = {"type": "integer", "minimum": 0}
            counts: Schema = {"type": "object", "additionalProperties": count}
            counts["description"] = f"How many rows there are by their {by}, where `counts=true`"
            self.components[name]["properties"]["counts"] = counts
        return page

    def body(self, shape: type[msgspec.Struct], left_out: Iterable[str] = ()) -> Schema:
        """The reference to a body: of `shape`, without the members that are `left_out`."""
        out = set(left_out)
        if not out:
            return self.ref(shape)
        schema = self.resolved(shape)
        properties = schema.get("properties", {})
        return self.named(
            f"{self.name_of(shape)}Body",
            schema
            | {
                "title": f"{self.name_of(shape)}Body",
                "properties": {name: of for name, of in properties.items() if name not in out},
                "required": [name for name in schema.get("required", []) if name not in out],
            },
        )

    def used(self, *parts: Any) -> dict[str, Schema]:
        """The schemas that the parts of a document refer to, and those that these do."""
        found: dict[str, Schema] = {}
        waiting = list(_names_in(parts))
        while waiting:
            name = waiting.pop()
            if name not in found:
                found[name] = self.components[name]
                waiting += _names_in(found[name])
        return dict(sorted(found.items()))


def _named_apart(
    refs: Sequence[Schema], components: Mapping[str, Schema]
) -> tuple[Sequence[Schema], Mapping[str, Schema]]:
    """The same, where two structs are called alike, which msgspec names by their modules, with
    names that begin with the last word of the module: `ReviewRespond`.
    """
    renamed = {name: _within_module(name) for name in components if "." in name}
    if not renamed:
        return refs, components
    told = {
        renamed.get(name, name): of | {"title": renamed[name]} if name in renamed else of
        for name, of in components.items()
    }
    text = msgspec.json.encode([refs, told]).decode()
    for name, apart in renamed.items():
        text = text.replace(f'"{_REF}{name}"', f'"{_REF}{apart}"')
    moved: tuple[Sequence[Schema], Mapping[str, Schema]] = msgspec.json.decode(text)
    return moved


def _within_module(name: str) -> str:
    *_packages, module, struct = name.split(".")
    return "".join(word.capitalize() for word in module.split("_")) + struct


def always_written(shape: type[msgspec.Struct]) -> list[str]:
    """The members that every encoded value of a struct has."""
    omits = shape.__struct_config__.omit_defaults
    return [
        field.encode_name
        for field in msgspec.structs.fields(shape)
        if field.required or not (omits or field.default is msgspec.UNSET)
    ]


def _structs_in(shapes: Iterable[type[msgspec.Struct]]) -> Iterator[type[msgspec.Struct]]:
    """Some structs and all that they hold, each once."""
    seen: set[type[msgspec.Struct]] = set()
    waiting: list[Any] = list(msgspec.inspect.multi_type_info(shapes))
    while waiting:
        match waiting.pop():
            case msgspec.inspect.StructType(cls=cls, fields=fields) if cls not in seen:
                seen.add(cls)
                yield cls
                waiting += [field.type for field in fields]
            case msgspec.inspect.Metadata(type=described):
                waiting.append(described)
            case msgspec.inspect.UnionType(types=types):
                waiting += types
            case msgspec.inspect.ListType(item_type=item):
                waiting.append(item)
            case msgspec.inspect.DictType(value_type=value):
                waiting.append(value)
            case _:
                pass


def _names_in(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        for name, item in part.items():
            if name == "$ref" and isinstance(item, str) and item.startswith(_REF):
                yield item.removeprefix(_REF)
            else:
                yield from _names_in(item)
    elif isinstance(part, list | tuple):
        for item in part:
            yield from _names_in(item)


def translated(schema: Any) -> Any:
    """A schema of msgspec's as generators of code take it.

    Patterns are JSON Schema's, every array says what it holds, and words say that they are text.
    A default is said in words: types made of it would have the member always there.
    """
    if isinstance(schema, list):
        return [translated(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    members = {name: translated(of) for name, of in schema.items()}
    if isinstance(members.get("pattern"), str):
        # Python's `\Z` is another letter to JSON Schema, whose `$` is the end and nothing else.
        members["pattern"] = members["pattern"].replace(r"\Z", "$").replace(r"\x00", r"\u0000")
    if "default" in members:
        default = members.pop("default")
        if default not in (None, [], {}, ""):
            members["description"] = f"Without it: {msgspec.json.encode(default).decode()}"
    if members.get("type") == "array" and not members.get("items"):
        members["items"] = {}
        members.setdefault("description", "Any JSON: the shape is that of whoever writes it")
    if isinstance(members.get("enum"), list) and "type" not in members:
        members["type"] = "string"
    return members


def or_null(schema: Schema) -> Schema:
    """A value that may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def object_of(members: Mapping[str, Schema]) -> Schema:
    """An object that has all these members."""
    return {"type": "object", "properties": dict(members), "required": list(members)}


def summary_of(documented: object) -> str:
    """The first sentence of a docstring, for a title."""
    text = " ".join((documented.__doc__ or "").split())
    return text.partition(". ")[0].rstrip(".")
