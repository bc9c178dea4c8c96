"""The ASGI application of the peer: uvicorn serves it."""

from typing import Any

import jwt
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

# The models can be imported once Django is set up, which this does.
_http = get_asgi_application()

from loadtests.peers.channels_django.consumers import ChatConsumer  # noqa: E402  # see above


class TokenAuthMiddleware:
    """Whose token it is that a connection brings; whose is not good is not let in."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        """Add `user_id` to the scope."""
        given = dict(scope["headers"]).get(b"authorization", b"").removeprefix(b"Bearer ")
        try:
            token = jwt.decode(given.decode(), settings.JWT_SECRET, algorithms=["HS256"])
        except jwt.InvalidTokenError:
            return await send({"type": "websocket.close"})
        return await self._app(scope | {"user_id": token["sub"]}, receive, send)


application = ProtocolTypeRouter(
    {
        "http": _http,
        "websocket": AllowedHostsOriginValidator(
            TokenAuthMiddleware(URLRouter([path("chat", ChatConsumer.as_asgi())]))
        ),
    }
)
