"""How many items a page holds."""

from protocol.errors import RequestError
from protocol.limits import Limits


def page_size(limits: Limits, asked: int | None) -> int:
    """The size asked for, or the usual one. Raises `RequestError` for more than a page may hold."""
    if asked is None:
        return min(limits.page_default, limits.page_max)
    if asked > limits.page_max:
        raise RequestError.invalid("limit", f"at most {limits.page_max}", limit=limits.page_max)
    return asked
