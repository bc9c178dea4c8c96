"""Who one is: accounts, signing in and out, and one's logins."""

import contextlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from handlers.caller import Caller
from handlers.people.login_limits import LoginLimits
from handlers.public_names import LOOKS_RESERVED, PublicNames
from handlers.texts import fault_of_line
from protocol.cursor import CursorSigner
from protocol.errors import ErrorCode, Fault, RequestError
from protocol.identity import (
    Account,
    ChangePassword,
    Login,
    Refresh,
    Register,
    SessionInfo,
    SessionList,
    SessionPage,
    SignedIn,
)
from protocol.limits import Limits
from protocol.replies import Empty
from protocol.text import format_time, optional_time
from storage.people.emails import AddressError, canonical
from storage.people.identity import (
    AccountRow,
    Accounts,
    NewAccount,
    Origin,
    email_taken,
)
from storage.people.passwords import PASSWORD_CHARS, Passwords
from storage.people.sessions import Sessions
from storage.people.tokens import TokenPair, new_pair

DISPLAY_NAME_CHARS = range(1, 81)
_HELD = {
    "suspended": "the account is suspended",
    "pending_verification": "the e-mail address is not verified yet",
}


class AccountRules(NamedTuple):
    """What accounts are held to."""

    limits: Limits
    names: PublicNames


