"""A node that goes away says so to everyone on it, and when to come back."""

from tests.wire import FORMATS, open_wire


async def test_everyone_is_told_and_closed(serve):
    async with serve(drain_s=3) as app:
        people = await app.people("anna", "ben")
        wires = [await open_wire(app.app.ws_port, form) for form in FORMATS]
        for person, wire in zip(people, wires, strict=True):
            await wire.ask("hello", token=person.token)
        silent = await open_wire(app.app.ws_port, "json")
    for wire in wires:
        assert await wire.closed() == 4005
        (told,) = [event for event in wire.events if event["ev"] == "server.draining"]
        assert 0 <= told["d"]["reconnect_after_ms"] <= 3000
        await wire.close()
    assert await silent.closed() == 4005
    await silent.close()
