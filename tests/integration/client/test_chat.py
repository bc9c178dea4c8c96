"""`parley chat` with a pipe: two people at two terminals, as processes of their own."""

import asyncio
import contextlib
import sys

import aiohttp
import pytest

from tests.integration.client.conftest import PASSWORD

WAIT_S = 15.0
PROGRAM = "import sys; from client.chat import terminal; sys.exit(terminal.main(sys.argv[1:]))"


class Terminal:
    """A chat whose lines are typed and read here."""

    def __init__(self, process):
        self.process = process
        self.shown = []

    async def type(self, line):
        self.process.stdin.write(f"{line}\n".encode())
        await self.process.stdin.drain()

    async def sees(self, part):
        async with asyncio.timeout(WAIT_S):
            while True:
                line = (await self.process.stdout.readline()).decode()
                assert line, f"ended before {part!r}: {self.shown}"
                self.shown.append(line.rstrip("\n"))
                if part in line:
                    return self.shown[-1]

    async def leave(self):
        self.process.stdin.close()
        async with asyncio.timeout(WAIT_S):
            return await self.process.wait()


@pytest.fixture
async def chat(server, ws_url):
    async with contextlib.AsyncExitStack() as stack:

        async def chat(*options):
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-c",
                PROGRAM,
                "--url",
                ws_url,
                "--http-url",
                f"http://127.0.0.1:{server.http_port}",
                *options,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )

            async def end():
                if process.returncode is None:
                    process.kill()
                await process.communicate()

            stack.push_async_callback(end)
            return Terminal(process)

        yield chat


async def test_two_people_chat(chat, connect):
    anna = await chat("--email", "anna@example.org", "--password", PASSWORD, "--register", "Anna")
    await anna.sees("connected as")
    ben = await connect("ben")
    await anna.type(f"/new {ben.state.me}")
    await anna.sees("nothing said yet")
    await anna.type("hello there")
    await anna.sees("[1] ")
    await ben.until(lambda: ben.state.unread_messages == 1)
    [(key, held)] = ben.state.conversations.items()
    assert held.last_message.content == "hello there"
    await ben.read(key, 1)
    await anna.sees("has read to [1]")
    await ben.send(key, "\x1b[2Jboo\x07", parent_id=held.last_message.id)
    line = await anna.sees("[2] ")
    assert "\\x1b[2Jboo\\x07" in line
    assert "reply to [1]" in line
    await ben.typing(key)
    await anna.sees("is typing…")
    await ben.until(lambda: held.participants[held.last_message.sender_id].last_read_seq == 2)
    await anna.type("/edit 1 hello here")
    await anna.sees("hello here  (edited)")
    await anna.type("/react 2 👍")
    await anna.sees("👍 1")
    await anna.type("/reply 2 a fine one")
    await anna.sees("a fine one  (reply to [2])")
    await anna.type("/delete 1")
    await anna.sees("[1]")
    await ben.until(lambda: held.history()[0].is_deleted)
    assert [message.content for message in held.history(2)] == ["\x1b[2Jboo\x07", "a fine one"]
    assert held.history()[1].reaction_counts == {"👍": 1}
    assert await anna.leave() == 0


async def test_what_was_said_is_there_again(chat, connect):
    ben = await connect("ben")
    anna = await connect("anna")
    conversation = await anna.create_direct(ben.state.me)
    for number in range(3):
        await anna.send(conversation.id, f"line {number}")
    terminal = await chat("--email", "ben@example.org", "--password", PASSWORD, "--msgpack")
    assert "(3 new)" in await terminal.sees("  1  ")
    await terminal.type("/open 1")
    await terminal.sees("[3] ")
    assert [line[:3] for line in terminal.shown if line.startswith("[")] == ["[1]", "[2]", "[3]"]
    await anna.until(
        lambda: (
            anna.state.conversations[conversation.id].participants[ben.state.me].last_read_seq == 3
        )
    )
    await terminal.type("/frobnicate")
    await terminal.sees("no command /frobnicate")
    await terminal.type("/open 00000000-0000-7000-8000-000000000000")
    await terminal.sees("(not_found)")
    assert await terminal.leave() == 0


async def test_people_by_name_files_by_short_links_hits_by_conversation(
    chat, connect, api, tmp_path
):
    ben, cem = await connect("ben"), await connect("cem")
    anna = await chat("--email", "anna@example.org", "--password", PASSWORD, "--register", "Anna")
    await anna.sees("connected as")
    await anna.type("/new nobody-of-this-name")
    await anna.sees("nobody named nobody-of-this-name")
    for other in (ben, cem):
        await anna.type(f"/new {other.state.me}")
        await anna.sees("nothing said yet")
        await anna.type("subtitles 剪辑 for you")
        await anna.sees("[1] ")
    await anna.type("/new BEN")
    await anna.sees("— ben —")
    await anna.sees("[1] ")
    [held] = ben.state.conversations.values()
    content = b"%PDF-1.7\nhello"
    (tmp_path / "brief.pdf").write_bytes(content)
    grant = await api.login("ben@example.org", PASSWORD)
    file = await api.upload(grant.access_token, tmp_path / "brief.pdf")
    await ben.send(held.shown.id, "see", attachments=[{"file_id": file.file_id}])
    assert "see <brief.pdf, 14 bytes, /link 1>" in await anna.sees("[2] ")
    await anna.type("/link 2")
    await anna.sees("no link 2 was shown")
    await anna.type("/link 1")
    address = await anna.sees("http://")
    async with aiohttp.ClientSession() as http, http.get(address) as answer:
        assert await answer.read() == content
    await anna.type("/search subtitles")
    shown = [await anna.sees("") for _ in range(4)]
    assert [line[:5].strip() for line in shown] == ["1", "", "2", ""]
    assert {shown[0][5:], shown[2][5:]} == {"ben", "cem"}
    assert all("subtitles 剪辑 for you" in line for line in (shown[1], shown[3]))
    await anna.type(f"/open {1 if shown[0].endswith('cem') else 2}")
    await anna.sees("— cem —")
    await anna.type('/group "Two of you" ben cem')
    await anna.sees("— Two of you —")
    await cem.until(lambda: len(cem.state.conversations) == 2)
    await anna.type('/new "cem"')
    await anna.sees("— cem —")
    assert await anna.leave() == 0


async def test_a_reader_that_has_enough_is_no_failure(chat, connect):
    await connect("anna")
    terminal = await chat("--email", "anna@example.org", "--password", PASSWORD, "--stay", "30")
    await terminal.sees("connected as")
    terminal.process._transport.get_pipe_transport(1).close()
    ended = asyncio.create_task(terminal.process.wait())
    async with asyncio.timeout(WAIT_S):
        while not (ended.done() or terminal.process.stdin.is_closing()):
            with contextlib.suppress(ConnectionError):
                await terminal.type("/help")
            await asyncio.wait([ended], timeout=0.1)
        await ended
    assert terminal.process.returncode == 0
    assert await terminal.process.stderr.read() == b""


async def test_a_wrong_password_is_said(chat, connect):
    await connect("anna")
    terminal = await chat("--email", "anna@example.org", "--password", "not the password")
    async with asyncio.timeout(WAIT_S):
        _, errors = await terminal.process.communicate()
    assert terminal.process.returncode == 1
    assert b"no login" in errors
