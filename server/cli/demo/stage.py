"""Where the stories are played: each step is asked for, compared with the story, and printed."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import aiohttp

from client.errors import ClientError
from client.state.changes import Event
from protocol.events import ConversationEvent, DomainEvent, MessageEvent
from server.cli.demo.aliases import Aliases
from server.cli.demo.hearing import NOTHING, Told, key_of, taken
from server.cli.demo.person import Answer, DemoError, Json, Person, Request

CLEARING_S = 5 * 86_400 + 60
_AMOUNTS = ("total_amount", "amount", "price", "gross")
_INDENT = " " * 5


class Place(NamedTuple):
    """A server. Only one of our own lets us move its clock, and nobody else is on it."""

    http_url: str
    ws_url: str
    is_own: bool


class StepError(DemoError):
    """A step was not as the story has it."""


@dataclass(slots=True)
class Stage:
    """The people of the stories, and what is printed of them by `tell`."""

    place: Place
    tell: Callable[[str], None]
    client: Person
    freelancer: Person
    staff: Person
    aliases: Aliases = field(default_factory=Aliases)
    _steps: int = 0

    def __post_init__(self) -> None:
        for person in (self.client, self.freelancer, self.staff):
            self.aliases.person(person.id, person.name)

    def story(self, title: str) -> None:
        """Begin a part."""
        self.tell(f"\n== {title} ==")

    async def step(
        self,
        title: str,
        request: Request,
        expected: Told = NOTHING,
        *,
        status: int = 0,
    ) -> Json:
        """Ask for something, and wait for what both sockets are to hear of it; the row.

        Raises `StepError` for another status than `status` (any success without one), and for
        other events.
        """
        with _named(self._begun(title)):
            answer = await request.person.ask(request)
            self.tell(_INDENT + f"{request.person.name} > {self._asked(request)}")
            self.tell(_INDENT + f"{'':{len(request.person.name)}} < {self._came(request, answer)}")
            is_right = answer.status == status if status else answer.status < 400
            if not is_right:
                raise self._refused(request, answer)
            await self._heard(expected)
        row: Json = answer.body
        return row

    async def read(self, request: Request) -> Any:
        """What a request answers, which is not printed. Raises `DemoError`."""
        answer = await request.person.ask(request)
        if answer.status >= 400:
            raise self._refused(request, answer)
        return answer.body

    async def later(self, title: str, seconds: float, expected: Told) -> None:
        """Let time pass, by moving the clock, and wait for what comes of it.

        On a server that others use it comes by itself. Raises `StepError`.
        """
        with _named(self._begun(title)):
            if self.place.is_own:
                await self.move(seconds)
                self.tell(_INDENT + f'POST /v1/test-clock {{"advance_s": {seconds:.0f}}}')
            await self._heard(expected)

    async def move(self, seconds: float) -> None:
        """Move the clock of workflows on."""
        url = f"{self.place.http_url}/v1/test-clock"
        async with self.client.http.post(url, json={"advance_s": seconds}) as answer:
            if answer.status != 200:
                raise StepError(f"the clock cannot be moved: {answer.status}")

    async def now(self) -> datetime:
        """The time by the clock of workflows, on an instance of our own."""
        async with self.client.http.get(f"{self.place.http_url}/v1/test-clock") as answer:
            return datetime.fromisoformat((await answer.json())["now"])

    async def clear(self, title: str) -> None:
        """Let what was released last clear; left out where the clock is not ours to move."""
        if self.place.is_own:
            await self.later(title, CLEARING_S, Told("release.cleared"))
            return
        self._begun(title)
        self.tell(_INDENT + "left out: nobody moves the clock of a server that others use")

    def see_nothing_more(self) -> None:
        """Raise `StepError` where a socket has heard what the stories do not have."""
        for person in (self.client, self.freelancer):
            person.see_whole()
            more = [key_of(event) for event in (*person.rows, *person.room)]
            if more and self.place.is_own:
                raise StepError(f"the {person.name} heard besides: {' '.join(more)}")

    # What is printed.

    def _begun(self, title: str) -> str:
        self._steps += 1
        self.tell(f"\n[{self._steps}] {title}")
        return f"step {self._steps}: {title}"

    def _refused(self, request: Request, answer: Answer) -> StepError:
        path = self.aliases.text(f"/v1/{request.path}")
        return StepError(f"{request.method} {path}: {answer.status}")

    def _asked(self, request: Request) -> str:
        words = [request.method, self.aliases.text(f"/v1/{request.path}")]
        if request.if_match is not None:
            words.append(f'If-Match: "{request.if_match}"')
        if request.body:
            words.append(self.aliases.json(request.body))
        return " ".join(words)

    def _came(self, request: Request, answer: Answer) -> str:
        body = answer.body
        if answer.status >= 400:
            return f"{answer.status} {body['error']['code']}: {self.aliases.text(body['detail'])}"
        if "payment" in body:
            paid = body["payment"]
            return f"{answer.status} {self.aliases.of('deposits', paid['id'])} is {paid['status']}"
        # The row that is answered may be another's: an acceptance answers with the contract.
        made = answer.location.split("/")[2:4]
        path = made[0] if len(made) == 2 else request.path.split("/")[0]
        words = [str(answer.status), self.aliases.of(path, body["id"])]
        amount = next((body[name] for name in _AMOUNTS if body.get(name)), None)
        if amount is not None:
            words.append(f"of {amount} {body.get('currency', '')}".rstrip())
        if body.get("processing_fee"):
            words.append(f"(and a fee of {body['processing_fee']})")
        if "status" in body:
            words.append(f"is {body['status']}")
        if body.get("available_actions"):
            words.append(f"- next: {', '.join(body['available_actions'])}")
        return " ".join(words)

    # What sockets hear.

    async def _heard(self, expected: Told) -> None:
        for person, own in ((self.client, expected.client), (self.freelancer, expected.freelancer)):
            names = f"{expected.both} {own}"
            for event in await taken(person, names, is_alone=self.place.is_own):
                self.tell(_INDENT + f"{person.name} * {self._shown(event)}")

    def _shown(self, event: Event) -> str:
        match event.d:
            case DomainEvent(resource=path, id=key, actor_id=actor):
                by = self.aliases.person_of(actor)
                return f"{event.name} {self.aliases.of(path, key)} by {by}"
            case MessageEvent(message=message):
                room = self.aliases.of("rooms", message.conversation_id)
                system = message.system
                if not system:
                    return f"{event.name} {room} #{message.seq}"
                row = self.aliases.of(system.resource, system.resource_id)
                said = f"{system.action} {row} {self.aliases.json(system.facts)}"
                return f"{event.name} {room} #{message.seq}: {said}"
            case ConversationEvent(conversation=conversation):
                room = self.aliases.of("rooms", conversation.id)
                about = conversation.contract_id
                of = f" of {self.aliases.of('contracts', about)}" if about else ""
                return f"{event.name} {room}{of}"
            case _:
                return event.name


@contextlib.contextmanager
def _named(step: str) -> Iterator[None]:
    """What fails within is told with the step's name."""
    try:
        yield
    except (DemoError, ClientError, aiohttp.ClientError, TimeoutError) as error:
        reason = str(error) or type(error).__name__
        raise StepError(f"{step}: {reason}") from error
