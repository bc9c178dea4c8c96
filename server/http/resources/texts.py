"""The check of every text that a resource is sent: in fields, in their lists and objects."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

import msgspec

from handlers.public_names import LOOKS_RESERVED, PublicNames
from handlers.texts import fault_of_line, fault_of_text
from protocol.codec import nul_within
from protocol.errors import Fault
from protocol.notifications.zones import is_zone
from storage.resources.kinds import Said
from storage.resources.resource import Field, Resource

PATH_CHARS = 200

_NUL = "\\u0000"
"""As JSON writes it. It may also follow a backslash, so that members are searched for it then."""


class ResourceTexts:
    """Holds what is sent to the rule of its field."""

    def __init__(self, names: PublicNames) -> None:
        self._names = names

    async def faults(
        self,
        resource: Resource,
        values: Mapping[str, Any],
        is_staff: Callable[[], Awaitable[bool]],
    ) -> list[Fault]:
        """What is wrong with texts, the first of each field.

        Only staff may have a name that looks like the platform's; `is_staff` is asked then only.
        """
        found = []
        for name, value in values.items():
            field = resource.named(name)
            if value is None:
                continue
            fault = _fault(field, value)
            if (
                fault is None
                and field.kind.said is Said.PUBLIC_NAME
                and self._names.is_reserved(value)
                and not await is_staff()
            ):
                fault = Fault(name, LOOKS_RESERVED)
            if fault is not None:
                found.append(fault)
        return found


def _fault(field: Field, value: Any) -> Fault | None:
    if field.kind.cast == "jsonb" and _NUL in field.kind.stored(value):
        nul = nul_within({field.name: value})
        if nul is not None:
            return nul
    if field.kind.said is Said.NOTHING:
        return None
    fault_of = _RULES[field.kind.said]
    for path, text in _texts_in(field.name, value):
        # Within JSON, or where there is no null for it, nothing is said by an empty string.
        says_nothing = not text and (path != field.name or not (field.null or field.required))
        reason = None if says_nothing else fault_of(text)
        if reason is not None:
            return Fault(path, reason)
    return None


def _fault_of_zone(text: str) -> str | None:
    return None if is_zone(text) else "must be a zone of the IANA database, such as Europe/Berlin"


_RULES: Mapping[Said, Callable[[str], str | None]] = {
    Said.TEXT: fault_of_text,
    Said.LINE: fault_of_line,
    Said.PUBLIC_NAME: fault_of_line,
    Said.ZONE: _fault_of_zone,
}


def _texts_in(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """(path, text) of each text in a value, without recursion: JSON may be deep."""
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, msgspec.Struct):
            value = msgspec.to_builtins(value)
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, list):
            waiting += [(_below(path, f"[{at}]"), item) for at, item in enumerate(value)]
        elif isinstance(value, dict):
            waiting += [(_below(path, f".{key}"), item) for key, item in value.items()]


def _below(path: str, step: str) -> str:
    """A path that stays short, however long the names in a client's JSON are."""
    return path + step if len(path) + len(step) <= PATH_CHARS else path
