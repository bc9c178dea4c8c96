"""The emoji of reactions: which texts are one, and when two spellings are the same.

The properties are Unicode's, as the library `regex` knows them. `Extended_Pictographic` also holds
the code points that are reserved for pictographs to come, so an emoji that is newer than the
library passes. Source: UTS 51.
"""

import unicodedata
from functools import lru_cache

import regex

_SELECTORS = dict.fromkeys((0xFE0E, 0xFE0F))
"""Text and emoji presentation: the same emoji with either, or with none."""

_PICTOGRAPH = r"""
    (?: [\p{Emoji_Modifier_Base}[\p{Extended_Pictographic}&&\p{Cn}]] \p{Emoji_Modifier}
      | \p{Extended_Pictographic} )
    (?: [\U000E0020-\U000E007E]+ \U000E007F )?
"""
_EMOJI = regex.compile(
    rf"""(?V1x)
    [0-9\#*] \u20E3
    | \p{{Regional_Indicator}}{{2}}
    | {_PICTOGRAPH} (?: \u200D {_PICTOGRAPH} )*
    """
)
_SHOWN_AS_TEXT = regex.compile(
    r"""(?V1x)
    [0-9\#*] (?= \u20E3 )
    | [\p{Emoji}--[\p{Emoji_Presentation}0-9\#*]] (?! \p{Emoji_Modifier} )
    """
)
"""What is drawn as text unless U+FE0F follows it."""


def reaction_key(emoji: str) -> str:
    """What is the same for all spellings of an emoji: NFC, without presentation selectors.

    The function of this name in PostgreSQL answers the same.
    """
    return unicodedata.normalize("NFC", emoji.translate(_SELECTORS))


def is_emoji(key: str) -> bool:
    """Whether a key is one grapheme that is a pictograph, a flag or a keycap."""
    return _EMOJI.fullmatch(key) is not None


@lru_cache(maxsize=4096)
def shown(emoji: str) -> str:
    """The qualified spelling, with U+FE0F wherever it is needed; what is no emoji as it is."""
    key = reaction_key(emoji)
    return _SHOWN_AS_TEXT.sub("\\g<0>\ufe0f", key) if is_emoji(key) else emoji