class Identity:
    """Accounts and logins. Nothing here tells a stranger which addresses have an account.

    Except registration, which must, and is limited by address for it.
    """

    def __init__(
        self,
        accounts: Accounts,
        sessions: Sessions,
        passwords: Passwords,
        login_limits: LoginLimits,
        rules: AccountRules,
        cursors: CursorSigner,
    ) -> None:
        self._accounts = accounts
        self._sessions = sessions
        self._passwords = passwords
        self._login_limits = login_limits
        self._limits = rules.limits
        self._names = rules.names
        self._cursors = cursors

    async def register(self, origin: Origin, request: Register) -> SignedIn:
        """A new account and its first login; `conflict` for a known address."""
        request = msgspec.structs.replace(request, email=request.email.strip())
        faults = self.registration_faults(msgspec.structs.asdict(request))
        if faults:
            raise RequestError.of_faults(faults)
        await self._login_limits.registration(origin)
        if await self._accounts.is_known(request.email):
            raise email_taken()
        password_hash = await self._passwords.hash(request.password)
        tokens = new_pair()
        account = await self._accounts.register(
            NewAccount(request.email, password_hash, request.display_name, request.kind),
            tokens,
            origin,
        )
        return self._signed_in(tokens, account)

    def registration_faults(self, members: Mapping[str, Any]) -> list[Fault]:
        """What is wrong with those members of a registration that are there: of each the first."""
        rules: dict[str, Callable[[str], str | None]] = {
            "email": _fault_of_email,
            "password": self._fault_of_password,
            "display_name": self._fault_of_name,
        }
        found = ((name, rule(members[name])) for name, rule in rules.items() if name in members)
        return [Fault(name, reason) for name, reason in found if reason is not None]

    async def login(self, origin: Origin, request: Login) -> SignedIn:
        """A new session; a wrong password and an unknown address are the same, also in time."""
        if self._passwords.is_refused(request.password):
            raise RequestError(
                ErrorCode.FORBIDDEN,
                "the password of the sample people opens nothing here: everybody knows it",
            )
        await self._login_limits.attempt("login", origin, "logins")
        # The keyboards of phones add spaces.
        request = msgspec.structs.replace(request, email=request.email.strip())
        checked = await self._accounts.credentials(request.email, origin.network)
        await self._login_limits.login(checked, origin)
        found = checked.found
        stored = None if found is None else found.password_hash
        matches = await self._passwords.verify(stored, request.password)
        if found is None or not matches:
            raise _wrong_login()
        if found.status in _HELD:
            raise RequestError(ErrorCode.FORBIDDEN, _HELD[found.status], {"status": found.status})
        if found.status != "active":
            raise _wrong_login()
        tokens = new_pair()
        if await self._accounts.open_session(found, tokens, origin) is None:
            raise _wrong_login()
        if self._passwords.is_outdated(found.password_hash):
            anew = await self._passwords.hash(request.password)
            await self._accounts.replace_hash(found, anew)
        if checked.lacks_canonical:
            # What is not done now is done by the next round, or the next login.
            with contextlib.suppress(RequestError):
                await self._accounts.settle_email(found.user_id, request.email)
        return self._signed_in(tokens, await self._accounts.account(found.user_id))

    async def refresh(self, origin: Origin, request: Refresh) -> SignedIn:
        """A new pair for a refresh token; one that was used before ends its whole session."""
        await self._login_limits.attempt("refresh", origin, "refreshes")
        tokens = new_pair()
        user_id = await self._sessions.rotate(request.refresh_token, tokens)
        return self._signed_in(tokens, await self._accounts.account(user_id))

    async def change_password(
        self, caller: Caller, origin: Origin, request: ChangePassword
    ) -> SignedIn:
        """Another password: every session ends everywhere, a new one begins for the caller."""
        reason = self._fault_of_password(request.new_password)
        if reason is not None:
            raise RequestError.invalid("new_password", reason)
        await self._login_limits.password_change(caller.user_id)
        checked = await self._accounts.credentials_of(caller.user_id)
        if not await self._passwords.verify(checked.password_hash, request.password):
            raise RequestError.invalid("password", "not the password of this account")
        password_hash = await self._passwords.hash(request.new_password)
        if not await self._sessions.change_password(checked, password_hash):
            raise RequestError(ErrorCode.CONFLICT, "the password has just been changed")
        tokens = new_pair()
        now = msgspec.structs.replace(checked, password_hash=password_hash)
        if await self._accounts.open_session(now, tokens, origin) is None:
            raise RequestError(ErrorCode.CONFLICT, "the password has just been changed again")
        return self._signed_in(tokens, await self._accounts.account(caller.user_id))

    async def logout(self, caller: Caller) -> Empty:
        """The caller's session ends, here and on every server."""
        await self._sessions.revoke(caller.user_id, [caller.session_id], "logout")
        return Empty()

    async def list_sessions(self, caller: Caller, request: SessionList) -> SessionPage:
        """The caller's live logins, newest first."""
        limit = request.limit or self._limits.page_default
        if limit > self._limits.page_max:
            raise RequestError.invalid("limit", f"at most {self._limits.page_max}")
        scope = ("sessions", caller.user_id)
        below = None
        if request.cursor is not None:
            below = self._cursors.read(request.cursor, scope, UUID)
        live = await self._sessions.live(caller.user_id, below, limit + 1)
        page = [
            SessionInfo(
                id=str(session.id),
                ip=session.ip,
                user_agent=session.user_agent,
                created_at=format_time(session.created_at),
                last_activity_at=format_time(session.last_activity_at),
                expires_at=format_time(session.refresh_expires_at),
                is_current=session.id == caller.session_id,
            )
            for session in live[:limit]
        ]
        has_more = len(live) > limit
        return SessionPage(
            page, self._cursors.sign(scope, live[limit - 1].id) if has_more else None
        )

    async def revoke_session(self, caller: Caller, session_id: UUID) -> Empty:
        """One of the caller's live sessions ends; `not_found` for any other."""
        if not await self._sessions.revoke(caller.user_id, [session_id], "revoked"):
            raise RequestError.not_found("session")
        return Empty()

    async def me(self, caller: Caller) -> Account:
        """The caller's own account."""
        return _account(await self._accounts.account(caller.user_id))

    def _fault_of_password(self, password: str) -> str | None:
        if len(password) not in PASSWORD_CHARS:
            return _between(PASSWORD_CHARS)
        return "everybody knows this one" if self._passwords.is_refused(password) else None

    def _fault_of_name(self, name: str) -> str | None:
        if len(name) not in DISPLAY_NAME_CHARS:
            return _between(DISPLAY_NAME_CHARS)
        reserved = LOOKS_RESERVED if self._names.is_reserved(name) else None
        return fault_of_line(name) or reserved

    def _signed_in(self, tokens: TokenPair, account: AccountRow) -> SignedIn:
        return SignedIn(
            tokens.access, tokens.refresh, self._sessions.access_ttl_s, _account(account)
        )


def _fault_of_email(email: str) -> str | None:
    try:
        canonical(email.strip())
    except AddressError as error:
        return f"not an e-mail address: {error}"
    return None


def _between(chars: range) -> str:
    return f"must have {chars[0]} to {chars[-1]} characters"


def _wrong_login() -> RequestError:
    return RequestError(ErrorCode.UNAUTHENTICATED, "wrong e-mail address or password")


def _account(row: AccountRow) -> Account:
    return Account(
        id=str(row.id),
        display_name=row.display_name,
        kind=row.kind,
        staff_role=row.staff_role,
        status=row.status,
        email=row.email,
        must_change_email=row.must_change_email,
        email_verified_at=optional_time(row.email_verified_at),
        avatar=row.avatar,
        locale=row.locale,
        timezone=row.timezone,
        messages_from=row.messages_from,
        created_at=format_time(row.created_at),
        updated_at=format_time(row.updated_at),
        version=row.version,
    )
