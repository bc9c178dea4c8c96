"""The addresses of a server's doors, as people give them to programs."""

from argparse import ArgumentTypeError
from collections.abc import Callable
from urllib.parse import urlsplit


def door(*schemes: str, has_path: bool = True) -> Callable[[str], str]:
    """A `type` of `argparse`: the address of a door that is reached by one of these schemes.

    Without `has_path` it is the whole of a host.
    """

    def read(text: str) -> str:
        reason = _wrong(text, schemes, has_path=has_path)
        if reason is not None:
            raise ArgumentTypeError(f"{text!r} {reason}")
        return text

    return read


def _wrong(text: str, schemes: tuple[str, ...], *, has_path: bool) -> str | None:
    begins = " or ".join(f"{scheme}://" for scheme in schemes)
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return "has no valid host, or no valid port"
    if parts.scheme not in schemes or "://" not in text:
        return f"must begin with {begins}"
    if not has_path and parts.path.strip("/"):
        return "names a path: give the door without one"
    return None if has_host else "names no host"
