"""Which texts are one emoji, and which spellings are the same."""

import pytest

from protocol.emoji import is_emoji, reaction_key, shown

SPELLINGS = [
    # qualified, other spellings
    ("👍", "👍\ufe0f", "👍\ufe0e"),
    ("\u2764\ufe0f", "\u2764", "\u2764\ufe0e"),
    ("1\ufe0f\u20e3", "1\u20e3"),
    ("#\ufe0f\u20e3", "#\u20e3"),
    ("\u00a9\ufe0f", "\u00a9"),
    ("\u2122\ufe0f", "\u2122"),
    ("\u263a\ufe0f", "\u263a"),
    ("\u2764\ufe0f\u200d\U0001f525", "\u2764\u200d\U0001f525"),
    (
        "\U0001f441\ufe0f\u200d\U0001f5e8\ufe0f",
        "\U0001f441\u200d\U0001f5e8",
        "\U0001f441\ufe0f\u200d\U0001f5e8",
        "\U0001f441\u200d\U0001f5e8\ufe0f",
    ),
    (
        "\u26f9\U0001f3fd\u200d\u2642\ufe0f",
        "\u26f9\ufe0f\U0001f3fd\u200d\u2642",
        "\u26f9\U0001f3fd\u200d\u2642",
    ),
    ("🇩🇪",),
    ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",),
    ("👩‍👩‍👧‍👦",),
]
NO_EMOJI = {
    "nothing": "",
    "a selector alone": "\ufe0f",
    "a letter": "a",
    "Chinese": "剪",
    "a digit": "1",
    "a number sign": "#",
    "half a flag": "\U0001f1e9",
    "two flags": "🇩🇪🇫🇷",
    "two emoji": "👍👍",
    "a tone alone": "\U0001f3fd",
    "a tone on what has none": "🚗\U0001f3fd",
    "a joiner at the end": "👍\u200d",
    "a joiner at the start": "\u200d👍",
    "joined to a letter": "👍\u200da",
    "with marks": "👍\u0301",
    "a keycap alone": "\u20e3",
    "a keycap on a letter": "a\u20e3",
    "tags without an end": "\U0001f3f4\U000e0067\U000e0062",
    "with a space": "👍 ",
    "with a line": "👍\n",
    "in text": "ok 👍",
}


@pytest.mark.parametrize("spellings", SPELLINGS, ids=lambda spellings: ascii(spellings[0]))
def test_spellings_are_one_and_shown_qualified(spellings):
    keys = {reaction_key(spelling) for spelling in spellings}
    assert len(keys) == 1
    assert all(is_emoji(key) for key in keys)
    assert "\ufe0f" not in "".join(keys)
    for spelling in (*spellings, *keys):
        assert shown(spelling) == spellings[0]


def test_skin_tones_are_different_reactions():
    tones = ["👍", *(f"👍{chr(0x1F3FB + tone)}" for tone in range(5))]
    assert all(is_emoji(tone) and shown(tone) == tone for tone in tones)
    assert len({reaction_key(tone) for tone in tones}) == 6


@pytest.mark.parametrize("name", NO_EMOJI)
def test_what_is_no_emoji_is_shown_as_it_is(name):
    text = NO_EMOJI[name]
    assert not is_emoji(reaction_key(text))
    assert shown(text) == text


def test_an_emoji_newer_than_the_library_passes():
    """These code points are reserved for pictographs; some have been given out since."""
    for code in (0x1FAFF, 0x1FAD0, 0x1F6DF, 0x1F8FF):
        assert is_emoji(chr(code))
