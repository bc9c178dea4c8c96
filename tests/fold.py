"""The fold of search, made of Unicode's data; run as a module it writes the tables that SQL uses.

Letters are told apart as of `AGE`, the Unicode version that every supported PostgreSQL normalises
by: for a letter that one of them does not know, the fold would differ between servers. Pictographs
have no such bound, because Unicode reserves places for those to come.
"""

import itertools
import json
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import unicodedataplus as ucd

AGE = "14.0"
TABLES = Path(__file__).parents[1] / "storage" / "migrations" / "sql" / "0014_10_fold_tables.sql"

UNSPACED = frozenset({
    "Balinese", "Bopomofo", "Han", "Hangul", "Hiragana", "Javanese", "Katakana",
    "Khitan_Small_Script", "Khmer", "Lao", "Myanmar", "New_Tai_Lue", "Nushu", "Tai_Le", "Tai_Tham",
    "Tai_Viet", "Tangut", "Thai", "Tibetan", "Yi",
})  # fmt: skip
"""Scripts that put no spaces between words; in Hangul words are long, and parts are looked for."""
MARKS_STRIPPED = frozenset({
    "Inherited", "Latin", "Greek", "Cyrillic", "Arabic", "Hebrew", "Syriac",
})  # fmt: skip
"""Scripts of which letters are found without their marks. Elsewhere marks are letters: vowels."""
PARSED = frozenset({"Latin", "Greek", "Cyrillic", "Armenian", "Hebrew", "Arabic", "Georgian"})
"""Scripts whose words PostgreSQL's parser cuts right, whatever its locale calls a letter."""
CYRILLIC = "\u0400-\u052f\u1c80-\u1c88\u2de0-\u2dff\ua640-\ua69f"
"""Where a composed letter is one of its own, as й; ё is the exception."""
GENERIC = "\u0300-\u036f"
KEYCAP = "\u20e3"
JOINERS = "./\\:@#_<>&='-"
"""ASCII that PostgreSQL's parser would take for parts of addresses, paths, tags and numbers."""
OWN = {
    "ё": "е", "ѐ": "е", "ѝ": "и", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th",
    "\u02bc": "'", "\u02bb": "'",
}  # fmt: skip
"""Spellings that people leave out or replace, beside what Unicode says."""
TATWEEL = "\u0640"
HAN = range(0x20000, 0x3FFFE)
"""Two planes of Han, with places reserved for what is to come."""
MARKS = 16
"""A run of more marks than these is left out."""
UNKNOWN = range(0x100000, 0x10FFFE)
PRIVATE = 0xF0000
"""Where pictographs stand in for themselves that compatibility would turn into letters."""


def characters() -> Iterator[str]:
    """All beyond ASCII of which there is anything to say."""
    planes = (range(0x80, 0xD800), range(0xE000, 0x20000), range(0x2F800, 0x2FA20))
    return map(chr, itertools.chain(*planes, range(0xE0000, 0xE1000)))


@cache
def is_known(char: str) -> bool:
    """Whether the character was assigned in `AGE`."""
    age = ucd.age(char)
    return age not in {None, "NA", "Unassigned"} and float(age) <= float(AGE)


@cache
def is_pictograph(char: str) -> bool:
    """Emoji and their parts, with places reserved for those to come."""
    return not char.isascii() and (
        ucd.is_extended_pictographic(char)
        or ucd.is_emoji_modifier(char)
        or char == KEYCAP
        or "\U0001f1e6" <= char <= "\U0001f1ff"
        or PRIVATE <= ord(char) < PRIVATE + len(protected())
    )


@cache
def protected() -> str:
    """Pictographs that normalisation would take apart."""
    return "".join(
        c for c in characters()
        if ucd.is_extended_pictographic(c) and is_known(c) and ucd.normalize("NFKD", c) != c
    )  # fmt: skip


@cache
def stand_ins() -> dict[int, str]:
    """What each of them becomes, in lower case too: Ⓜ has one."""
    places = [(c, chr(PRIVATE + at)) for at, c in enumerate(protected())]
    return {ord(case): place for c, place in places for case in (c, c.lower())}


