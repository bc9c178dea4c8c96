"""JSON schemas of the wire's structs, as OpenAPI and AsyncAPI want them."""

from collections.abc import Iterable
from typing import Any

import msgspec

Schema = dict[str, Any]
_REF = "#/components/schemas/"


class Schemas:
    """The schemas of some types and of all that they hold."""

    def __init__(self, shapes: Iterable[type[msgspec.Struct]]) -> None:
        ordered = sorted(set(shapes), key=lambda shape: (shape.__module__, shape.__name__))
        refs, self.components = msgspec.json.schema_components(
            ordered, ref_template=_REF + "{name}"
        )
        self.components = {name: translated(of) for name, of in self.components.items()}
        self._refs: dict[type[msgspec.Struct], Schema] = dict(zip(ordered, refs, strict=True))

    def ref(self, shape: type[msgspec.Struct]) -> Schema:
        """A reference to the schema of a shape."""
        return self._refs[shape]

    def resolved(self, shape: type[msgspec.Struct]) -> Schema:
        """The schema itself."""
        name: str = self._refs[shape]["$ref"].removeprefix(_REF)
        schema: Schema = self.components[name]
        return schema

    def without(self, shape: type[msgspec.Struct], left_out: Iterable[str]) -> Schema:
        """The schema of a body: no member that `shape` lacks, and none that is `left_out`."""
        schema, out = self.resolved(shape), set(left_out)
        properties = schema.get("properties", {})
        return {
            "type": "object",
            "properties": {name: of for name, of in properties.items() if name not in out},
            "required": [name for name in schema.get("required", []) if name not in out],
            "additionalProperties": False,
        }


def translated(schema: Any) -> Any:
    """A schema of msgspec's with patterns as JSON Schema has them."""
    if isinstance(schema, list):
        return [translated(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    members = {name: translated(of) for name, of in schema.items()}
    if isinstance(members.get("pattern"), str):
        # Python's `\Z` is another letter to JSON Schema, whose `$` is the end and nothing else.
        members["pattern"] = members["pattern"].replace(r"\Z", "$").replace(r"\x00", r"\u0000")
    return members


def summary_of(documented: object) -> str:
    """The first sentence of a docstring, for a title."""
    text = " ".join((documented.__doc__ or "").split())
    return text.partition(". ")[0].rstrip(".")
