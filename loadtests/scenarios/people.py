"""People for the scenarios: registered over HTTP, as anybody is."""

import http.client
import secrets
import time
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson

_TIMEOUT_S = 30.0
LIMITS_ON = (
    "the server has its rate limits on, which hold back a load from one address: "
    "start it with PARLEY_RATE_LIMITS=off"
)


class RegistrationError(Exception):
    """The server did not take a registration, or renew a login; the message says why."""


class Person(msgspec.Struct):
    """Somebody who is logged in; times in seconds since 1970."""

    user_id: str
    name: str
    token: str
    refresh_token: str
    expires_at: float

    def __repr__(self) -> str:
        return f"Person({self.name})"


class Answer(msgspec.Struct, frozen=True):
    """What the HTTP door said; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


def register(http_url: str) -> Person:
    """A new person. Raises `RegistrationError`, `OSError`."""
    name = f"load-{secrets.token_hex(8)}"
    body = {
        "email": f"{name}@example.com",
        "password": secrets.token_urlsafe(16),
        "display_name": name,
        "kind": "both",
    }
    told = _grant(ask(http_url, "POST", "/v1/auth/register", body=body), "registering")
    return Person(
        told["user"]["id"],
        name,
        told["access_token"],
        told["refresh_token"],
        time.time() + told["expires_in"],
    )


def renew(http_url: str, person: Person) -> None:
    """New tokens for the same login. Raises `RegistrationError`, `OSError`."""
    body = {"refresh_token": person.refresh_token}
    told = _grant(ask(http_url, "POST", "/v1/auth/refresh", body=body), "renewing a login")
    person.token, person.refresh_token = told["access_token"], told["refresh_token"]
    person.expires_at = time.time() + told["expires_in"]


def ask(
    http_url: str, method: str, path: str, *, token: str = "", body: dict[str, str] | None = None
) -> Answer:
    """One request. Raises `OSError`, `http.client.HTTPException`."""
    parts = urlsplit(http_url)
    door = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    headers = {"Content-Type": "application/json"} if body else {}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    try:
        door.request(method, path, orjson.dumps(body) if body else None, headers)
        answer = door.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, fields, answer.read())
    finally:
        door.close()


def _grant(answer: Answer, doing: str) -> dict[str, Any]:
    if answer.status == http.client.TOO_MANY_REQUESTS:
        raise RegistrationError(LIMITS_ON)
    if answer.status not in {http.client.OK, http.client.CREATED}:
        raise RegistrationError(f"{doing} was answered {answer.status}: {answer.body[:300]!r}")
    told: dict[str, Any] = orjson.loads(answer.body)
    return told
