"""Finding people by name."""

from handlers.caller import Caller
from handlers.pages import page_size
from handlers.texts import check_line
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.replies import PeopleReply
from protocol.requests import PeopleFind
from storage.people.people import People


class PeopleFinder:
    """Whom the caller may write to, by name."""

    def __init__(self, people: People, limits: Limits) -> None:
        self._people = people
        self._limits = limits

    async def find(self, caller: Caller, request: PeopleFind) -> PeopleReply:
        """The nearest names first; nobody who has blocked the caller, or whom the caller has."""
        limit = page_size(self._limits, request.limit)
        query = " ".join(request.query.split())
        check_line("query", query, self._limits.search_chars)
        if not await self._people.suffices(query):
            raise RequestError.invalid(
                "query",
                "at least 2 characters, or one of a script that puts no spaces between words",
            )
        return PeopleReply(await self._people.find(caller.user_id, query, limit))
