"""The wire's structs of a resource, made from its declaration: what is shown, and what is sent."""

from functools import cache
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from storage.resources.resource import Field, Resource, with_article


@cache
def creation(resource: Resource) -> type[msgspec.Struct]:
    """The body of a creation; what is not required may be left out."""
    members = [
        (f.name, _wire(f)) if f.required else (f.name, _optional(f), UNSET)
        for f in resource.creatable.values()
    ]
    return _struct(resource, "Create", members, f"A new {resource.noun}.")


@cache
def change(resource: Resource) -> type[msgspec.Struct]:
    """The body of a change; what is left out stays."""
    members = [(f.name, _optional(f), UNSET) for f in resource.changeable.values()]
    return _struct(resource, "Change", members, f"New values of {with_article(resource.noun)}.")


@cache
def whole(resource: Resource) -> type[msgspec.Struct]:
    """A row as it is shown. With `fields` or `expand` some members are absent, others present."""
    members: list[tuple[Any, ...]] = [
        (f.name, _optional(f), UNSET) for f in resource.readable.values()
    ]
    for expansion in resource.expansions:
        of: Any = Expanded if expansion.many else dict[str, Any] | None
        members.append((expansion.name, of | UnsetType, UNSET))
    if resource.machine is not None:
        members.append(("available_actions", list[str] | UnsetType, UNSET))
    return _struct(resource, "", members, f"{resource.says}.")


class Expanded(msgspec.Struct, frozen=True):
    """Rows that belong to another; `truncated` where there are more than these."""

    data: list[dict[str, Any]]
    truncated: bool


def name_of(resource: Resource) -> str:
    """What one row is called in the documents: `GigPackage`."""
    named = _NAMES.get(resource.path)
    return named or "".join(word.capitalize() for word in singular(resource.path).split("-"))


def singular(path: str) -> str:
    """A path of many as the word for one of them: `skill-edges` is a `skill-edge`."""
    if path.endswith(_WITHOUT_SINGULAR):
        return path
    for many, one in _ENDINGS:
        if path.endswith(many):
            return path.removesuffix(many) + one
    return path


_NAMES = {"users": "PublicUser", "reports": "FiledReport", "templates": "SavedTemplate"}
"""Where the wire of messages has an object of that name."""
_WITHOUT_SINGULAR = ("earnings", "notification-settings", "stats")
_ENDINGS = (
    ("analyses", "analysis"), ("ies", "y"), ("ches", "ch"), ("sses", "ss"), ("s", ""),
)  # fmt: skip


def _struct(resource: Resource, kind: str, members: Any, says: str) -> type[msgspec.Struct]:
    return msgspec.defstruct(
        name_of(resource) + kind,
        members,
        kw_only=True,
        frozen=True,
        namespace={"__doc__": says},
        module=__name__,
    )


def _wire(field: Field) -> Any:
    return field.kind.wire | None if field.null else field.kind.wire


def _optional(field: Field) -> Any:
    return _wire(field) | UnsetType
