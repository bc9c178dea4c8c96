"""TLS and logins at the mail server, and signatures that a receiver verifies."""

import base64
import datetime as dt
import ipaddress
import ssl
import time

import dkim
import nacl.signing
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from cryptography.x509.oid import NameOID
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.mail.files import FilesMail
from storage.mail.signing import SignedMail, SigningKeyError, read_key
from tests.integration.mail.test_smtp import mail_to, sending
from tests.smtp_server import mail_server


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail of the tests")])
    now = dt.datetime.now(dt.UTC)
    local = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(local, critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("certificate") / "mail.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(secret + made.public_bytes(Encoding.PEM))
    return file


def context_of(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


# aiosmtpd takes for TLS what began with STARTTLS only.
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS:UserWarning")
@pytest.mark.parametrize("mode", ["tls", "starttls"])
async def test_mail_goes_over_tls_with_a_login(certificate, mode):
    ways = {mode: context_of(certificate)}
    async with mail_server(login=("me", "s€cret"), **ways) as inbox:
        how = {"tls": mode, "ca_file": str(certificate), "user": "me"}
        async with sending(inbox.port, **how, password="s€cret") as port:
            assert [(await port.send(mail_to())).state for _ in range(2)] == ["sent", "sent"]
        assert [(one.is_encrypted, one.user) for one in inbox.arrived] == [(True, "me")] * 2
        async with sending(inbox.port, **how, password="wrong") as port:
            outcome = await port.send(mail_to())
        assert (outcome.state, outcome.code) == ("unavailable", "535")
        assert "wrong" not in outcome.reason


@pytest.mark.parametrize("mode", ["tls", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(certificate, mode):
    async with (
        mail_server(**{mode: context_of(certificate)}) as inbox,
        sending(inbox.port, tls=mode) as port,
    ):
        outcome = await port.send(mail_to())
    assert outcome.state == "unavailable"
    assert "certificate" in outcome.reason.lower()


async def test_without_starttls_nothing_is_sent_in_clear(inbox):
    async with sending(inbox.port, tls="starttls") as port:
        assert (await port.send(mail_to())).state == "unavailable"
    assert inbox.arrived == []


def rsa_pair(form):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(Encoding.PEM, form, NoEncryption()), "rsa", public


def ed25519_pair(_form):
    key = nacl.signing.SigningKey.generate()
    return base64.b64encode(bytes(key)), "ed25519", bytes(key.verify_key)


@pytest.mark.parametrize(
    ("pair", "form"),
    [
        (rsa_pair, PrivateFormat.PKCS8),
        (rsa_pair, PrivateFormat.TraditionalOpenSSL),
        (ed25519_pair, None),
    ],
)
@pytest.mark.parametrize("to", ["ben@example.org", "jörg@bücher.example"])
async def test_what_arrives_has_a_signature_that_verifies(inbox, tmp_path, pair, form, to):
    private, kind, public = pair(form)
    (tmp_path / "dkim").write_bytes(private + b"\n")
    key = read_key(tmp_path / "dkim", "parley.example", "s1")
    async with sending(inbox.port) as port:
        mail = mail_to(to, unsubscribe_url="https://parley.example/v1/unsubscribe/" + "a" * 120)
        assert (await SignedMail(port, key).send(mail)).state == "sent"

    def dns(name, timeout=5):
        assert name == b"s1._domainkey.parley.example."
        return b"v=DKIM1; k=%b; p=%b" % (kind.encode(), base64.b64encode(public))

    content = inbox.arrived[0].content
    assert dkim.verify(content, dnsfunc=dns)
    signature = inbox.arrived[0].message["DKIM-Signature"]
    covered = signature.partition("h=")[2].partition(";")[0].replace(" ", "").split(":")
    # RFC 8058, section 4: both have to be covered.
    assert {"list-unsubscribe", "list-unsubscribe-post", "from", "message-id"} <= set(covered)
    for forged in (
        content.replace(b"/conversations/1", b"/conversations/2"),
        content.replace(b"aaaa", b"aaab", 1),
        content.replace(b"Subject: Ada", b"Subject: Ben"),
        content.replace(b"From: ", b"From: Eve <eve@example.org>\r\nFrom: ", 1),
    ):
        assert forged != content
        assert not dkim.verify(forged, dnsfunc=dns)


PIECES = st.sampled_from([b" ", b"\t", b"\r\n", b"a", b".", "é".encode(), b"=", b"--", b"a" * 90])


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Both kinds of keys, each with what DNS has of it."""
    folder = tmp_path_factory.mktemp("keys")
    found = []
    for pair in (rsa_pair, ed25519_pair):
        private, kind, public = pair(PrivateFormat.PKCS8)
        (folder / kind).write_bytes(private)
        key = read_key(folder / kind, "parley.example", "s1")
        record = b"v=DKIM1; k=%b; p=%b" % (kind.encode(), base64.b64encode(public))
        found.append((key, record))
    return found


@settings(deadline=None, max_examples=150)
@given(
    number=st.integers(0, 1),
    subject=st.lists(PIECES.filter(lambda piece: b"\r" not in piece)).map(b"".join),
    body=st.lists(PIECES, max_size=30).map(b"".join),
)
def test_whatever_stands_in_a_mail_a_receiver_verifies_it(pairs, number, subject, body):
    key, record = pairs[number]
    head = b"From: a@parley.example\r\nSubject: " + subject + b"\r\n\t folded\r\nX-Other: b\r\n"
    signed = key.signed(head + b"Date:  Thu, 1 Jan 1970 00:00:00 +0000 \r\n\r\n" + body + b"\r\n")
    assert dkim.verify(signed, dnsfunc=lambda _name, **_: record)
    assert max(map(len, signed.partition(b"\r\nFrom")[0].split(b"\r\n"))) <= 100


def test_signing_is_done_by_openssl(pairs):
    """In Python it takes 8 ms, in which nothing else of the process runs."""
    key, mail, took_s = pairs[0][0], mail_to(), []
    for _ in range(20):
        began = time.thread_time()
        key.signed(mail.message)
        took_s.append(time.thread_time() - began)
    assert min(took_s) < 0.003


def test_a_key_of_another_kind_is_told(tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "dkim").write_bytes(pem)
    with pytest.raises(SigningKeyError, match="neither a PEM"):
        read_key(tmp_path / "dkim", "parley.example", "s1")


def test_a_locked_key_is_told(tmp_path):
    key = rsa.generate_private_key(65537, 2048)
    locked = BestAvailableEncryption(b"a password")
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked)
    (tmp_path / "dkim").write_bytes(pem)
    with pytest.raises(SigningKeyError, match="neither a PEM"):
        read_key(tmp_path / "dkim", "parley.example", "s1")


@pytest.mark.parametrize(
    "text", [b"", b"-----BEGIN nothing", b"a", b"-----BEGIN RSA PRIVATE KEY-----", b"\xff"]
)
def test_a_file_that_holds_no_key_is_told(tmp_path, text):
    (tmp_path / "dkim").write_bytes(text)
    with pytest.raises(SigningKeyError, match="neither a PEM"):
        read_key(tmp_path / "dkim", "parley.example", "s1")
    with pytest.raises(SigningKeyError, match="No such file"):
        read_key(tmp_path / "nothing", "parley.example", "s1")


async def test_without_a_server_mails_are_files(tmp_path):
    folder = tmp_path / "data" / "mail"
    port = FilesMail(folder, 3)
    mails = [mail_to() for _ in range(5)]
    for mail in mails:
        assert (await port.send(mail)).state == "sent"
    kept = sorted(folder.iterdir())
    assert [one.read_bytes() for one in kept] == [mail.message for mail in mails[2:]]
    assert all(one.suffix == ".eml" and one.stat().st_mode & 0o777 == 0o600 for one in kept)
    assert mails[-1].message_id.strip("<>").partition(".")[0] in kept[-1].name


async def test_mails_of_a_process_before_are_kept_and_removed_alike(tmp_path):
    mails = [mail_to() for _ in range(6)]
    for port, some in ((FilesMail(tmp_path, 3), mails[:2]), (FilesMail(tmp_path, 3), mails[2:])):
        for mail in some:
            assert (await port.send(mail)).state == "sent"
    kept = sorted(tmp_path.iterdir())
    assert [one.read_bytes() for one in kept] == [mail.message for mail in mails[3:]]


async def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path):
    (tmp_path / "mail").write_text("a file")
    outcome = await FilesMail(tmp_path / "mail", 3).send(mail_to())
    assert (outcome.state, outcome.has_failed) == ("unavailable", True)
