"""`POST /v1/push-devices`: a device is registered by its login, and shown as the resource is."""

from aiohttp import hdrs, web

from handlers.notifications.push_devices import PushDeviceCommands
from protocol.errors import RequestError
from protocol.notifications.push import RegisterDevice
from server.http.resources.paths import WRITE_COST, ResourceDoor, asked_in_vain, written
from server.http.route_helpers import read_body
from storage.resources.reading import Selection


def device_routes(door: ResourceDoor, commands: PushDeviceCommands) -> list[web.RouteDef]:
    """The path; answers 201 for a device that is new to the caller, 200 for one that is not."""
    resource = door.queries.resources["push-devices"]

    async def register(request: web.Request) -> web.Response:
        caller = await door.caller(request, WRITE_COST)
        faults = asked_in_vain(request)
        if faults:
            raise RequestError.of_faults(faults)
        device = await commands.register(caller, await read_body(request, RegisterDevice))
        whole = Selection(tuple(resource.readable), {})
        rows = await door.parts.store.by_keys(resource, whole, [device.id], caller.user_id)
        if not rows:  # its login has ended meanwhile, or the person has deleted it
            raise RequestError.not_found(resource.noun)
        body = await door.body_of(resource, rows[0], caller)
        response = written(201 if device.is_new else 200, body, None)
        response.headers[hdrs.LOCATION] = f"/v1/{resource.path}/{device.id}"
        return response

    return [web.post(f"/v1/{resource.path}", register)]