@cache
def is_ignorable(char: str) -> bool:
    """Formatting that nobody sees, fillers and selectors, and the stroke that widens Arabic."""
    is_format = ucd.category(char) == "Cf" and not (
        "\u0600" <= char <= "\u0605" or char in "\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
        or "\ufff9" <= char <= "\ufffb" or "\U00013430" <= char <= "\U0001343f"
    )  # fmt: skip
    is_selector = "VARIATION SELECTOR" in ucd.name(char, "")
    return is_known(char) and (
        is_format
        or is_selector
        or char in "\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0\u2065" + TATWEEL
    )


@cache
def is_mark_stripped(char: str) -> bool:
    """Marks of scripts whose letters are found without."""
    return (
        is_known(char)
        and ucd.category(char) in {"Mn", "Me"}
        and ucd.script(char) in MARKS_STRIPPED
        # Those of kana make another letter, and are composed with it.
        and char not in {KEYCAP, "\u3099", "\u309a"}
        and not is_run(char)
    )


@cache
def is_run(char: str) -> bool:
    """What is found by pairs: letters of unspaced scripts, and pictographs."""
    if is_pictograph(char) or "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003fffd":
        return True
    if re.match(f"[{GENERIC}]", char):
        return False
    scripts = {*ucd.script_extensions(char), ucd.script(char)}
    is_unspaced = scripts & UNSPACED or ucd.line_break(char) == "SA"
    return (bool(is_unspaced) and ucd.category(char)[0] in "LM") or char == "〇"


@cache
def mapped(char: str) -> str | None:
    """What a single character becomes that neither normalising nor lower-casing changes."""
    if not is_known(char):
        return None
    digit = ucd.digit(char, None) if ucd.category(char) == "Nd" else None
    if digit is not None:
        return str(digit)
    lowered = char.casefold().lower()
    plain = OWN.get(lowered, lowered)
    named = re.fullmatch(r"LATIN SMALL LETTER ([A-Z]) WITH .*", ucd.name(plain[0], ""))
    if named:
        plain = named[1].lower()
    return None if plain == char else plain


def fold(text: str) -> str:
    """The form that texts and queries are compared in; what SQL makes too."""
    if text.isascii():
        return text.lower()
    text = text.lower().replace("ё", "е")
    text = without_long_runs(without_swelling(text.translate(stand_ins())))
    text = ucd.normalize("NFKD", text).lower()
    text = "".join(
        char
        for at, char in enumerate(text)
        if not is_stripped(char)
        or (re.match(f"[{GENERIC}]", char) and at and re.match(f"[{CYRILLIC}]", text[at - 1]))
    )
    text = re.sub(f"[{GENERIC}]", "", ucd.normalize("NFC", text))
    return "".join(mapped(char) or char for char in text)


def without_swelling(text: str) -> str:
    """The text without characters that stand for words, where those are most of what it becomes."""
    kept = "".join(char for char in text if not is_expanding(char))
    return kept if 18 * (len(text) - len(kept)) > len(text) + 200 else text


@cache
def is_expanding(char: str) -> bool:
    """Whether normalisation makes a word of it: more than four letters."""
    return len(ucd.normalize("NFKD", char)) > 4


def without_long_runs(text: str) -> str:
    """The text without runs of marks that are longer than any that a letter has."""
    runs = itertools.groupby(text, is_combining)
    parts = ((is_mark, "".join(run)) for is_mark, run in runs)
    return "".join(part for is_mark, part in parts if not is_mark or len(part) <= MARKS)


@cache
def is_combining(char: str) -> bool:
    """Whether normalisation may move it past what stands before it."""
    return bool(ucd.combining(ucd.normalize("NFKD", char)[0]))


def is_stripped(char: str) -> bool:
    """Whether it leaves no trace."""
    return is_ignorable(char) or is_mark_stripped(char)


def is_separator(char: str) -> bool:
    """Whether words end at it: marks of punctuation, signs and spaces."""
    if char.isascii():
        return not char.isalnum()
    return is_known(char) and not is_run(char) and ucd.category(char)[0] in "PSZ" + "C" and (
        ucd.category(char) not in {"Co", "Cn", "Cs"}
    )  # fmt: skip


def is_changed(char: str) -> bool:
    """Whether a text with it is to be folded, beyond lower-casing."""
    if not is_known(char):
        return False
    if is_stripped(char) or not ucd.is_normalized("NFC", char) or composes(char):
        return True
    folded = fold(char)
    return folded != char and not (is_separator(char) and all(map(is_separator, folded)))


