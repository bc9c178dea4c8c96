"""People who look through their inbox and read old messages, over both doors."""

import random

from locust import between, task

from loadtests.scenarios.chatter import Chatter

_ROOMS = 4
_MESSAGES = 8
_PAGE = 4


class Inbox(Chatter):
    """One user is a reader, with somebody who has written to it."""

    scenario = "inbox"
    wait_time = between(0.3, 1.5)

    def begin(self) -> None:
        """Fill an inbox."""
        self._reader, self._device = self.somebody()
        _writer, writing = self.somebody()
        self._rooms = []
        for number in range(_ROOMS):
            d = {
                "type": "group",
                "title": f"Cut number {number}",
                "participant_ids": [self._reader.user_id],
            }
            room = self.create(writing, d, [self._device])
            self._rooms.append(room)
            for line in range(_MESSAGES):
                self.send(writing, room, f"Scene {line} is in the folder", [self._device])

    @task(4)
    def browse(self) -> None:
        """The inbox, then a conversation from its end backwards."""
        self.ready()
        page = self.ask(self._device, "conversation.list", {"limit": 20})
        room = random.choice(page["conversations"])
        d = {"conversation_id": room["id"], "limit": _PAGE}
        found = self.ask(self._device, "message.history", d)["messages"]
        if found:
            self.ask(self._device, "message.history", d | {"before_seq": found[0]["seq"]})

    @task(2)
    def browse_over_http(self) -> None:
        """The same as an app without a socket does it."""
        self.ready()
        headers = {"Authorization": f"Bearer {self._reader.token}"}
        room = random.choice(self._rooms)
        self.client.get(
            "/v1/conversations?limit=20", headers=headers, name="inbox: /v1/conversations"
        )
        self.client.get(
            f"/v1/conversations/{room}/messages?limit={_PAGE}",
            headers=headers,
            name="inbox: /v1/conversations/ID/messages",
        )

    @task(1)
    def search(self) -> None:
        """A word that many messages have."""
        self.ready()
        self.ask(self._device, "message.search", {"query": "folder", "limit": 10})
