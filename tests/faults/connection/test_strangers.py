"""Silent sockets by the thousand, and no descriptors left: those who chat notice nothing."""

import asyncio
import socket
import time

import psutil
import pytest

from tests.program import chatting, direct_of, serving
from tests.wire import WAIT_S

pytestmark = pytest.mark.timeout(180)

LIMIT = 512
SILENT = 1_100
WITHIN_S = 5.0
"""On a busy machine; the server's own share of it is milliseconds."""


async def silent(port, count, first):
    """Sockets that say nothing, from as many addresses as it takes to pass the limits of one."""
    opened = []
    for number in range(count):
        link = socket.socket()
        link.setblocking(False)
        link.bind((f"127.0.{first}.{1 + number % 200}", 0))
        await asyncio.get_running_loop().sock_connect(link, ("127.0.0.1", port))
        opened.append(link)
    return opened


def still_open(links):
    count = 0
    for link in links:
        try:
            count += link.recv(4096) != b"" and link.recv(1) != b""
        except BlockingIOError:
            count += 1
        except ConnectionResetError:
            pass
    return count


async def say(sender, receiver, conversation, text):
    """Seconds until the other has it."""
    began = time.monotonic()
    await sender.send(conversation, text)
    async with asyncio.timeout(WAIT_S):
        while not any(
            message.content == text
            for message in receiver.state.conversations[conversation].messages.values()
        ):
            await asyncio.sleep(0.005)
    return time.monotonic() - began


async def test_silent_sockets_do_not_stop_those_who_chat(data_dir):
    async with (
        serving(data_dir, before=["prlimit", f"--nofile={LIMIT // 2}:{LIMIT}"]) as server,
        chatting(server) as (anna, ben),
    ):
        process = psutil.Process(server.process.pid)
        assert process.rlimit(psutil.RLIMIT_NOFILE) == (LIMIT, LIMIT)
        conversation = direct_of(anna)
        ports = [int(url.split(":")[2].split("/")[0]) for url in (server.ws_url, server.http_url)]
        links = []
        attacks = [
            asyncio.create_task(silent(port, SILENT // 2, number))
            for number, port in enumerate(ports, start=1)
        ]
        worst = 0.0
        try:
            said = 0
            while said < 30 or not all(attack.done() for attack in attacks):
                worst = max(worst, await say(anna, ben, conversation, f"text {said}"))
                said += 1
            for attack in attacks:
                links += await attack
            assert process.num_fds() < LIMIT - 32
            # Somebody new gets in while they all are there.
            async with chatting(server) as (_, other):
                assert await say(anna, other, conversation, "hello, new one") < WITHIN_S
            room = (LIMIT - 16 * 3 - 16 - 64) // 2
            assert still_open(links) <= room
        finally:
            for attack in attacks:
                attack.cancel()
            for link in links:
                link.close()
        assert worst < WITHIN_S
        await server.logged("sockets_closed")


async def test_a_process_without_descriptors_goes_on_and_says_so(data_dir):
    async with serving(data_dir) as server, chatting(server) as (anna, ben):
        process = psutil.Process(server.process.pid)
        conversation = direct_of(anna)
        # What it stands on is connected; new clients are what finds no descriptor.
        assert await say(anna, ben, conversation, "before") < WITHIN_S
        limits = process.rlimit(psutil.RLIMIT_NOFILE)
        used = process.num_fds()
        process.rlimit(psutil.RLIMIT_NOFILE, (used - 2, limits[1]))
        port = int(server.http_url.split(":")[2])
        links = await silent(port, 20, 1)
        try:
            await server.logged("descriptors_exhausted")
            # One or two may have got the descriptors that were left.
            assert still_open(links) <= 2
            assert await say(anna, ben, conversation, "still here") < WITHIN_S
            process.rlimit(psutil.RLIMIT_NOFILE, limits)
            async with chatting(server) as (_, other):
                assert await say(anna, other, conversation, "and on") < WITHIN_S
        finally:
            for link in links:
                link.close()
