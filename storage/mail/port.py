"""Mail is sent to a server (`storage/mail/smtp.py`), or into a folder (`storage/mail/files.py`)."""

from typing import Literal, Protocol

import msgspec

State = Literal["sent", "retry", "rejected", "unavailable"]


class Mail(msgspec.Struct, frozen=True):
    """A mail to one address, as `storage/mail/composing.py` makes its message (RFC 5322).

    `to` is the address as its person has written it; `message_id` is the same over all tries.
    """

    to: str
    message: bytes
    message_id: str

    def __repr__(self) -> str:
        return f"Mail({self.message_id})"


class MailOutcome(msgspec.Struct, frozen=True):
    """What became of a try.

    `sent`: the server has taken it. `retry`: the same mail may go later. `rejected`: it never will.
    `unavailable`: the server takes none from us now, and has heard nothing of this one.
    `code` is the enhanced status code (RFC 3463, `5.1.1`) where the server gave one, else the
    reply's own code (`550`), and `""` where no reply came. `reason` is in words, for operators; it
    may quote the server, but no address. `is_of_address`: the reply was about the recipient's
    address or mailbox, and not about us or the content. `has_failed`: the server broke off, or did
    not answer in time.
    """

    state: State
    code: str
    reason: str
    is_of_address: bool = False
    has_failed: bool = False


class MailPort(Protocol):
    """Sends mails, each to one recipient."""

    timeout_s: float
    """The longest that one `send` takes, whatever it waits for."""
    at_once: int
    """No more may be under way at a time: who sends sees to it."""

    async def send(self, mail: Mail) -> MailOutcome:
        """Hand the mail on. It raises nothing that networks, servers or disks do."""
