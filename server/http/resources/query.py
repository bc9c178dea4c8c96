"""What the query of a resource's path asks for: fields, expansions, filters, sort and place.

Only what the declaration names can be asked for; anything else is refused, misspelt or not.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import msgspec
from multidict import MultiMapping

from handlers.caller import Caller
from handlers.pages import page_size
from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, Fault, RequestError
from protocol.faults.words import reason_of
from protocol.limits import Limits
from server.http.route_helpers import unknown_refused
from storage.resources.conditions import Condition
from storage.resources.reading import Page, Position, Selection
from storage.resources.related import HOLDS, LACKS
from storage.resources.resource import Field, Filter, Resource, own_of

DEPTH = 2
"""Expansions of expansions, and no further: each level multiplies what one request reads."""
EXPANSIONS = 20
"""What one request may expand. Measured at a contract, each costs half of a request by itself."""
IN = "in"
_OPERATORS = {"": "=", "_gte": ">=", "_lte": "<="}
_VAGUE = frozenset({">=", "<=", "@>", "null"})
"""Operators of conditions that many rows may fulfil."""
_BARE = (msgspec.inspect.BoolType, msgspec.inspect.IntType, msgspec.inspect.FloatType)
_SHOWING = frozenset({"fields", "expand"})
DISPLAY = _SHOWING | {"limit", "cursor", "sort"}
"""Parameters that say how a list is shown, and not what is in it."""


COUNTS = "counts"
"""The parameter that asks a list for how many rows are in each state."""


@dataclass(frozen=True, slots=True)
class QueryReader:
    """Reads queries; `resources` are all, by their paths."""

    resources: dict[str, Resource]
    cursors: CursorSigner
    limits: Limits

    def selection(self, resource: Resource, query: MultiMapping[str]) -> Selection:
        """What of each row is asked for."""
        names = tuple(resource.readable)
        if "fields" in query:
            asked = dict.fromkeys(words_of(query["fields"]))
            # It is no field, and comes with every row of a machine.
            always = {"available_actions"} if resource.machine is not None else set()
            names = tuple(name for name in asked if name not in always)
            names = names or (resource.key,) * bool(asked)
            unknown = [name for name in names if name not in resource.readable]
            if unknown or not names:
                raise RequestError.invalid("fields", f"no such field: {', '.join(unknown)[:200]}")
        paths = list(dict.fromkeys(words_of(query.get("expand", ""))))
        if len(paths) > EXPANSIONS:
            raise RequestError.invalid("expand", f"at most {EXPANSIONS}")
        tree: dict[str, Any] = {}
        for path in paths:
            self._plant(resource, path, tree)
        return Selection(names, tree)

    def single(self, resource: Resource, query: MultiMapping[str]) -> Selection:
        """The selection of a path of one row, which takes nothing else."""
        known_only(query, _SHOWING)
        return self.selection(resource, query)

    def page(self, resource: Resource, query: MultiMapping[str], caller: Caller | None) -> Page:
        """Which rows are asked for: one more than the page holds, to know of more."""
        besides = {COUNTS} if resource.counted_by else set()
        conditions = self.conditions(resource, query, caller, DISPLAY | besides)
        _narrowed(resource, conditions)
        sort = query.get("sort", resource.sorts[0])
        if sort not in resource.sorts:
            raise RequestError.invalid("sort", f"one of {', '.join(resource.sorts)}")
        after = None
        if "cursor" in query:
            after = self._position(query["cursor"], resource, conditions, sort, caller)
        return Page(conditions, sort, page_size(self.limits, limit_of(query)) + 1, after)

    def _position(
        self,
        cursor: str,
        resource: Resource,
        conditions: tuple[Condition, ...],
        sort: str,
        caller: Caller | None,
    ) -> Position:
        """The position of a cursor: the caller's own, or one from before logging in."""
        scope = self.scope(resource, conditions, sort, caller)
        try:
            return Position(*self.cursors.read(cursor, scope, tuple[str | None, str]))
        except RequestError:
            if caller is None or not resource.is_public:
                raise
        before = self.scope(resource, conditions, sort, None)
        return Position(*self.cursors.read(cursor, before, tuple[str | None, str]))

    def scope(
        self,
        resource: Resource,
        conditions: Iterable[Condition],
        sort: str,
        caller: Caller | None,
    ) -> tuple[Any, ...]:
        """What a cursor is bound to."""
        user = None if caller is None else caller.user_id
        return ("resource", resource.path, user, sort, *self.bound(conditions))

    def conditions(
        self,
        resource: Resource,
        query: MultiMapping[str],
        caller: Caller | None,
        besides: Iterable[str],
    ) -> tuple[Condition, ...]:
        """The filters of a query, which may hold what is `besides` too, and nothing else."""
        filters = filters_of(resource)
        known_only(query, {*besides, *filters})
        return tuple(
            self._condition(resource, filters[name], name, text, caller)
            for name, text in query.items()
            if name in filters
        )

    def _condition(
        self,
        resource: Resource,
        of: tuple[str, str],
        name: str,
        text: str,
        caller: Caller | None,
    ) -> Condition:
        if of[1] == HOLDS:
            return _related(resource, name, text, caller)
        if of[1] != IN:
            return _condition(resource, of, name, text, caller)
        texts = sorted(set(words_of(text))) or [text]  # in whatever order, it is one question
        if len(texts) > self.limits.page_max:
            raise RequestError.invalid(name, f"at most {self.limits.page_max} of them")
        alone = len(texts) == 1
        if not alone and {"me", "null"}.intersection(texts):
            raise RequestError.invalid(name, "`me` and `null` stand alone")
        found = [_condition(resource, (of[0], "="), name, one, caller) for one in texts]
        return found[0] if alone else Condition(of[0], IN, tuple(c.value for c in found))

    @staticmethod
    def bound(conditions: Iterable[Condition]) -> tuple[str, ...]:
        """Filters as a cursor is bound to them."""
        return tuple(sorted(f"{c.name}{c.operator}{c.value}" for c in conditions))

    def _plant(self, resource: Resource, path: str, tree: dict[str, Any]) -> None:
        steps = path.split(".")
        if len(steps) > DEPTH:
            raise RequestError.invalid("expand", f"at most {DEPTH} deep")
        for step in steps:
            if step in own_of(resource) and step == steps[-1]:
                tree.setdefault(step, {})
                return
            of = next((e for e in resource.expansions if e.name == step), None)
            if of is None:
                raise RequestError.invalid("expand", f"no such expansion: {path[:200]}")
            tree = tree.setdefault(step, {})
            resource = self.resources[of.to]


