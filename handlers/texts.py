"""Checks of text that a person wrote: the same for messages, names, titles and resources.

Text has at least one visible character; what fits on one line (names, titles) has no character that
breaks the line or turns the direction of the text around it. Lengths are in code points. What a
character is, is Unicode's to say, by the properties that the library `regex` knows.
"""

import re

import regex

from protocol.emoji import is_emoji, reaction_key
from protocol.errors import RequestError

_PLAIN = re.compile(r"[0-9A-Za-z]").search
"""Almost every text has one of these at its start, and none of the properties is looked up."""

_VISIBLE = regex.compile(
    r"(?V1)[[\p{L}\p{N}\p{P}\p{S}\p{Extended_Pictographic}\p{Prepended_Concatenation_Mark}]"
    r"--[\p{Default_Ignorable_Code_Point}\u2800\uFFFC\U0001D159]]"
).search
"""Letters, numbers, punctuation and symbols, but for those that are drawn as nothing.

Marks alone are not visible, nor are private and unassigned characters, on which no two readers
agree; those reserved for pictographs are. No property tells that U+2800 (Braille, no dots), U+FFFC
(the place of an object) and U+1D159 (a note without a head) are blank.
"""

_NOT_IN_A_LINE = regex.compile(r"(?V1)[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]").search

_HEAD = 16
"""Characters that are looked at first: they decide about all but hostile text."""


def is_visible(text: str) -> bool:
    """Whether a text has a visible character."""
    return (
        _PLAIN(text, 0, _HEAD) is not None
        or _VISIBLE(text, 0, _HEAD) is not None
        or _PLAIN(text) is not None
        or _VISIBLE(text) is not None
    )


def is_line(text: str) -> bool:
    """Whether a text has no control, line-separator and bidi control characters."""
    return text.isprintable() or _NOT_IN_A_LINE(text) is None


def fault_of_text(text: str) -> str | None:
    """Why a text is refused, or None."""
    return None if is_visible(text) else "must have a visible character"


def fault_of_line(text: str) -> str | None:
    """Why a name or title is refused, or None."""
    if not is_line(text):
        return "must not have control, line-separator or bidi control characters"
    return fault_of_text(text)


def check_text(path: str, text: str | None, max_chars: int) -> None:
    """Raise `RequestError` (`validation_failed`) for text that is too long or invisible.

    None is none, and passes.
    """
    if text is not None:
        check_length(path, text, max_chars)
        _refuse(path, fault_of_text(text))


def check_line(path: str, text: str | None, max_chars: int) -> None:
    """As `check_text`, for a name or title, which has no line breaks either."""
    if text is not None:
        check_length(path, text, max_chars)
        _refuse(path, fault_of_line(text))


def check_length(path: str, text: str, max_chars: int) -> None:
    """Raise `RequestError` (`validation_failed`) for text that is too long."""
    if len(text) > max_chars:
        raise RequestError.invalid(path, f"at most {max_chars} characters", limit=max_chars)


def check_emoji(path: str, emoji: str, max_chars: int) -> None:
    """Raise `RequestError` (`validation_failed`) for what is not one emoji, however spelt."""
    check_length(path, emoji, max_chars)
    if not is_emoji(reaction_key(emoji)):
        raise RequestError.invalid(path, "must be one pictograph, flag or keycap")


def check_emoji_length(path: str, emoji: str, max_chars: int) -> None:
    """Raise `RequestError` (`validation_failed`) for what no reaction was ever stored as.

    Presentation selectors do not count, since they are shown where they were not sent: at most one
    behind each character.
    """
    if not emoji:
        raise RequestError.invalid(path, "must not be empty")
    # Before it is normalized, which takes quadratic time where marks have to be put in order.
    if len(emoji) > 2 * max_chars:
        raise RequestError.invalid(path, f"at most {max_chars} characters", limit=max_chars)
    check_length(path, reaction_key(emoji), max_chars)


def _refuse(path: str, fault: str | None) -> None:
    if fault is not None:
        raise RequestError.invalid(path, fault)
