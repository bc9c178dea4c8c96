"""`/docs`: the OpenAPI document as one page. No script, and no other host."""

import hashlib
from base64 import b64encode
from collections import defaultdict
from collections.abc import Callable, Iterator
from html import escape
from typing import Any

import orjson
from aiohttp import hdrs, web

from server.http.documents.prepared import prepared

_STYLE = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 0 auto; padding: 1rem; }
summary { cursor: pointer; padding: .2rem 0; } details details { margin-left: 1rem; }
code, pre { font-family: ui-monospace, monospace; font-size: .875rem; }
pre { overflow-x: auto; padding: .5rem; border: 1px solid #8884; border-radius: 4px; }
b { display: inline-block; min-width: 4.5rem; } table { border-collapse: collapse; }
td, th { text-align: left; padding: .1rem .8rem .1rem 0; vertical-align: top; }
"""
_HASH = b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; frame-ancestors 'none'"


def docs_page(document: Callable[[], bytes]) -> web.RouteDef:
    """The route of the page."""

    def page() -> bytes:
        return "".join(_page(orjson.loads(document()))).encode()

    headers = {
        hdrs.CONTENT_TYPE: "text/html; charset=utf-8",
        "Content-Security-Policy": _POLICY,
    }
    return prepared("/docs", page, headers)


def _page(document: dict[str, Any]) -> Iterator[str]:
    title = escape(document["info"]["title"])
    yield f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    yield '<meta name="viewport" content="width=device-width"><style>' + _STYLE + "</style>"
    yield f"<h1>{title}</h1><p>The same as <a href='/v1/openapi.json'>openapi.json</a>.</p>"
    areas: dict[str, list[str]] = defaultdict(list)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            area = operation.get("tags", ["operations"])[0]
            areas[area].append("".join(_operation(method, path, operation)))
    for area, shown in sorted(areas.items()):
        yield f'<details id="{escape(area)}"><summary><strong>{escape(area)}</strong></summary>'
        yield from shown
        yield "</details>"
    yield "<h2>Shapes</h2>"
    for name, schema in sorted(document["components"]["schemas"].items()):
        yield f'<details id="{escape(name)}"><summary><code>{escape(name)}</code></summary>'
        yield f"{_json(schema)}</details>"
    yield "</html>"


def _operation(method: str, path: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"<details><summary><b>{method.upper()}</b> <code>{escape(path)}</code> "
    yield f"{escape(operation['summary'])}</summary>"
    if operation.get("parameters"):
        yield "<table><tr><th>parameter<th>in<th>what</tr>"
        for one in operation["parameters"]:
            what = orjson.dumps(one["schema"]).decode()
            yield f"<tr><td><code>{escape(one['name'])}</code><td>{one['in']}"
            yield f"<td><code>{escape(what)}</code></tr>"
        yield "</table>"
    if "requestBody" in operation:
        yield f"<p>Body</p>{_json(operation['requestBody']['content'])}"
    yield f"<p>Answers</p>{_json(operation['responses'])}</details>"


def _json(value: Any) -> str:
    return f"<pre>{escape(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())}</pre>"
