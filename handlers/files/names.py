"""The names of files: what a sender calls a file, as it is shown and saved under. Pure.

Nothing here lists characters that exist: whatever Unicode adds later stays in a name. Left out is
what cannot be seen and changes what is: controls, directions, and joiners that join nothing.
"""

import re
import unicodedata

_NAME_CHARS = 200
_ENDING_CHARS = 10
_JOINERS = "\u200c\u200d"
_MARKS_OF_DIRECTION = "\u200e\u200f\u061c"
_BLANK_LETTERS = "\u3164\uffa0\u2800"
"""Letters and a symbol that are drawn as nothing, as spaces are."""
# Flags of regions: a black flag, the letters of the region as tags, the tag that ends them.
_TAGGED = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_FLAG = "\U0001f3f4"
_JOINED = frozenset("LMNS")
"""What a joiner may stand between: letters, marks, digits and symbols, emoji among them."""


def clean_name(name: str) -> str:
    """A name to show and to save under: no folders, nothing unseen, not too long."""
    # Bytes that are not UTF-8 come as lone surrogates, which no database takes.
    name = name.encode("utf-8", "replace").decode()
    name = name.replace("\\", "/").rpartition("/")[2]
    if not name.isascii() or not name.isprintable():
        name = _seen(name)
    name = name.strip(" .")
    if len(name) > _NAME_CHARS:
        stem, dot, ending = name.rpartition(".")
        ending = dot + ending if stem and len(ending) <= _ENDING_CHARS else ""
        name = name[: _NAME_CHARS - len(ending)].rstrip(_JOINERS) + ending
    return name or "file"


def _seen(name: str) -> str:
    kept: list[str] = []
    flags = {match.start(): match[0] for match in _TAGGED.finditer(name)}
    for place, char in enumerate(name):
        if char in _JOINERS:
            if kept and _is_joined(kept[-1]) and _is_joined(name[place + 1 : place + 2]):
                kept.append(char)
        elif place in flags:
            kept.extend(flags[place])
        else:
            kept.append(_shown(char))
            if not kept[-1]:
                kept.pop()
    return "".join(kept)


def _is_joined(char: str) -> bool:
    return bool(char) and (unicodedata.category(char)[0] in _JOINED or _is_newer(char))


def _is_newer(char: str) -> bool:
    """True for a character that this Python's tables do not know, and that may be one by now."""
    is_never_one = ord(char) & 0xFFFE == 0xFFFE or 0xFDD0 <= ord(char) <= 0xFDEF
    return unicodedata.category(char) == "Cn" and not is_never_one


def _shown(char: str) -> str:
    """The character, a space for one that is drawn as a space, or nothing."""
    category = unicodedata.category(char)
    if category[0] == "Z" or char in _BLANK_LETTERS:
        return " "
    if category == "Cn":
        return char if _is_newer(char) else ""
    if category == "Cf":
        # Those that are drawn, like the sign of an Arabic number, have a direction of their own.
        is_drawn = unicodedata.bidirectional(char) in {"AL", "AN", "L"}
        return char if is_drawn and char not in _MARKS_OF_DIRECTION else ""
    return "" if category in {"Cc", "Cs"} else char
