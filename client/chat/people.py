"""People by name: those of the conversations held, and those whom the server finds."""

import contextlib
import re
from uuid import UUID

import msgspec

from client.chat.text import safe
from client.errors import ClientError, CommandError
from client.session import Session
from protocol.errors import ErrorCode
from protocol.text import Id

SHOWN = 5
_FINDS_NOBODY = {ErrorCode.UNKNOWN_OP, ErrorCode.VALIDATION_FAILED}
"""A server that is older than the command, or words that are too short for it."""


_NAME = re.compile(r"""\s*(?:"([^"]*)"|'([^']*)'|([^\s"]\S*))(?=\s|\Z)""")
"""In quotes of either kind, or one word; an apostrophe within a word is a part of it."""


class NobodyNamed(ClientError):
    """Nobody, or more than one, has the name; the message says who could be meant."""


class _Person(msgspec.Struct, frozen=True):
    user_id: Id
    display_name: str


class _People(msgspec.Struct, frozen=True):
    people: list[_Person]


def names_in(line: str) -> list[str]:
    """The names that a line consists of. Raises `ValueError` for a quote that is left open."""
    names, at, line = [], 0, line.rstrip()
    while at < len(line):
        found = _NAME.match(line, at)
        if found is None:
            raise ValueError("a quote is left open")
        names.append(next(name for name in found.groups() if name is not None))
        at = found.end()
    return names


class People:
    """Finds whom a user means, by a name, the beginning of one, or an id."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def meant(self, who: str) -> Id:
        """The id of the one person. Raises `NobodyNamed`."""
        with contextlib.suppress(ValueError):
            return str(UUID(who))
        known = self._known()
        key = who.strip().casefold()
        named = {user for user, name in known.items() if name.casefold() == key}
        if not named:
            # Whoever has that very name goes before those whose name has it in it.
            found = await self._found(who)
            within = {user for user, name in known.items() if key in name.casefold()}
            known |= found
            named = {user for user, name in known.items() if name.casefold() == key}
            # The server compares without accents, and word by word in any order.
            named = named or within | found.keys()
        match sorted(named):
            case []:
                raise NobodyNamed(f"nobody named {safe(who)} is known here; their /me shows an id")
            case [one]:
                return one
            case several:
                people = ", ".join(f"{safe(known[user])} {user}" for user in several[:SHOWN])
                more = ", …" if len(several) > SHOWN else ""
                raise NobodyNamed(f"several are named like that, so take an id: {people}{more}")

    def _known(self) -> dict[Id, str]:
        return {
            member.user_id: member.display_name
            for held in self._session.state.conversations.values()
            for member in held.participants.values()
            if member.display_name and member.user_id != self._session.state.me
        }

    async def _found(self, who: str) -> dict[Id, str]:
        try:
            page = await self._session.request("people.find", {"query": who}, _People)
        except CommandError as error:
            if error.code in _FINDS_NOBODY:
                return {}
            raise
        return {person.user_id: person.display_name for person in page.people}
