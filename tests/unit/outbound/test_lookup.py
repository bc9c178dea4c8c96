"""Names whose servers never answer hold up no name that was found before."""

import asyncio
import socket
import threading

import pytest

from storage.outbound.lookup import SystemLookup

FOUND = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.1", 0))]


async def test_names_that_are_never_answered_hold_up_none_that_was_found(monkeypatch):
    go_on = threading.Event()

    def resolved(name, *_, **__):
        if name.endswith(".slow.example"):
            go_on.wait(20)
        return FOUND

    monkeypatch.setattr(socket, "getaddrinfo", resolved)
    lookup = SystemLookup()
    try:
        assert await lookup("push.example") == ["192.0.2.1"]
        async with asyncio.TaskGroup() as group:
            for number in range(40):
                group.create_task(lookup(f"{number}.slow.example"))
            await asyncio.sleep(0)
            async with asyncio.timeout(5):
                assert await lookup("push.example") == ["192.0.2.1"]
            go_on.set()
    finally:
        go_on.set()
        lookup.close()


async def test_a_name_that_is_not_found_any_more_is_not_known(monkeypatch):
    lookup = SystemLookup()
    try:
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: FOUND)
        await lookup("push.example")
        assert "push.example" in lookup._known

        def refused(*_, **__):
            raise socket.gaierror(8, "no such name")

        monkeypatch.setattr(socket, "getaddrinfo", refused)
        with pytest.raises(OSError, match="no such name"):
            await lookup("push.example")
        assert "push.example" not in lookup._known
    finally:
        lookup.close()
