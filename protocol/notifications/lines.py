"""Texts that people have written, as they may stand among our own words.

What turns the direction of a text, or is not seen, is left out: it would change the words around
it.
"""

import regex

_LINE_ENDS = regex.compile(r"\r\n|[\r\n\v\f\x1c-\x1e\x85\u2028\u2029]")
_BLANKS = regex.compile(r"(?V1)[\p{Z}\p{Cc}]+")
_CONTROLS = regex.compile(r"(?V1)[\p{Cc}\u2028\u2029]")
_HIDDEN = regex.compile(r"(?V1)[\p{Bidi_Control}\p{Cs}\p{Co}\u200B\u2060\uFEFF]+")
"""Joiners stay: scripts and emoji need them."""
_CHARACTERS = regex.compile(r"\X")


def one_line(text: str, most: int) -> str:
    """A text on one line: breaks and control characters are blanks.

    Of a longer one than `most` characters the beginning is left, with an ellipsis.
    """
    head = text[: most * 8]
    line = _BLANKS.sub(" ", _HIDDEN.sub("", head)).strip()
    if len(line) <= most and len(head) == len(text):
        return line
    characters = _CHARACTERS.findall(line)
    if len(characters) <= most and len(head) == len(text):
        return line
    return "".join(characters[: most - 1])[: most * 4].rstrip() + "…"


def plain_lines(text: str) -> str:
    """A text with its line breaks, each one character; other control characters are blanks."""
    lines = (_CONTROLS.sub(" ", line).rstrip() for line in _LINE_ENDS.split(_HIDDEN.sub("", text)))
    return "\n".join(lines).strip()
