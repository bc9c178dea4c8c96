"""Short links: files are numbered as they are shown, and a number gives the whole address."""

from dataclasses import dataclass
from urllib.parse import urljoin

from client.errors import ClientError
from client.session import Session
from protocol.objects import Message
from protocol.text import Id


class NoSuchLink(ClientError):
    """Nothing has that number, or the file is gone."""


@dataclass(frozen=True, slots=True)
class _Place:
    conversation_id: Id
    seq: int
    file_id: Id


class Links:
    """The numbers of the files that were shown."""

    def __init__(self, session: Session, base: str) -> None:
        """`base` is the address of the HTTP door."""
        self._session = session
        self._base = base
        self._numbers: dict[_Place, int] = {}

    def number(self, message: Message, file_id: Id) -> int:
        """The number of a file in a message; the same each time."""
        place = _Place(message.conversation_id, message.seq, file_id)
        return self._numbers.setdefault(place, len(self._numbers) + 1)

    async def address(self, number: int) -> str:
        """The whole address; asked for anew, since they run out. Raises `NoSuchLink`."""
        places = list(self._numbers)
        if not 0 < number <= len(places):
            raise NoSuchLink(f"no link {number} was shown")
        place = places[number - 1]
        page = await self._session.history(place.conversation_id, before_seq=place.seq + 1, limit=1)
        for message in page.messages:
            for item in message.attachments:
                if (message.seq, item.file_id) == (place.seq, place.file_id):
                    return urljoin(f"{self._base}/", item.url)
        raise NoSuchLink(f"the file of link {number} is no longer there")