@cache
def composes(char: str) -> bool:
    """Whether it may become one letter with what stands before it."""
    return ucd.combining(char) != 0 or "\u1160" <= char <= "\u11ff" or char in seconds()


@cache
def seconds() -> frozenset[str]:
    """The second halves of composed letters."""
    pairs = (ucd.decomposition(c).split() for c in characters())
    return frozenset(chr(int(p[1], 16)) for p in pairs if len(p) == 2 and p[0][0] != "<")


def is_own_word(char: str) -> bool:
    """Whether we cut words of it ourselves: letters and vowels that no parser is sure to know."""
    return not (
        is_run(char)
        or is_stripped(char)
        or is_separator(char)
        or (is_known(char) and ucd.category(char)[0] == "L" and ucd.script(char) in PARSED)
    )


def ranges(chosen: Iterable[str]) -> str:
    """The inside of a bracket expression of PostgreSQL's, lines of bounded length."""
    found: list[list[int]] = []
    for code in sorted({*map(ord, chosen)}):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return "".join(
        escaped(first) + (f"-{escaped(last)}" if last > first + 1 else "" if last == first
                          else escaped(last))
        for first, last in found
    )  # fmt: skip


def escaped(code: int) -> str:
    """A character as PostgreSQL's regular expressions take it."""
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def wrapped(text: str, width: int = 100) -> str:
    """A literal over several lines, which SQL joins, cut between its characters."""
    parts = re.findall(r"\\u[\da-f]{4}|\\U[\da-f]{8}|.", text)
    lines, line = [], ""
    for part in parts:
        if len(line) + len(part) > width:
            lines.append(line)
            line = ""
        line += part
    return "\n".join(f"        '{each}'" for each in [*lines, line])


def function(name: str, says: str, value: str, returns: str = "text") -> str:
    """One table, as a function that is folded into what calls it."""
    cast = "" if returns == "text" else f"::{returns}"
    literal = wrapped(value.replace("'", "''"))
    body = f"({literal.strip()}){cast}" if cast else literal.strip()
    return (
        f"-- {says}\nCREATE FUNCTION {name}() RETURNS {returns}\n"
        f"LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$\n    SELECT {body}\n$$;\n"
    )


def written() -> str:
    """The file, as it is to be."""
    every = list(characters())
    # Other letters have lost their marks by then.
    whole = (c for c in every if ucd.normalize("NFKD", c) == c or ucd.script(c) == "Cyrillic")
    changes = {c: m for c in whole if (m := mapped(c)) is not None}
    shown, places = map(chr, stand_ins()), stand_ins().values()
    table = json.dumps(changes, ensure_ascii=False, separators=(",", ":"))
    generic = {chr(code) for code in range(0x300, 0x370)}
    head = (
        "-- Tables of the fold of search, made by `make fold`: not to be edited.\n"
        f"-- Letters are those of Unicode {AGE}; the data is that of {ucd.unidata_version}.\n"
    )
    parts = [
        head,
        function("fold_changed", "A text that has none of these, in lower case, is folded.",
                 ranges(filter(is_changed, every))),
        function("fold_stripped", "What leaves no trace, but for marks that any letter may have.",
                 ranges(c for c in every if is_stripped(c) and c not in generic)),
        function("fold_combining", "Marks, which normalising puts in order.",
                 ranges(filter(is_combining, every))),
        function("fold_expanding", "Characters of which normalising makes whole words.",
                 ranges(filter(is_expanding, every))),
        function("fold_mapped", "What is replaced by itself,", ranges(changes)),
        function("fold_map", "and by what.", table, "jsonb"),
        function("fold_pictographs", "Pictographs that normalising would take for letters,",
                 "".join(shown)),
        function("fold_stand_ins", "and what stands for them.", "".join(places)),
        function("fold_pairs", "Letters of scripts without spaces, and pictographs.",
                 ranges([*filter(is_run, every), *map(chr, HAN), *stand_ins().values()])),
        function("fold_words", "Letters, vowels and numbers of which words are cut by pattern.",
                 ranges([*filter(is_own_word, every), *map(chr, UNKNOWN)])),
        function("fold_separators", "Where words end.",
                 ranges(c for c in every if is_separator(c))),
    ]  # fmt: skip
    return "\n".join(parts)


if __name__ == "__main__":
    TABLES.write_text(written())
    sys.stdout.write(f"{TABLES} written\n")
