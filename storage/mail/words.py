"""The words around what a mail tells: its frame, in the languages of mails."""

from typing import Literal

import msgspec

Language = Literal["en", "zh"]


class Frame(msgspec.Struct, frozen=True):
    """The sentences of one language; `{…}` are filled in."""

    tag: str
    """The language as HTML and `Content-Language` have it."""
    open: str
    more: str
    more_one: str
    why: str
    settings: str
    unsubscribe: str
    unnamed: str


FRAMES: dict[Language, Frame] = {
    "en": Frame(
        tag="en",
        open="Open",
        more="{count} more",
        more_one="1 more",
        why="You get this mail because you have an account at {name}.",
        settings="Notification settings",
        unsubscribe="No more mails like this",
        unnamed="Notifications",
    ),
    "zh": Frame(
        tag="zh-CN",
        open="查看",
        more="还有 {count} 条",
        more_one="还有 1 条",
        why="您收到此邮件,是因为您在 {name} 拥有账户。",
        settings="通知设置",
        unsubscribe="不再接收此类邮件",
        unnamed="通知",
    ),
}


def frame_of(language: str) -> Frame:
    """The words of a language; English for one that mails are not written in."""
    return FRAMES["zh" if language == "zh" else "en"]


def more_of(frame: Frame, count: int) -> str:
    """How many items are not shown."""
    return frame.more_one if count == 1 else frame.more.format(count=count)
