"""Checks of text that a person wrote; lengths in code points."""

import unicodedata

from protocol.errors import RequestError


def check_text(path: str, text: str, max_chars: int) -> None:
    """Raise `RequestError` (`validation_failed`) for text that is blank or too long."""
    if not text.strip():
        raise RequestError.invalid(path, "must not be blank")
    check_length(path, text, max_chars)


def check_length(path: str, text: str | None, max_chars: int) -> None:
    """Raise `RequestError` (`validation_failed`) for text that is too long; None is none."""
    if text is not None and len(text) > max_chars:
        raise RequestError.invalid(path, f"at most {max_chars} characters", limit=max_chars)


def check_emoji(path: str, emoji: str, max_chars: int) -> None:
    """Raise `RequestError` (`validation_failed`) for what cannot be one emoji.

    Emoji are sequences with joiners and variation selectors, and new ones come every year: only
    space and control characters are refused.
    """
    if not emoji:
        raise RequestError.invalid(path, "must not be empty")
    check_length(path, emoji, max_chars)
    if any(char.isspace() or unicodedata.category(char) == "Cc" for char in emoji):
        raise RequestError.invalid(path, "no space and no control characters")
