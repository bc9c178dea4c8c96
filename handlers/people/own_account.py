"""One's own account, with what is known of its address."""

from collections.abc import Awaitable, Callable

import msgspec

from handlers.caller import Caller
from protocol.identity import Account, MailSuppressed, Me
from protocol.text import format_time, optional_time
from storage.database.bounded import database_within
from storage.mail.suppressions import Suppressed, Suppressions

LOOK_S = 5.0


class ShownAccount:
    """What `GET /v1/me` tells."""

    def __init__(
        self, account: Callable[[Caller], Awaitable[Account]], suppressions: Suppressions
    ) -> None:
        self._account = account
        self._suppressions = suppressions

    async def me(self, caller: Caller) -> Me:
        """The caller's account. Raises `RequestError` (`not_found`, `unavailable`)."""
        account = await self._account(caller)
        async with database_within(LOOK_S):
            (found,) = await self._suppressions.of([account.email])
        return Me(**msgspec.structs.asdict(account), mail_suppressed=_told(found))


def _told(found: Suppressed | None) -> MailSuppressed | None:
    if found is None:
        return None
    return MailSuppressed(found.reason, format_time(found.since), optional_time(found.until))