def _narrowed(resource: Resource, conditions: Iterable[Condition]) -> None:
    """Refuse a list of children that names neither a parent nor another row by its id."""
    needed = needed_of(resource)
    named = {one.name for one in conditions if one.operator not in _VAGUE}
    if not needed or not named.isdisjoint(needed):
        return
    parent, *others = needed
    instead = f", or {', '.join(others)}" if others else ""
    reason = f"is needed to list {resource.path}{instead}"
    raise RequestError.of_faults([Fault(parent, reason, "required")])


def needed_of(resource: Resource) -> list[str]:
    """The filters of which a list of children needs one, its parent's first; else none."""
    if not resource.parent_keys:
        return []
    parent = min(resource.parent_keys)
    others = [
        name
        for name, (field, operator) in filters_of(resource).items()
        if operator in {"=", IN} and resource.named(field).kind.wire is UUID and name != parent
    ]
    return [parent, *others]


def filters_of(resource: Resource) -> dict[str, tuple[str, str]]:
    """The parameters that narrow a list: each with its field and operator."""
    found = {one.name: (one.name, HOLDS) for one in resource.related}
    for field in resource.readable.values():
        if is_several(resource, field):
            found[field.name] = (field.name, IN)
            continue
        match field.filter:
            case Filter.EQUAL:
                found[field.name] = (field.name, "=")
            case Filter.HAS:
                found[field.name] = (field.name, "@>")
            case Filter.RANGE:
                for ending, operator in _OPERATORS.items():
                    found[field.name + ending] = (field.name, operator)
            case Filter.NONE:
                pass
    return found


