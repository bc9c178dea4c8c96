"""The paths of mail: links that unsubscribe, and reports of mails that did not arrive.

Programs that look at the links of a mail before its reader follow them with GET, which changes
nothing. A mail program unsubscribes with one POST (RFC 8058), without cookies or a login.
"""

from collections.abc import Awaitable, Callable
from html import escape
from typing import Literal

import msgspec
from aiohttp import web

from protocol.errors import ErrorCode, RequestError
from protocol.notifications.rendering import LANGUAGES, language
from server.http.route_helpers import body_too_slow, read_raw, reply
from server.mail.receiving import MailEventReceiver
from server.mail.wiring import MailRoom
from storage.database.bounded import database_within
from storage.mail.unsubscribe import PATH as UNSUBSCRIBE
from storage.mail.unsubscribe import Asked, Choice, Unsubscribing

SIGNATURE = "Mail-Signature"
EVENTS = "/v1/mail-events"
ONE_CLICK = ("List-Unsubscribe", "One-Click")
"""The one field of the form (RFC 8058, section 3.1)."""
ANSWER_S = 5.0
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
_NO_FORM = (ValueError, LookupError, RuntimeError, web.RequestPayloadError)
"""What the library raises at a form: no boundary, a part without an end, unknown encodings."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'self'; frame-ancestors 'none'",
    # Without a referrer a browser names no origin for the page's own form, which is refused then.
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
}


class OneClick(msgspec.Struct, frozen=True, rename={"one_click": ONE_CLICK[0]}):
    """The form by which mail programs unsubscribe."""

    one_click: Literal["One-Click"]


_PAGE = """\
<!doctype html><html lang="{tag}"><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<style>body{{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:4rem auto;padding:0 1rem}}
button{{font:inherit;padding:.5rem 1rem}}</style>
<h1>{title}</h1>
<p>{text}</p>
{form}"""
_FORM = """\
<form method="post"><input type="hidden" name="{name}" value="{value}">
<button>{button}</button></form>
"""


def mail_routes(room: MailRoom) -> list[web.RouteDef]:
    """The paths; that of reports where they are taken."""
    links = _Links(room)
    events = [] if room.receiver is None else [web.post(EVENTS, _taking(room.receiver))]
    path = f"{UNSUBSCRIBE}/{{token}}"
    return [web.get(path, links.show), web.post(path, links.turn_off), *events]


class _Links:
    """What a link shows, and what it does."""

    def __init__(self, room: MailRoom) -> None:
        self._tokens = room.tokens
        self._unsubscribing = room.unsubscribing

    async def show(self, request: web.Request) -> web.Response:
        return await self._answer(request, Unsubscribing.look)

    async def turn_off(self, request: web.Request) -> web.Response:
        if not await _is_one_click(request):
            raise RequestError(
                ErrorCode.BAD_REQUEST, f"the form must have {ONE_CLICK[0]}={ONE_CLICK[1]}"
            )
        return await self._answer(request, Unsubscribing.turn_off)

    async def _answer(
        self,
        request: web.Request,
        step: Callable[[Unsubscribing, Choice], Awaitable[Asked | None]],
    ) -> web.Response:
        choice = self._tokens.read(request.match_info["token"])
        if choice is None:
            raise RequestError.not_found("link")
        async with database_within(ANSWER_S):
            asked = await step(self._unsubscribing, choice)
        if asked is None:
            raise RequestError.not_found("link")
        return web.Response(text=_page(choice, asked), content_type="text/html", headers=_HEADERS)


def _taking(receiver: MailEventReceiver) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def take(request: web.Request) -> web.Response:
        raw = await read_raw(request)
        content_type = request.headers.get("Content-Type", "application/json")
        return reply(200, await receiver.take(raw, request.headers.get(SIGNATURE), content_type))

    return take


async def _is_one_click(request: web.Request) -> bool:
    """Whether the body is the form that mail programs and our own page send."""
    if request.content_type not in _FORMS:
        return False
    try:
        form = await request.post()
    except TimeoutError as error:
        raise body_too_slow() from error
    except _NO_FORM:
        return False
    return form.get(ONE_CLICK[0]) == ONE_CLICK[1]


def _page(choice: Choice, asked: Asked) -> str:
    told = LANGUAGES[language(asked.locale)]
    words = told.unsubscribing
    text = (words.done if asked.is_off else words.asks).format(
        channel=words.channels[choice.channel], category=words.categories[choice.category]
    )
    name, value = ONE_CLICK
    form = "" if asked.is_off else _FORM.format(name=name, value=value, button=words.button)
    return _PAGE.format(tag=told.tag, title=told.title, text=escape(text), form=form)
