"""What the database's refusals of an execution mean for who asked.

An execution judges first; what the database refuses all the same is a value that another row takes
already, or a bug.
"""

import asyncpg

from protocol.errors import ErrorCode, RequestError


def refusal(error: asyncpg.PostgresError) -> RequestError:
    """What the client is told; raises the error itself where it is a bug."""
    if isinstance(error, asyncpg.UniqueViolationError):
        constraint = str(getattr(error, "constraint_name", "") or "")
        return RequestError(ErrorCode.CONFLICT, "there is such a one already", {"rule": constraint})
    column = str(getattr(error, "column_name", "") or "")
    if column and isinstance(error, asyncpg.ForeignKeyViolationError):
        return RequestError(ErrorCode.CONFLICT, f"{column}: {error.args[0]}", {"path": column})
    if column and isinstance(error, asyncpg.CheckViolationError):
        return RequestError.invalid(column, str(error.args[0]))
    raise error
