"""`/docs`: the OpenAPI document in Swagger UI, whose files a package of Python ships.

No script but files of this server runs, and nothing is asked of another host
(docs/decisions/0032-api-document.md).
"""

from importlib.metadata import distribution
from pathlib import Path

from aiohttp import hdrs, web

from server.http.documents.prepared import prepared

_OWN = Path(__file__).parent / "pages"
_VIEWER = Path(str(distribution("flask-swagger-ui").locate_file("flask_swagger_ui/dist")))
"""Asked of the metadata: importing the package would import Flask."""
FILES = {
    "swagger-ui.css": _VIEWER,
    "swagger-ui-bundle.js": _VIEWER,
    "favicon-32x32.png": _VIEWER,
    "docs.css": _OWN,
    "docs.js": _OWN,
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".png": "image/png",
}


def routes() -> list[web.RouteDef]:
    """The page and the files that it names."""
    return [
        _route("/docs", _OWN / "docs.html", max_age_s=300),
        *(_route(f"/docs/{name}", where / name, max_age_s=86_400) for name, where in FILES.items()),
    ]


def _route(path: str, file: Path, *, max_age_s: int) -> web.RouteDef:
    headers = {
        hdrs.CONTENT_TYPE: _TYPES[file.suffix],
        hdrs.CACHE_CONTROL: f"public, max-age={max_age_s}",
        "Content-Security-Policy": POLICY,
    }
    return prepared(path, file.read_bytes, headers)
