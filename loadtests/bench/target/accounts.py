"""Accounts for a load: registered once over HTTP, their logins kept for the next run.

A registration costs the server some 20 ms of Argon2, more than a thousand messages do.
"""

import http.client
import os
import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson

_AT_ONCE = 8
_TIMEOUT_S = 60.0


class AccountsError(Exception):
    """The server did not take a registration."""


class Login(msgspec.Struct, frozen=True):
    """One person's credential, good until `expires_at` (seconds since 1970)."""

    user_id: str
    token: str
    expires_at: float

    def __repr__(self) -> str:
        return f"Login({self.user_id})"


def logins(http_url: str, count: int, kept_in: Path, *, for_s: float) -> list[Login]:
    """`count` people who stay logged in for `for_s` seconds at least.

    Those kept in a file by an earlier run are used while they last; the file is readable by its
    owner only. Raises `AccountsError`, `OSError`.
    """
    good = [login for login in _kept(kept_in) if login.expires_at > time.time() + for_s]
    if len(good) < count:
        good += _register(http_url, count - len(good))
        _keep(kept_in, good)
    short = min(login.expires_at for login in good[:count]) - time.time()
    if short < for_s:
        raise AccountsError(
            f"logins last {short:.0f} s and the run {for_s:.0f} s: set PARLEY_ACCESS_TOKEN_TTL_S"
        )
    return good[:count]


def _kept(file: Path) -> Sequence[Login]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=list[Login])
    except FileNotFoundError:
        return ()


def _keep(file: Path, held: Sequence[Login]) -> None:
    file.unlink(missing_ok=True)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as opened:
        opened.write(msgspec.json.encode(held))


def _register(http_url: str, count: int) -> list[Login]:
    run = secrets.token_hex(6)
    shares = [range(start, count, _AT_ONCE) for start in range(_AT_ONCE)]
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        work = [threads.submit(_register_some, http_url, run, share) for share in shares]
        return [login for share in work for login in share.result()]


def _register_some(http_url: str, run: str, numbers: Sequence[int]) -> list[Login]:
    parts = urlsplit(http_url)
    door = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_TIMEOUT_S)
    try:
        return [_register_one(door, f"bench-{run}-{number}") for number in numbers]
    finally:
        door.close()


def _register_one(door: http.client.HTTPConnection, name: str) -> Login:
    person = {
        "email": f"{name}@example.com",
        "password": secrets.token_urlsafe(16),
        "display_name": name,
        "kind": "both",
    }
    headers = {"Content-Type": "application/json"}
    door.request("POST", "/v1/auth/register", orjson.dumps(person), headers)
    answer = door.getresponse()
    body = answer.read()
    if answer.status != http.client.CREATED:
        raise AccountsError(f"registering was answered {answer.status}: {body[:400]!r}")
    signed_in: dict[str, Any] = orjson.loads(body)
    expires_at = time.time() + signed_in["expires_in"]
    return Login(signed_in["user"]["id"], signed_in["access_token"], expires_at)
