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


def hostile(size: int) -> dict[str, str]:
    """Texts of so many characters that are made to cost time."""
    mapped = [char for char in fold.characters() if fold.is_known(char) and fold.mapped(char)]
    draw = random.Random(15)
    return {
        "all that are replaced": "".join(draw.choices(mapped, k=size)),
        "replaced, and words": "".join(mapped)[: size // 2] + "\ufdfa" * (size // 2),
        "words": "\ufdfa" * size,
        "marks": ("a" + "\u0315\u0300\u0327" * size)[:size],
        "a run of Han": "".join(chr(draw.randrange(0x4E00, 0x9FFF)) for _ in range(size)),
    }


@pytest.mark.parametrize("kind", hostile(1))
async def test_a_hostile_text_costs_as_its_length(pool, kind):
    """Sixteen times as long, it may not take its square; the bound is far from either."""
    text = hostile(48_000)[kind]
    assert await pool.fetchval("select search_fold($1)", text[:3_000]) == fold.fold(text[:3_000])
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute("set local statement_timeout = '3s'")
        await connection.fetchval("select length(search_terms($1))", text)


async def test_a_run_of_marks_is_left_out_where_no_letter_has_so_many(pool):
    # The breve makes another letter of it.
    for marks, folded in ((16, "йб"), (17, "иб")):
        text = "и" + "\u0306" * marks + "б"
        assert await pool.fetchval("select search_fold($1)", text) == fold.fold(text) == folded


async def test_words_of_one_character_are_found_where_they_are_few(pool):
    text = "\ufdfa" * 11
    assert await pool.fetchval("select search_fold($1)", text) == fold.fold(text)
    assert len(fold.fold(text)) == 11 * 18
    assert await pool.fetchval("select search_fold($1)", "\ufdfa" * 20 + "x") == "x"
