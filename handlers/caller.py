"""Who asks: the only thing that a handler knows of the connection behind a command."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated user, the login, and the connection, which is None over HTTP."""

    user_id: UUID
    session_id: UUID
    connection_id: str | None = None
