"""`/docs/socket`: the AsyncAPI document as one page. No script, and no other host."""

import hashlib
from base64 import b64encode
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

import orjson
from aiohttp import hdrs, web

from server.http.documents.prepared import prepared

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
summary { cursor: pointer; padding: .2rem 0; } details > :not(summary) { margin-left: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
pre { overflow-x: auto; padding: .5rem; border: 1px solid #8884; border-radius: 4px; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .1rem .8rem .1rem 0; }
"""
_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'"
_STEPS = """
<ol><li>Connect to <code>/v1/ws</code> at the socket's port, 8765 unless set, with the subprotocol
<code>parley.v1.json</code> or <code>parley.v1.msgpack</code>.</li>
<li>Send <code>{"id": 1, "op": "hello", "d": {"token": "…"}}</code> within ten seconds, with an
<code>access_token</code> from <code>POST /v1/auth/login</code>: <a href="/docs">HTTP</a>.</li>
<li>Send commands, each with an <code>id</code> of its own. Each gets one reply, which has it in
<code>re</code>. Events come by themselves.</li></ol>
"""


def socket_page(document: Callable[[], bytes]) -> web.RouteDef:
    """The route of the page, which is made when it is first asked for."""

    def body() -> bytes:
        return "".join(_page(orjson.loads(document()))).encode()

    headers = {hdrs.CONTENT_TYPE: "text/html; charset=utf-8", "Content-Security-Policy": _POLICY}
    return prepared("/docs/socket", body, headers)


def _page(document: dict[str, Any]) -> Iterator[str]:
    messages, schemas = document["components"]["messages"], document["components"]["schemas"]
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><title>Parley: the socket</title>'
    yield '<meta name="viewport" content="width=device-width"><style>' + _STYLE + "</style>"
    yield "<h1>Parley: the socket</h1><p>The same as "
    yield f'<a href="/v1/asyncapi.json">asyncapi.json</a>.</p><h2>First steps</h2>{_STEPS}'
    yield "<h2>Commands</h2>"
    for op in document["operations"]:
        if f"{op}.command" in messages:
            yield from _command(op, messages)
    yield "<h2>Events</h2>"
    for name, message in messages.items():
        if name.endswith(".event"):
            yield from _folded(name.removesuffix(".event"), message["title"])
            yield f"{_shape(message['payload'])}</details>"
    yield "<h2>Refusals</h2><p>Any command may get this in place of its reply:</p>"
    yield f"{_shape(messages['refusal']['payload'])}<h2>Shapes</h2>"
    for name, schema in sorted(schemas.items()):
        yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code> '
        yield f"{escape(schema.get('description', ''))}</summary>{_shape(schema)}</details>"
    yield "</html>"


def _command(op: str, messages: dict[str, Any]) -> Iterator[str]:
    command, reply = messages[f"{op}.command"], messages[f"{op}.reply"]
    yield from _folded(op, command["title"])
    yield f"<p>Sent</p>{_shape(command['payload'])}"
    yield f"<p>Reply: {escape(reply['title'])}</p>{_shape(reply['payload'])}</details>"


def _folded(name: str, says: str) -> Iterator[str]:
    yield f'<details id="{escape(name)}"><summary><strong><code>{escape(name)}</code></strong> '
    yield f"{escape(says)}</summary>"


def _shape(schema: dict[str, Any]) -> str:
    """The members of an object as a table; anything else as it stands."""
    if not schema.get("properties"):
        return f"<pre>{_json(schema)}</pre>"
    required = set(schema.get("required", ()))
    rows = (
        f"<tr><td><code>{escape(name)}</code><td>{'' if name in required else 'optional'}"
        f"<td>{_value(of)}</tr>"
        for name, of in schema["properties"].items()
    )
    return f"<table><tr><th>member<th><th>is</tr>{''.join(rows)}</table>"


def _value(schema: dict[str, Any]) -> str:
    """A shape by its name, with the way to it; anything else as it stands."""
    reference = schema.get("$ref")
    if reference is None:
        return f"<code>{_json(schema)}</code>"
    name = escape(reference.rpartition("/")[2])
    return f'<a href="#{name}"><code>{name}</code></a>'


def _json(value: Any) -> str:
    return escape(orjson.dumps(value).decode())
