"""The HTML of a mail."""

from collections.abc import Iterator, Sequence
from html import escape

import msgspec

from protocol.notifications.words import Language

# Those without Chinese first: one with it would take the quotation marks of other texts, too, wide.
_FONT = (
    "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,'PingFang SC',"
    "'Microsoft YaHei','Noto Sans CJK SC',sans-serif"
)
_DARK = """\
:root{color-scheme:light dark;supported-color-schemes:light dark}
@media (prefers-color-scheme:dark){
.ground{background:#17191c!important}.card{background:#22262b!important;border-color:#3a4048!important}
.text{color:#e9ecef!important}.soft{color:#a7afb8!important}.line{border-color:#3a4048!important}
.link{color:#7db4ff!important}.button{background:#2f6fd0!important;color:#ffffff!important}}
"""


class ShownItem(msgspec.Struct, frozen=True):
    """An item as it is shown: texts that are cleaned, and an absolute URL."""

    title: str
    content: str
    url: str | None


class Shown(msgspec.Struct, frozen=True):
    """All that a mail shows, in text and in HTML alike."""

    name: str
    subject: str
    items: Sequence[ShownItem]
    more: str | None
    base_url: str
    why: str
    settings_url: str | None
    unsubscribe_url: str | None


def html_of(shown: Shown, told: Language) -> str:
    """A whole HTML document."""
    contents = [*(_item(item, told) for item in shown.items), *_more(shown)]
    rows = "".join(_row(content, is_first=not at) for at, content in enumerate(contents))
    return f"""\
<!DOCTYPE html>
<html lang="{told.tag}" dir="ltr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>{escape(shown.subject)}</title>
<style>{_DARK}</style></head>
<body class="ground" style="margin:0;padding:0;background:#f2f4f7">
<table role="presentation" class="ground" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="background:#f2f4f7"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" \
style="max-width:560px;{_FONT}">
<tr><td class="soft" style="padding:0 4px 12px;font-size:14px;font-weight:600;color:#5b6570">\
{escape(shown.name)}</td></tr>
<tr><td class="card" style="background:#ffffff;border:1px solid #dde2e8;border-radius:8px;\
padding:4px 20px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
{rows}</table></td></tr>
<tr><td class="soft" style="padding:14px 4px;font-size:12px;line-height:18px;color:#5b6570">\
{"<br>".join(_foot(shown, told))}</td></tr>
</table></td></tr></table></body></html>
"""


def _item(item: ShownItem, told: Language) -> str:
    content = escape(item.content).replace("\n", "<br>\n")
    title = (
        '<div class="text" style="font-size:16px;line-height:24px;font-weight:600;color:#1b1f24">'
        f'<bdi dir="auto">{escape(item.title)}</bdi></div>'
    )
    parts = [title]
    if content:
        parts.append(
            '<div class="text" dir="auto" style="padding-top:4px;font-size:15px;line-height:23px;'
            f'color:#343b43;overflow-wrap:anywhere">{content}</div>'
        )
    if item.url is not None:
        parts.append(
            f'<div style="padding-top:12px"><a class="button" href="{escape(item.url)}" '
            'style="display:inline-block;padding:8px 16px;border-radius:6px;background:#1f5fbf;'
            'color:#ffffff;font-size:14px;line-height:20px;font-weight:600;text-decoration:none">'
            f"{escape(told.mail.open)}</a></div>"
        )
    return "\n".join(parts)


def _more(shown: Shown) -> Iterator[str]:
    if shown.more is not None:
        yield _link(shown.base_url, shown.more, "font-size:15px;line-height:23px")


def _row(content: str, *, is_first: bool) -> str:
    line = "" if is_first else "border-top:1px solid #e8ecf0;"
    return (
        f'<tr><td class="line" style="padding:16px 0;{line}overflow-wrap:anywhere">\n'
        f"{content}</td></tr>\n"
    )


def _foot(shown: Shown, told: Language) -> Iterator[str]:
    yield escape(shown.why)
    if shown.settings_url is not None:
        yield _link(shown.settings_url, told.mail.settings)
    if shown.unsubscribe_url is not None:
        yield _link(shown.unsubscribe_url, told.mail.unsubscribe)


def _link(url: str, words: str, style: str = "") -> str:
    return (
        f'<a class="link" href="{escape(url)}" style="color:#1f5fbf;text-decoration:underline;'
        f'{style}">{escape(words)}</a>'
    )
