"""E-mail addresses in one spelling: which are one, which are none, and why."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from storage.people.emails import AddressError, canonical, canonical_or_none

LABEL = "x" * 63
LONG_DOMAIN = ".".join([LABEL] * 3)  # 191 octets


@pytest.mark.parametrize(
    ("address", "spelling"),
    [
        ("anna@example.org", "anna@example.org"),
        # Case is the database's to ignore, but for the domain.
        ("Anna.B@Example.ORG", "Anna.B@example.org"),
        ("!#$%&'*+/=?^_`{|}~-@example.org", "!#$%&'*+/=?^_`{|}~-@example.org"),
        ("a.b+tag@example.org", "a.b+tag@example.org"),
        # In capitals there is one sigma.
        ("νίκος@example.org", "νίκοσ@example.org"),
        ("a@bücher.example", "a@xn--bcher-kva.example"),
        ("a@BU\u0308CHER.example", "a@xn--bcher-kva.example"),
        ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@XN--BCHER-KVA.Example", "a@xn--bcher-kva.example"),
        ("a@faß.example", "a@xn--fa-hia.example"),
        ("a@fass.example", "a@fass.example"),
        ("a@ｅxample．org", "a@example.org"),
        ("a@例え。jp", "a@xn--r8jz45g.jp"),
        ("a@İ.example", "a@xn--i-9bb.example"),
        ("a@نامه\u200cای.example", "a@xn--mgba3gch31f060k.example"),
        ("a@ab--cd.example", "a@ab--cd.example"),
        ("a@3com.example", "a@3com.example"),
        ("e\u0301@example.org", "\u00e9@example.org"),
        ("\u212aelvin@example.org", "Kelvin@example.org"),
        ("用户@example.org", "用户@example.org"),
        ("İan@example.org", "İan@example.org"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
        ("é" * 32 + "@example.org", "é" * 32 + "@example.org"),
        (f"{'a' * 62}@{LONG_DOMAIN}", f"{'a' * 62}@{LONG_DOMAIN}"),
    ],
)
def test_an_address_has_one_spelling(address, spelling):
    assert canonical(address) == spelling
    assert canonical(spelling) == spelling


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "no @"),
        ("anna", "no @"),
        ("anna＠example.org", "no @"),
        *(
            (f"{local}@example.org", "before the @: words")
            for local in (
                *(
                    "",
                    ".a",
                    "a.",
                    "a..b",
                    "<a",
                    "a b",
                    '"a b"',
                    "a@b",
                    "a(b)",
                    "a,b",
                    "a:b",
                    "a\\b",
                ),
                *("a\x00b", "a\x7fb", "a\x85b", "a\ud800", "a\u00a0b", "a\u3000b", "a\u2028b"),
                *(
                    "a\u200bb",
                    "a\u200db",
                    "a\u00adb",
                    "a\u3164b",
                    "a\u034fb",
                    "a\ufe0fb",
                    "a\u202eb",
                ),
                *("a\U000e0061b", "a\u2800b", "a\ufffeb", "\u0301a", "a.\u0301b", "a\ue000b"),
            )
        ),
        ("a" * 65 + "@example.org", "before the @: more than 64 octets"),
        ("é" * 33 + "@example.org", "before the @: more than 64 octets"),
        *(
            (f"a@{domain}", "after the @: not")
            for domain in (
                *("", ".", "org", "localhost", "example.org.", ".example.org", "example..org"),
                *("-a.org", "a-.org", "a_b.org", "a b.org", "a,b.org", "[192.0.2.1]", "192.0.2.1"),
                *("example.123", "xn--a.example", "xn--ls8h.example", "💩.example", "a\u200db.org"),
                *("a\ud800.org", "a\u0301\u200c.org", "\u0301a.org", "ab.org>", "a\x00.org"),
            )
        ),
        ("a@exa\u00admple.org", "after the @: an invisible"),
        ("a@exam\u200bple.org", "after the @: an invisible"),
        (f"a@{'x' * 64}.org", "after the @: a label of more than 63 octets"),
        (f"{'a' * 63}@{LONG_DOMAIN}", "more than 254 characters"),
        (f"{'é' * 32}@{LONG_DOMAIN}", "more than 254 octets"),
        ("a@" + "x" * 100_000, "more than 254 characters"),
    ],
)
def test_what_is_none_says_why(address, reason):
    with pytest.raises(AddressError) as caught:
        canonical(address)
    assert str(caught.value).startswith(reason)
    assert canonical_or_none(address) is None


@given(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)
@example("a", "ß")
@example("\u1e9e", "ς")
def test_a_spelling_is_its_own_and_its_parts_are_of_one_form(local, label):
    spelling = canonical_or_none(f"{local}@{label}.example")
    if spelling is not None:
        assert canonical(spelling) == spelling
        written, domain = spelling.split("@")
        assert unicodedata.is_normalized("NFC", written)
        assert domain.isascii() and domain == domain.lower()
