"""The names of files: what is seen stays, what is not goes."""

import unicodedata

import pytest

from handlers.files.names import clean_name

ZWNJ, ZWJ = "\u200c", "\u200d"
FAMILY = f"👨{ZWJ}👩{ZWJ}👧"
CODER = f"👩🏽{ZWJ}💻"
BURNING = f"❤️{ZWJ}🔥"
WALES = "🏴\U000e0067\U000e0062\U000e0077\U000e006c\U000e0073\U000e007f"
NEWER = next(
    chr(code) for code in range(0x1FAFF, 0x1F000, -1) if unicodedata.category(chr(code)) == "Cn"
)
"""A place for an emoji that this Python does not know yet."""


@pytest.mark.parametrize(
    "name",
    [
        f"می{ZWNJ}خواهم.pdf",
        f"۱۲{ZWNJ}ها.pdf",
        f"क्{ZWJ}ष.txt",
        f"ශ්{ZWJ}රී.txt",
        f"{FAMILY}.png",
        f"{CODER} {BURNING}.png",
        f"{WALES}.png",
        "1️⃣.txt",
        "🇩🇪.txt",
        f"{NEWER}.png",
        f"{NEWER}{ZWJ}{NEWER}.png",
        "\u0600٤٢.txt",
        "한국어.hwp",
        "ไฟล์.txt",
        "e\u0301tude.txt",
        "\uf8ff.txt",
    ],
)
def test_what_is_written_stays(name):
    assert clean_name(name) == name


@pytest.mark.parametrize(
    "space", "\u00a0\u1680\u2002\u2003\u2009\u200a\u202f\u205f\u3000\u2028\u2029"
)
def test_spaces_of_any_kind_become_a_space(space):
    assert clean_name(f"a{space}b.txt") == "a b.txt"
    assert clean_name(f"{space}a.txt{space}") == "a.txt"


@pytest.mark.parametrize("blank", "\u3164\uffa0\u2800")
def test_what_is_drawn_as_nothing_is_a_space(blank):
    assert clean_name(f"a{blank}b") == "a b"
    assert clean_name(blank * 3) == "file"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (f"{ZWJ}a{ZWNJ}.txt{ZWJ}", "a.txt"),
        (f"a{ZWJ}{ZWJ}b.txt", f"a{ZWJ}b.txt"),
        (f"a {ZWJ}b.txt", "a b.txt"),
        (f"a{ZWNJ}.exe", "a.exe"),
        (ZWJ + ZWNJ, "file"),
        ("🏴\U000e0067.png", "🏴.png"),
        ("a\U000e0067\U000e007f.png", "a.png"),
        ("a\u200bb\u2060c\ufeffd\u00ade", "abcde"),
        ("a\u200eb\u200fc\u061cd\u202ee\u2066f\u2069", "abcdef"),
        ("a\ufff9b\ufffa", "ab"),
        ("a\ufdd0b\U0001ffff", "ab"),
        ("a\tb\x7fc\x85d", "abcd"),
        ("a\udcffb", "a?b"),
        ("x" * 250, "x" * 200),
        ("x" * 195 + f"ش{ZWNJ}" * 5 + ".pdf", "x" * 195 + "ش.pdf"),
    ],
)
def test_what_cannot_be_seen_goes(name, kept):
    assert clean_name(name) == kept
