"""Mail by SMTP, against a real server, and against such as fail in the middle of it."""

import asyncio
import contextlib
import datetime as dt
import time
from uuid import uuid4

import msgspec
import pytest

from storage.mail.composing import Letter, MailItem, Sender, compose
from storage.mail.message_ids import MessageIds
from storage.mail.port import Mail
from storage.mail.smtp import SmtpMail, SmtpPace, SmtpServer
from tests.smtp_server import mail_server
from tests.wire import WAIT_S

IDS = MessageIds("a secret of this test", "parley.example")
SENDER = Sender("no-reply@parley.example", "Parley", "https://parley.example")


def mail_to(to="ben@example.org", **changes):
    letter = Letter(
        to=to,
        subject="Ada has written to you",
        items=[MailItem("Ada", ".\n..\nHello 你好", "/conversations/1")],
        language="en",
        message_id=IDS.of(uuid4(), to),
        date=dt.datetime.now(dt.UTC),
    )
    letter = msgspec.structs.replace(letter, **changes)
    return Mail(to, compose(letter, SENDER), letter.message_id)


@contextlib.asynccontextmanager
async def sending(port, pace=None, **server):
    given = {"host": "127.0.0.1", "tls": "none", "sender": "bounces@parley.example"}
    parts = SmtpServer(**(given | {"port": port, "helo": "parley.example"} | server))
    port = SmtpMail(parts, pace or SmtpPace(timeout_s=5.0))
    try:
        yield port
    finally:
        await port.close()


