"""Which refused sends of one connection have to come again before later ones are taken. Pure.

A send that was refused as retryable is in force from then on: the later sends of the connection
into that conversation are refused, so that none is stored before it. That ends when its `client_id`
comes again, or some seconds after it was refused, for a client that has given it up. A send that is
refused for this reason is never in force itself.

The position of a send is its place among the commands of the connection. Refusals may be known in
another order: a send without a token is refused at once, and one before it may be refused later by
the writer. Then the earlier one is in force instead, for the client begins with it.
"""

from typing import Generic, NamedTuple, TypeVar

Key = TypeVar("Key")
Name = TypeVar("Name")


class _Refused(NamedTuple, Generic[Name]):
    name: Name
    position: int
    until: float


class RefusedSends(Generic[Key, Name]):
    """At most one send a key (the conversation) is in force, known by its name (the `client_id`).

    Times are in seconds of one clock. `in_force` may be looked at to see that it is empty: then no
    send has to be asked about.
    """

    __slots__ = ("_lasts_s", "in_force")

    def __init__(self, lasts_s: float) -> None:
        self._lasts_s = lasts_s
        self.in_force: dict[Key, _Refused[Name]] = {}

    def before(self, key: Key, name: Name, position: int, now: float) -> Name | None:
        """The send that has to come again before this one, None when this one is taken.

        The send in force, when it comes again, is in force no more.
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
        """A send was refused as retryable. None when it is in force from now on, otherwise the
        earlier send because of which it counts as refused.
        """
        self._expire(now)
        refused = self.in_force.get(key)
        if refused is not None and name != refused.name and position > refused.position:
            return refused.name
        # Put in anew, so that the dict is in the order in which its entries expire.
        self.in_force.pop(key, None)
        self.in_force[key] = _Refused(name, position, now + self._lasts_s)
        return None

    def _expire(self, now: float) -> None:
        while self.in_force:
            key = next(iter(self.in_force))
            if self.in_force[key].until > now:
                return
            del self.in_force[key]
