"""Names that people know each other by: none may look like the platform's own."""

import unicodedata
from collections.abc import Iterable, Iterator

import regex
from confusable_homoglyphs.utils import load

LOOKS_RESERVED = "looks like a name of the platform"

_DROPPED = regex.compile(r"[\p{M}\p{Default_Ignorable_Code_Point}]+")
_NUMBER = regex.compile(r"(?<![\p{L}\p{N}\p{M}])\p{Nd}+(?![\p{L}\p{N}\p{M}])")
_BETWEEN_WORDS = regex.compile(r"[^\p{L}\p{N}]+")


class PublicNames:
    """Refuses names that are put together from nothing but reserved words.

    Two words are the same when they look alike: when they have one skeleton (UTS 39), with case,
    accents, invisible characters, spaces and punctuation left out. Numbers between words count
    for nothing: `Parley Support 24/7`.
    """

    def __init__(self, reserved: Iterable[str]) -> None:
        self._words = {
            skeleton
            for word in reserved
            for spelling in (word, word.lower(), word.upper(), word.title())
            if (skeleton := _skeleton_of_words(spelling))
        }

    def is_reserved(self, name: str) -> bool:
        """Whether a name is made of reserved words alone."""
        return any(
            self._is_made_of_words(_skeleton_of_words(spelling))
            for spelling in (name, name.casefold(), name.upper())
        )

    def _is_made_of_words(self, skeleton: str) -> bool:
        begins = [0]
        for begin in begins:  # it grows while it is read, by each place once
            for word in self._words:
                end = begin + len(word)
                if end not in begins and skeleton.startswith(word, begin):
                    begins.append(end)
        return bool(skeleton) and len(skeleton) in begins


def _skeleton_of_words(name: str) -> str:
    """A name's skeleton, without what stands between its words and numbers."""
    return _BETWEEN_WORDS.sub("", _skeleton(_NUMBER.sub("", name)))


def _skeleton(text: str) -> str:
    """The skeleton of UTS 39, section 4, but case and marks do not count."""
    # Before and after the case is folded: `I` looks like `l`, and `i` does not.
    return _prototypes(_prototypes(unicodedata.normalize("NFKC", text)).casefold())


def _prototypes(text: str) -> str:
    bare = _DROPPED.sub("", unicodedata.normalize("NFD", text))
    mapped = "".join(_PROTOTYPES.get(character, character) for character in bare)
    return _DROPPED.sub("", unicodedata.normalize("NFD", mapped))


def _pairs() -> Iterator[tuple[str, str]]:
    """(character, its prototype), from a table that has every pair both ways.

    A character has one prototype, and a prototype none: hence of a pair, the prototype is the one
    that has more characters or partners. Where both have one, either serves.
    """
    table = {
        _plain(key): {_plain(entry["c"]) for entry in alike}
        for key, alike in load("confusables.json").items()
    }
    for prototype, alike in table.items():
        for character in alike:
            partners = len(table.get(character, ()))
            if (len(prototype), len(alike), prototype) > (len(character), partners, character):
                yield character, prototype


def _plain(entry: str) -> str:
    """The table has marks of direction around right-to-left characters."""
    return entry.strip("\u200e")


_PROTOTYPES = dict(_pairs())
