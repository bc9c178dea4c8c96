"""What all scenarios share: a Locust user with people, their connections, and figures of both."""

import time
import uuid
from collections.abc import Iterable
from typing import Any

from locust import FastHttpUser
from locust.exception import RescheduleTask

from loadtests.scenarios.device import Device, DeviceError, Event
from loadtests.scenarios.expected import Expected
from loadtests.scenarios.people import Person, RegistrationError, register, renew

_PATIENCE_S = 10.0
"""A message that has not come after this is lost."""
_STEP_S = 0.02
_AGAIN_S = 1.0
_RENEW_BEFORE_S = 120.0
_MILLI = 1e3

_expected = Expected()
"""Of all users of this process, as groups are made of several."""


class StepFailedError(RescheduleTask):
    """What failed is in the table already; the user goes on with the next task."""


class MessageLostError(Exception):
    """A message was acknowledged and did not arrive."""


class Chatter(FastHttpUser):
    """A user of one scenario. Subclasses say `scenario` and override `begin`."""

    abstract = True
    scenario = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats: list[tuple[Person, Device]] = []
        self._has_begun = False
        self._told: set[tuple[str, str]] = set()

    def begin(self) -> None:
        """Prepare this user: its people and conversations."""

    def heard(self, device: Device, event: Event, now: float) -> None:
        """Told of every event that is not a message."""

    def arrived(self, device: Device, message: Event) -> None:
        """Told of every message that came as an event."""

    def on_stop(self) -> None:
        """Locust's: what is under way may arrive; then all connections end."""
        names = [device.name for _person, device in self.seats]
        # What is under way may still arrive; what does not by then is lost.
        until = time.perf_counter() + _PATIENCE_S
        while _expected.awaits(names) and time.perf_counter() <= until:
            time.sleep(_STEP_S)
        self.tell_lost()
        self._end_all()

    def somebody(self) -> tuple[Person, Device]:
        """A new person with an open connection. Raises `RegistrationError`, `OSError`."""
        person = register(self.host or "")
        device = Device(self._ws_url, self._take)
        self.seats.append((person, device))
        self.connect(person, device)
        return person, device

    def connect(self, person: Person, device: Device) -> Event:
        """Open a connection, which may have been open before. Raises `StepFailedError`."""
        began = time.perf_counter()
        try:
            told = device.open(person.token)
        except DeviceError as error:
            self.fired("hello, acknowledged", time.perf_counter() - began, error)
            raise StepFailedError from error
        self.fired("hello, acknowledged", time.perf_counter() - began)
        return told

    def ready(self) -> None:
        """What every task begins with: the user is there, and its connections are open.

        Also lost messages are told, and logins renewed. Raises `StepFailedError`.
        """
        self.tell_lost()
        try:
            if not self._has_begun:
                self._end_all()
                self.begin()
                self._has_begun = True
            for person, device in self.seats:
                self._renew(person, device)
        except (RegistrationError, OSError) as error:
            self.fired("registering", 0.0, error)
            time.sleep(_AGAIN_S)
            raise StepFailedError from error
        for person, device in self.seats:
            if not device.is_open:
                self.fired("connection lost", 0.0, DeviceError(device.ended))
                self.connect(person, device)

    def ask(self, device: Device, op: str, d: dict[str, Any]) -> Event:
        """A command, measured until its reply. Raises `StepFailedError`."""
        began = time.perf_counter()
        try:
            reply = device.ask(op, d)
        except DeviceError as error:
            self.fired(f"{op}, acknowledged", time.perf_counter() - began, error)
            raise StepFailedError from error
        self.fired(f"{op}, acknowledged", time.perf_counter() - began)
        return reply

    def send(
        self, device: Device, conversation_id: str, content: str, receivers: Iterable[Device]
    ) -> Event:
        """A message, measured until its reply, and until each of these has received it."""
        client_id = str(uuid.uuid4())
        names = [receiver.name for receiver in receivers]
        _expected.sent(client_id, self.scenario, names, time.perf_counter())
        d = {"conversation_id": conversation_id, "client_id": client_id, "content": content}
        try:
            sent: Event = self.ask(device, "message.send", d)["message"]
        except StepFailedError:
            _expected.refused(client_id)
            raise
        return sent

    def create(self, device: Device, d: dict[str, Any], listeners: Iterable[Device]) -> str:
        """A conversation of which these have been told: its id. Raises `StepFailedError`."""
        made = self.ask(device, "conversation.create", d)
        conversation_id: str = made["conversation"]["id"]
        for listener in listeners:
            self.await_told(listener, conversation_id)
        return conversation_id

    def await_told(self, device: Device, conversation_id: str) -> None:
        """Wait until it has heard of a conversation that it is new in. Raises `StepFailedError`.

        What was written before is in what it is told, and does not come by itself.
        """
        began = time.perf_counter()
        while (device.name, conversation_id) not in self._told:
            if time.perf_counter() > began + _PATIENCE_S:
                error = MessageLostError(f"not told of it within {_PATIENCE_S:g} s")
                self.fired("conversation.created, received", _PATIENCE_S, error)
                raise StepFailedError from error
            time.sleep(_STEP_S)

    def fired(self, name: str, seconds: float, error: Exception | None = None) -> None:
        """One line of Locust's table: `SCENARIO: NAME`."""
        self.environment.events.request.fire(
            request_type="WS",
            name=f"{self.scenario}: {name}",
            response_time=seconds * _MILLI,
            response_length=0,
            exception=error,
            context={},
        )

    def tell_lost(self) -> None:
        """Messages, of any user, that did not arrive are failures."""
        for lost in _expected.overdue(time.perf_counter(), _PATIENCE_S):
            error = MessageLostError(f"a message did not arrive within {_PATIENCE_S:g} s")
            self.environment.events.request.fire(
                request_type="WS",
                name=f"{lost.scenario}: message.send, received",
                response_time=_PATIENCE_S * _MILLI,
                response_length=0,
                exception=error,
                context={},
            )

    def _renew(self, person: Person, device: Device) -> None:
        if person.expires_at - time.time() < _RENEW_BEFORE_S:
            renew(self.host or "", person)
            if device.is_open:
                self.ask(device, "token.refresh", {"token": person.token})

    def _end_all(self) -> None:
        for _person, device in self.seats:
            _expected.left(device.name)
            device.close()
        self.seats.clear()

    @property
    def _ws_url(self) -> str:
        assert self.environment.parsed_options is not None
        url: str = self.environment.parsed_options.ws
        return url

    def _take(self, device: Device, event: Event, now: float) -> None:
        if event["ev"] == "conversation.created":
            self._told.add((device.name, event["d"]["conversation"]["id"]))
        if event["ev"] != "message.created":
            self.heard(device, event, now)
            return
        message = event["d"]["message"]
        self.arrived(device, message)
        taken = _expected.received(message["client_id"], device.name, now)
        if taken is not None:
            self.fired("message.send, received", taken)
