"""The refused sends of one connection that must be repeated before later ones. Pure.

A send that is refused as retryable is then in force: later sends of the connection to that
conversation are refused, so that none is stored before it. This ends when its `client_id` is sent
again, or after some seconds, for a client that has given it up. A send that is refused for this
reason is never in force itself.

The position of a send is its number among the commands of the connection. Refusals may come in
another order: a send without a token is refused at once, and an earlier one may be refused later by
the writer. Then the earlier one is in force instead, since the client repeats it first.
"""

from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key")
Name = TypeVar("Name")


class _Refused(NamedTuple, Generic[Name]):
    name: Name
    position: int
    until: float


class RefusedSends(Generic[Key, Name]):
    """At most one send for each key (the conversation) is in force, with its name (`client_id`).

    Times are in seconds of one clock. While `in_force` is empty, callers need not call `before`.
    """

    __slots__ = ("_lasts_s", "in_force")

    def __init__(self, lasts_s: float) -> None:
        self._lasts_s = lasts_s
        self.in_force: dict[Key, _Refused[Name]] = {}

    def before(self, key: Key, name: Name, position: int, now: float) -> Name | None:
        """The send that must be repeated before this one, None if this one is accepted.

        The send in force, when it is repeated, is no longer in force.
        """
        self._expire(now)
        refused = self.in_force.get(key)
        if refused is None or position < refused.position:
            return None
        if name == refused.name:
            del self.in_force[key]
            return None
        return refused.name

    def add(self, key: Key, name: Name, position: int, now: float) -> Name | None:
        """A send was refused as retryable. Returns None if it is in force now, otherwise the
        earlier send that must be repeated first.
        """
        self._expire(now)
        refused = self.in_force.get(key)
        if refused is not None and name != refused.name and position > refused.position:
            return refused.name
        # Reinserted, so that the dict is in the order of expiry.
        self.in_force.pop(key, None)
        self.in_force[key] = _Refused(name, position, now + self._lasts_s)
        return None

    def _expire(self, now: float) -> None:
        while self.in_force:
            key = next(iter(self.in_force))
            if self.in_force[key].until > now:
                return
            del self.in_force[key]
