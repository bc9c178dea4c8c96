"""The fold of SQL is that of the reference, character by character, in every locale."""

import random

import pytest

from tests import fold

COLLATIONS = ["", 'COLLATE "C"', 'COLLATE "C.utf8"']


def is_alike(one: str, other: str) -> bool:
    """The same, or nothing but separators: those are spaces to a search, whatever they are."""
    return one == other or (all(map(fold.is_separator, one)) and all(map(fold.is_separator, other)))


@pytest.mark.parametrize("collation", COLLATIONS)
async def test_every_character_is_folded_as_the_reference_does(pool, collation):
    """What lower() makes of it in a locale does not matter."""
    every = [chr(n) for n in range(1, 128)]
    every += [char for char in fold.characters() if fold.is_known(char)]
    rows = await pool.fetch(
        f"select t, search_fold(t {collation}) as f from unnest($1::text[]) t", every
    )
    assert len(rows) == len(every) > 80_000
    wrong = [row["t"] for row in rows if not is_alike(row["f"], fold.fold(row["t"]))]
    assert wrong == []


async def test_texts_are_folded_as_the_reference_does(pool):
    """Marks on letters, in every order, with what is invisible between them."""
    draw = random.Random(14)
    letters = "aeioExzßςσёйЙиуІіїαΩώאבابअकกเ剪カﾃ각ᄀ1٣四"
    marks = "\u0300\u0301\u0306\u0308\u0327\u05b8\u064e\u0651\u093c\u0e31\u3099\uff9e\u200d\ufe0f "
    texts = [
        "".join(draw.choice(letters) + "".join(draw.choices(marks, k=draw.randrange(4)))
                for _ in range(draw.randrange(1, 6)))
        for _ in range(3_000)
    ]  # fmt: skip
    rows = await pool.fetch("select t, search_fold(t) as f from unnest($1::text[]) t", texts)
    assert [(r["t"], r["f"]) for r in rows] == [(t, fold.fold(t)) for t in texts]


async def test_folding_again_changes_nothing(pool):
    every = [char for char in fold.characters() if fold.is_known(char)]
    rows = await pool.fetch(
        "select t from unnest($1::text[]) t where search_fold(search_fold(t)) <> search_fold(t)",
        every,
    )
    assert [row["t"] for row in rows] == []


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ΛΌΓΟΣ", "λογοσ"),
        ("Straße", "strasse"),
        ("Việt Nam", "viet nam"),
        ("Łódź, Ærø", "lodz, aero"),
        ("Мой ёж", "мой еж"),
        ("за\u0301мок", "замок"),
        ("๔๕", "45"),
        ("ﬁn", "fin"),
        ("ａＢ１", "ab1"),
        ("ﷺ", "صلى الله عليه وسلم"),
        ("п\u02bcять", "п'ять"),
    ],
)
async def test_what_people_type(pool, text, folded):
    assert await pool.fetchval("select search_fold($1)", text) == folded == fold.fold(text)


@pytest.mark.parametrize("char", ["अ", "ก", "क", "剪", "👍", "장"])
async def test_a_word_without_end_is_cut_and_not_refused(pool, char):
    assert await pool.fetchval("select length(search_terms($1)) > 0", char * 10_000)
    assert await pool.fetchval("select length(weighed_terms($1, 'A')) > 0", char * 10_000)