@contextlib.asynccontextmanager
async def failing_server(serve):
    """A TCP server whose every connection is `serve`'s; the times it was connected to."""
    connected = []

    async def one(reader, writer):
        connected.append(time.monotonic())
        try:
            await serve(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(one, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], connected
    finally:
        server.close()
        server.close_clients() if hasattr(server, "close_clients") else None


async def test_a_mail_arrives_as_it_was_composed(inbox):
    mail = mail_to()
    async with sending(inbox.port) as port:
        outcome = await port.send(mail)
    assert (outcome.state, outcome.code) == ("sent", "2.0.0")
    (arrived,) = inbox.arrived
    assert (arrived.sender, arrived.recipients) == ("bounces@parley.example", ["ben@example.org"])
    assert arrived.content == mail.message
    message = arrived.message
    assert message["Message-ID"] == mail.message_id
    assert message.get_content_type() == "multipart/alternative"
    assert ".\n..\nHello 你好" in message.get_body(("plain",)).get_content().replace("\r", "")
    assert message.defects == []


async def test_a_name_that_looks_like_an_encoded_word_adds_no_header(inbox):
    name = "=?utf-8?q?=0ABcc:_x=40evil.example=0A=0APlease_log_in_at_evil.example?="
    async with sending(inbox.port) as port:
        await port.send(mail_to(subject=f"{name} mentioned you"))
    (arrived,) = inbox.arrived
    assert "Bcc" not in arrived.message
    assert arrived.message["Subject"] == f"{name} mentioned you"
    assert arrived.message.is_multipart()


async def test_a_batch_goes_over_one_connection(inbox):
    pace = SmtpPace(timeout_s=10.0, connections=1, mails_a_connection=20)
    async with sending(inbox.port, pace) as port:
        outcomes = [await port.send(mail_to()) for _ in range(30)]
    assert [outcome.state for outcome in outcomes] == ["sent"] * 30
    peers = [arrived.peer for arrived in inbox.arrived]
    assert [peers.count(peer) for peer in dict.fromkeys(peers)] == [20, 10]


async def test_so_many_connections_are_open_as_mails_are_under_way(inbox):
    async with sending(inbox.port, SmtpPace(timeout_s=10.0, connections=3)) as port:
        free = asyncio.Semaphore(port.at_once)

        async def one():
            async with free:
                return await port.send(mail_to())

        outcomes = await asyncio.gather(*(one() for _ in range(40)))
    assert {outcome.state for outcome in outcomes} == {"sent"}
    assert len({arrived.peer for arrived in inbox.arrived}) == 3


async def test_an_idle_connection_is_closed(inbox):
    async with sending(inbox.port, SmtpPace(timeout_s=5.0, idle_s=0.05)) as port:
        await port.send(mail_to())
        async with asyncio.timeout(WAIT_S):
            while port._idle:
                await asyncio.sleep(0.01)
        assert (await port.send(mail_to())).state == "sent"
    assert len({arrived.peer for arrived in inbox.arrived}) == 2


async def test_a_connection_that_the_server_has_closed_is_exchanged_before_a_mail():
    async with mail_server() as first, sending(first.port) as port:
        assert (await port.send(mail_to())).state == "sent"
        kept = port._idle[0].client
        kept.transport.abort()
        assert (await port.send(mail_to())).state == "sent"
        assert len(first.arrived) == 2


@pytest.mark.parametrize(
    ("reply", "state", "code", "of_address"),
    [
        ("450 4.2.0 greylisted", "retry", "4.2.0", True),
        ("451 4.3.0 later", "retry", "4.3.0", False),
        ("550 5.1.1 no such user", "rejected", "5.1.1", True),
        ("550 5.7.1 not you", "rejected", "5.7.1", False),
    ],
)
async def test_replies_are_told_apart_and_the_connection_goes_on(
    inbox, reply, state, code, of_address
):
    mail = mail_to()
    async with sending(inbox.port) as port:
        inbox.to_recipient.append(reply)
        outcome = await port.send(mail)
        assert (outcome.state, outcome.code, outcome.is_of_address) == (state, code, of_address)
        assert inbox.arrived == []
        assert (await port.send(mail_to())).state == "sent"
        assert len(port._idle) == 1


async def test_a_later_try_has_the_same_message_id(inbox):
    inbox.to_data += ["451 4.3.0 no room", "421 4.3.2 closing"]
    mail = mail_to()
    async with sending(inbox.port) as port:
        states = [(await port.send(mail)).state for _ in range(3)]
    assert states == ["retry", "retry", "sent"]
    assert inbox.tried == [mail.message_id] * 3
    assert len(inbox.arrived) == 1


async def test_an_idn_recipient_gets_it_at_the_a_label(inbox):
    async with sending(inbox.port) as port:
        assert (await port.send(mail_to("anna@bücher.example"))).state == "sent"
    assert inbox.arrived[0].recipients == ["anna@xn--bcher-kva.example"]
    assert inbox.arrived[0].content.isascii()


async def test_a_local_part_beyond_ascii_needs_smtputf8(inbox):
    mail = mail_to("jörg@bücher.example")
    async with sending(inbox.port) as port:
        assert (await port.send(mail)).state == "sent"
        assert (await port.send(mail_to())).state == "sent"
    assert inbox.arrived[0].recipients == ["jörg@xn--bcher-kva.example"]
    async with mail_server(utf8=False) as old, sending(old.port) as port:
        outcome = await port.send(mail)
        assert (outcome.state, outcome.code, outcome.is_of_address) == ("rejected", "5.6.7", False)
        assert "SMTPUTF8" in outcome.reason
        assert (await port.send(mail_to("anna@bücher.example"))).state == "sent"


async def test_what_is_no_address_is_rejected_without_asking_anybody():
    async with sending(1) as port:
        outcome = await port.send(Mail("a@b.org>\r\nRCPT TO:<c@d.org", b"", "<x@y>"))
    assert (outcome.state, outcome.code) == ("rejected", "5.1.3")


async def test_a_server_that_is_not_there_is_tried_again():
    async with sending(1) as port:
        outcome = await port.send(mail_to())
    assert (outcome.state, outcome.code, outcome.has_failed) == ("unavailable", "", True)


@pytest.mark.parametrize("silent_after", ["nothing", "greeting", "RCPT", "the last byte"])
async def test_a_server_that_never_answers_costs_no_more_than_its_time(silent_after):
    async def serve(reader, writer):
        if silent_after != "nothing":
            writer.write(b"220 here\r\n")
        while silent_after not in {"nothing", "greeting"} and (line := await reader.readline()):
            if silent_after == "RCPT" and line.startswith(b"RCPT"):
                break
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
                break
            writer.write(b"250 Ok\r\n")
        await reader.read()

    async with failing_server(serve) as (number, _), sending(number, SmtpPace(0.5)) as port:
        began = time.monotonic()
        outcome = await port.send(mail_to())
        # What fails before the server is told of the mail is no try of it.
        told = silent_after in {"RCPT", "the last byte"}
        assert (outcome.state, outcome.code) == ("retry" if told else "unavailable", "")
        assert outcome.has_failed
        assert 0.4 < time.monotonic() - began < 3
        assert port._idle == []


async def test_a_server_that_closes_in_the_middle_of_the_data_is_tried_again(inbox):
    async def serve(reader, writer):
        writer.write(b"220 here\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                await reader.readline()
                return
            writer.write(b"250 Ok\r\n")

    mail = mail_to()
    async with failing_server(serve) as (number, connected), sending(number) as port:
        for _ in range(2):
            outcome = await port.send(mail)
            assert (outcome.state, outcome.code, outcome.has_failed) == ("retry", "", True)
        assert len(connected) == 2
    async with sending(inbox.port) as port:
        assert (await port.send(mail)).state == "sent"
    assert inbox.arrived[0].message["Message-ID"] == mail.message_id


@pytest.mark.parametrize("code", ["421", "454", "550"])
@pytest.mark.parametrize("refused", ["220", "EHLO", "AUTH", "MAIL"])
async def test_a_server_that_takes_nothing_of_us_has_not_tried_the_mail(refused, code):
    refusal = f"{code} {code[0]}.7.0 not now\r\n".encode()

    async def serve(reader, writer):
        writer.write(refusal if refused == "220" else b"220 here\r\n")
        while line := await reader.readline():
            if line.startswith((refused.encode(), b"HELO" if refused == "EHLO" else b"\0")):
                writer.write(refusal)
            elif line.startswith(b"EHLO"):
                writer.write(b"250-here\r\n250 AUTH PLAIN\r\n")
            else:
                writer.write(b"250 Ok\r\n")

    login = {"user": "me", "password": "hunter2"} if refused == "AUTH" else {}
    async with failing_server(serve) as (number, _), sending(number, **login) as port:
        outcome = await port.send(mail_to())
    assert (outcome.state, outcome.is_of_address) == ("unavailable", False)
    assert (outcome.code, outcome.has_failed) == (code, True)


async def test_a_server_that_goes_in_the_middle_has_failed_and_tried_the_mail(inbox):
    async with sending(inbox.port) as port:
        inbox.to_recipient.append("421 4.3.2 going down")
        outcome = await port.send(mail_to())
        assert (outcome.state, outcome.has_failed) == ("retry", True)
        inbox.to_recipient.append("451 4.3.0 no room")
        outcome = await port.send(mail_to())
        assert (outcome.state, outcome.has_failed) == ("retry", False)


async def test_what_is_kept_of_a_reply_names_nobody(inbox):
    said = "550 5.1.1 <BEN@example.org>: ben is now at b.en@other.example, says postmaster@a"
    async with sending(inbox.port) as port:
        inbox.to_recipient.append(said)
        outcome = await port.send(mail_to())
    assert outcome.reason == (
        "550 5.1.1 <(address)>: (address) is now at (address), says (address)"
    )
