"""Short names for ids, the same on each run: the third contract that is seen is `contract-3`."""

import re
from collections import Counter
from typing import Any

import orjson

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class Aliases:
    """Names by id, given in the order in which rows are shown."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._seen: Counter[str] = Counter()

    def person(self, key: str, name: str) -> None:
        """Call a person by a name."""
        self._names[key] = name

    def of(self, path: str, key: str) -> str:
        """The name of a row of a resource; one that was not seen before gets the next number."""
        if key not in self._names:
            noun = path.removesuffix("es" if path.endswith("ches") else "s")
            noun = f"{path[:-3]}y" if path.endswith("ies") else noun
            self._seen[noun] += 1
            self._names[key] = f"{noun}-{self._seen[noun]}"
        return self._names[key]

    def person_of(self, key: str | None) -> str:
        """Who acted; the server by itself is nobody."""
        return "nobody" if key is None else self._names.get(key, "somebody")

    def text(self, text: str) -> str:
        """A text with names for the ids in it, and no times, which each run has of its own."""
        named = _UUID.sub(lambda found: self._names.get(found[0], "…"), text)
        return _TIME.sub("…", named)

    def json(self, value: Any) -> str:
        """A value as JSON in one line, with names for the ids in it."""
        return self.text(orjson.dumps(value).decode())
