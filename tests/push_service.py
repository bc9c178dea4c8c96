"""A push service on this machine, and browsers that read what it gets: by the RFCs, not our code.

RFC 8030 (the service), RFC 8188 and 8291 (the message), RFC 8292 (who sends).
"""

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import ipaddress
import json
import os
import re
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.x509.oid import NameOID


def bytes_of(text: str) -> bytes:
    """Base64url without padding, read."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def text_of(data: bytes) -> str:
    """Base64url without padding, as a browser writes its keys."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _point(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )


class Browser:
    """One subscription: its keys, and a reader of its messages."""

    def __init__(
        self, key: ec.EllipticCurvePrivateKey | None = None, auth: bytes | None = None
    ) -> None:
        self._key = key or ec.generate_private_key(ec.SECP256R1())
        self.auth = auth or os.urandom(16)
        self.p256dh = _point(self._key.public_key())

    def keys(self) -> dict[str, str]:
        """As `PushSubscription.toJSON` has them."""
        return {"p256dh": text_of(self.p256dh), "auth": text_of(self.auth)}

    def read(self, body: bytes) -> bytes:
        """What was sent; raises `InvalidTag` for what is not for this subscription."""
        salt, rest = body[:16], body[16:]
        record_bytes, id_bytes = int.from_bytes(rest[:4], "big"), rest[4]
        sender, record = rest[5 : 5 + id_bytes], rest[5 + id_bytes :]
        assert len(record) <= record_bytes
        shared = self._key.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        )
        info = b"WebPush: info\0" + self.p256dh + sender
        material = _hmac(_hmac(self.auth, shared), info + b"\x01")
        secret = _hmac(salt, material)
        key = _hmac(secret, b"Content-Encoding: aes128gcm\0\x01")[:16]
        nonce = _hmac(secret, b"Content-Encoding: nonce\0\x01")[:12]
        padded = AESGCM(key).decrypt(nonce, record, None).rstrip(b"\0")
        assert padded[-1:] == b"\x02"
        return padded[:-1]


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def claims_of(authorization: str) -> tuple[dict[str, Any], str]:
    """The claims of a `vapid` header and the key that they are signed with, in base64url.

    Raises `InvalidSignature`.
    """
    said = re.fullmatch(r"vapid t=([\w-]+)\.([\w-]+)\.([\w-]+), k=([\w-]+)", authorization)
    assert said, authorization
    head, claims, signature, point = said.groups()
    assert json.loads(bytes_of(head)) == {"typ": "JWT", "alg": "ES256"}
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(point))
    r, s = bytes_of(signature)[:32], bytes_of(signature)[32:]
    signed = encode_dss_signature(int.from_bytes(r, "big"), int.from_bytes(s, "big"))
    key.verify(signed, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
    return json.loads(bytes_of(claims)), point


@dataclass
class Arrived:
    """One request to the service."""

    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass
class PushService:
    """What listens at `url`; `answers` has what a path is answered with, 201 for others."""

    port: int = 0
    scheme: str = "http"
    arrived: list[Arrived] = field(default_factory=list)
    answers: dict[str, Callable[[web.Request], Any]] = field(default_factory=dict)
    tls: ssl.SSLContext | None = None
    """What a client trusts, where it has TLS."""
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    def url(self, path: str = "/push/one", host: str = "127.0.0.1") -> str:
        """The endpoint of a subscription."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Any request."""
        body = await request.read()
        self.arrived.append(Arrived(request.path, request.headers, body))
        self._came.set()
        answer = self.answers.get(request.path)
        if answer is None:
            return web.Response(status=201)
        said = answer(request)
        response: web.StreamResponse = await said if asyncio.iscoroutine(said) else said
        return response

    async def after(self, count: int, within_s: float = 20) -> list[Arrived]:
        """What has arrived, once it is so many."""
        async with asyncio.timeout(within_s):
            while len(self.arrived) < count:
                self._came.clear()
                await self._came.wait()
        return self.arrived


@contextlib.asynccontextmanager
async def push_service(*, tls_in: Path | None = None) -> AsyncIterator[PushService]:
    """A service on a free port of this machine, by TLS with a certificate made in `tls_in`."""
    service, context = PushService(), None
    if tls_in is not None:
        context, service.tls = certified(tls_in)
        service.scheme = "https"
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", service.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
        await site.start()
        service.port = runner.addresses[0][1]
        yield service
    finally:
        await runner.cleanup()


def certified(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for `push.example` and 127.0.0.1: the server's side, and that of who trusts it alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "push.example")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName("push.example"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    client = ssl.create_default_context(cafile=str(folder / "certificate.pem"))
    return server, client
