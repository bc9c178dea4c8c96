"""`GET /v1/notifications/{id}/deliveries`: what was sent of a notification, and why not."""

from uuid import UUID

import msgspec
from aiohttp import web

from protocol.errors import RequestError
from protocol.notifications.deliveries import DeliveriesShown
from server.http.route_helpers import CHARGED, caller_of, json_response, unknown_refused
from storage.notifications.delivery_reader import DeliveryReader

PERSON = "user_id"


def deliveries_route(reader: DeliveryReader) -> web.RouteDef:
    """For one's own notification; staff name whose it is by `user_id`."""

    async def deliveries(request: web.Request) -> web.Response:
        caller = caller_of(request)
        if unknown := sorted(request.query.keys() - {PERSON}):
            raise unknown_refused(unknown)
        await request.app[CHARGED](request, 1.0)
        try:
            notification = UUID(request.match_info["id"])
        except ValueError:
            raise RequestError.not_found("notification") from None
        person = request.query.get(PERSON)
        try:
            of = caller.user_id if person is None else UUID(person)
        except ValueError:
            raise RequestError.invalid(PERSON, "not a UUID") from None
        found = await reader.of_notification(caller.user_id, of, notification)
        return json_response(200, msgspec.json.encode(DeliveriesShown(found)))

    return web.get("/v1/notifications/{id}/deliveries", deliveries)