def is_several(resource: Resource, field: Field) -> bool:
    """True for filters that take several values, by commas: the key, and a status."""
    is_key = field.name == resource.key and field.kind.wire is UUID
    return is_key or (field.name == "status" and field.filter is Filter.EQUAL)


def is_counting(query: MultiMapping[str]) -> bool:
    """Whether a list is asked how many rows are in each state."""
    asked = query.get(COUNTS, "false")
    if asked not in {"true", "false"}:
        raise RequestError.invalid(COUNTS, "must be true or false")
    return asked == "true"


def limit_of(query: MultiMapping[str]) -> int | None:
    """The page's size, if one is asked for."""
    text = query.get("limit")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):
        raise RequestError.invalid("limit", "not a positive number")
    return int(text)


def key_of(resource: Resource, text: str) -> Any:
    """The key in a path; what can be none names nothing."""
    try:
        return msgspec.convert(text, resource.named(resource.key).kind.wire, strict=False)
    except msgspec.ValidationError:
        raise RequestError.not_found(resource.noun) from None


def _related(resource: Resource, name: str, text: str, caller: Caller | None) -> Condition:
    of = next(one for one in resource.related if one.name == name)
    if not of.is_own:
        return Condition(name, HOLDS, _read(name, text, of.kind.wire))
    is_one = _read(name, text, bool)
    if caller is None:
        raise RequestError(ErrorCode.UNAUTHENTICATED, f"{name} needs an access token")
    return Condition(name, HOLDS if is_one else LACKS, caller.user_id)


def _read(name: str, text: str, wanted: Any) -> Any:
    """A parameter as a body would have it: numbers and booleans bare, all else as text.

    A number is no time here either.
    """
    try:
        if _is_bare(wanted):
            return msgspec.json.decode(text, type=wanted)
        return msgspec.convert(text, wanted)
    except msgspec.DecodeError:  # what does not fit is one too
        raise RequestError.invalid(name, reason_of(text, wanted)) from None


@cache
def _is_bare(wanted: Any) -> bool:
    """Whether JSON writes such values without quotation marks."""
    info = msgspec.inspect.type_info(wanted)
    if isinstance(info, msgspec.inspect.Metadata):
        info = info.type
    return isinstance(info, _BARE)


def _condition(
    resource: Resource, of: tuple[str, str], name: str, text: str, caller: Caller | None
) -> Condition:
    field = resource.named(of[0])
    if text == "null" and field.null:
        return Condition(field.name, "null")
    if text == "me" and field.name in resource.holds_user:
        if caller is None:
            raise RequestError(ErrorCode.UNAUTHENTICATED, f"{name}=me needs an access token")
        return Condition(field.name, of[1], caller.user_id)
    wanted = str if of[1] == "@>" else field.kind.wire
    value = _read(name, text, wanted)
    if "\x00" in text:
        raise RequestError.invalid(name, "must not contain U+0000")
    return Condition(field.name, of[1], value if of[1] == "@>" else field.kind.stored(value))


def known_only(query: MultiMapping[str], known: Iterable[str]) -> None:
    """Refuse parameters that nothing reads, and those that are there twice."""
    unknown = sorted(set(query) - set(known))
    if unknown:
        raise unknown_refused(unknown)
    repeated = [name for name in set(query) if len(query.getall(name)) > 1]
    if repeated:
        raise RequestError.invalid(min(repeated), "is there twice")


def words_of(text: str) -> list[str]:
    """The words of a parameter that takes several, by commas."""
    return [word.strip() for word in text.split(",") if word.strip()]
