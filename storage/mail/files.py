"""Mail as files, where there is no SMTP server: a folder in which each mail is an `.eml`.

Any mail program opens one. Names begin with the time, so that they sort. A bounded number is kept,
and the oldest go.
"""

import asyncio
import os
import re
import threading
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from storage.mail.port import Mail, MailOutcome

_ID = re.compile(r"[^A-Za-z0-9-]+")
_ID_CHARS = 64
_SUFFIX = ".eml"
_LOOK_AFTER = 500
"""Mails after which the folder is listed again: listing it costs more than writing to it."""


def _now() -> datetime:
    return datetime.now(UTC)


class FilesMail:
    """A `MailPort` to a folder, which processes of one machine may share."""

    timeout_s = 30.0
    at_once = 4

    def __init__(self, folder: Path, most: int, clock: Callable[[], datetime] = _now) -> None:
        """`most` files are kept, and a few hundred more for each further process."""
        self._folder = folder
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: deque[Path] = deque()
        """Those that are known, the oldest first."""
        self._look_in = 0

    async def send(self, mail: Mail) -> MailOutcome:
        """Write the mail; `unavailable` where the disk refuses."""
        try:
            place = await asyncio.to_thread(self._write, mail)
        except OSError as error:
            reason = f"{type(error).__name__}: {error.strerror}"
            return MailOutcome("unavailable", "", reason, has_failed=True)
        return MailOutcome("sent", "250", place.name)

    async def close(self) -> None:
        """Nothing is open."""

    def _write(self, mail: Mail) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        moment = self._clock().astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        name = _ID.sub("-", re.split("[.@]", mail.message_id.strip("<>"))[0])[:_ID_CHARS]
        place = self._folder / f"{moment}-{name}{_SUFFIX}"
        unfinished = place.with_name(f".{place.name}.{os.getpid()}")
        try:
            # Mails hold links that act for their reader.
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(mail.message)
            with self._lock:
                unfinished.rename(place)
                self._remove_oldest(place)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise
        return place

    def _remove_oldest(self, newest: Path) -> None:
        if self._look_in:
            self._kept.append(newest)
        else:
            self._kept = deque(sorted(self._folder.glob(f"[!.]*{_SUFFIX}")))
            self._look_in = _LOOK_AFTER
        self._look_in -= 1
        while len(self._kept) > self._most:
            self._kept.popleft().unlink(missing_ok=True)
