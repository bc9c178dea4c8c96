"""The check of every text that a resource is sent: in fields, in their lists and objects."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any

from handlers.public_names import PublicNames
from handlers.texts import fault_of_line, fault_of_text
from protocol.errors import RequestError
from storage.resources.kinds import Said
from storage.resources.resource import Field, Resource

PATH_CHARS = 200


class ResourceTexts:
    """Holds what is sent to the rule of its field."""

    def __init__(self, names: PublicNames) -> None:
        self._names = names

    async def check(
        self,
        resource: Resource,
        values: Mapping[str, Any],
        is_staff: Callable[[], Awaitable[bool]],
    ) -> None:
        """Raise `RequestError` (`validation_failed`) for the first text that is refused.

        Only staff may have a name that looks like the platform's; `is_staff` is asked then only.
        """
        for name, value in values.items():
            field = resource.named(name)
            if field.kind.said is Said.NOTHING or value is None:
                continue
            _check(field, value)
            if (
                field.kind.said is Said.PUBLIC_NAME
                and self._names.is_reserved(value)
                and not await is_staff()
            ):
                self._names.check(name, value)


def _check(field: Field, value: Any) -> None:
    fault_of = fault_of_text if field.kind.said is Said.TEXT else fault_of_line
    for path, text in _texts_in(field.name, value):
        # Within JSON, or where there is no null for it, nothing is said by an empty string.
        says_nothing = not text and (path != field.name or not (field.null or field.required))
        fault = None if says_nothing else fault_of(text)
        if fault is not None:
            raise RequestError.invalid(path, fault)


def _texts_in(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """(path, text) of each text in a value, without recursion: JSON may be deep."""
    waiting = [(path, value)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, str):
            yield path, value
        elif isinstance(value, list):
            waiting += [(_below(path, f"[{at}]"), item) for at, item in enumerate(value)]
        elif isinstance(value, dict):
            waiting += [(_below(path, f".{key}"), item) for key, item in value.items()]


def _below(path: str, step: str) -> str:
    """A path that stays short, however long the names in a client's JSON are."""
    return path + step if len(path) + len(step) <= PATH_CHARS else path
