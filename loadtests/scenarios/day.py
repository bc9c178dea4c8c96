"""A day on the marketplace: mostly chat, some looking around over HTTP, rarely a lost network."""

import random
from http import HTTPStatus
from typing import Any

import orjson
from locust import between, task

from loadtests.scenarios.chatter import Chatter

Page = dict[str, Any]


class MixedDay(Chatter):
    """One user is a client and a freelancer who work together."""

    scenario = "mixed day"
    wait_time = between(0.3, 2.0)

    def begin(self) -> None:
        """Register both."""
        self._person, self._one = self.somebody()
        freelancer, self._other = self.somebody()
        d = {"type": "direct", "participant_ids": [freelancer.user_id]}
        self._room = self.create(self._one, d, [self._other])

    @task(10)
    def chat(self) -> None:
        """Typing, a message, an answer, both read."""
        self.ready()
        room = {"conversation_id": self._room}
        self.ask(self._one, "typing.start", room)
        self.send(self._one, self._room, "Can we cut the intro to ten seconds?", [self._other])
        answer = self.send(self._other, self._room, "Yes. Tomorrow at noon.", [self._one])
        self.ask(self._one, "receipt.read", room | {"seq": answer["seq"]})

    @task(3)
    def look_around(self) -> None:
        """Gigs over HTTP: a page, then one of them."""
        self.ready()
        page = self._get("/v1/gigs?limit=20", "/v1/gigs")
        if page and page["data"]:
            self._get(f"/v1/gigs/{random.choice(page['data'])['id']}", "/v1/gigs/ID")

    @task(3)
    def open_inbox(self) -> None:
        """The inbox over HTTP, a conversation's end over the socket."""
        self.ready()
        self._get("/v1/conversations?limit=20", "/v1/conversations")
        d = {"conversation_id": self._room, "limit": 20}
        self.ask(self._one, "message.history", d)

    @task(1)
    def react(self) -> None:
        """To the newest message."""
        self.ready()
        room = {"conversation_id": self._room}
        found = self.ask(self._other, "message.history", room | {"limit": 1})["messages"]
        if found:
            d = room | {"message_id": found[0]["id"], "emoji": "👍"}
            self.ask(self._other, "reaction.add", d)

    @task(1)
    def lose_the_network(self) -> None:
        """Cut off and back."""
        self.ready()
        self._one.cut()
        self.connect(self._person, self._one)

    def _get(self, path: str, name: str) -> Page | None:
        headers = {"Authorization": f"Bearer {self._person.token}"}
        answer = self.client.get(path, headers=headers, name=f"mixed day: {name}")
        if answer.status_code != HTTPStatus.OK or answer.content is None:
            return None
        found: Page = orjson.loads(answer.content)
        return found
