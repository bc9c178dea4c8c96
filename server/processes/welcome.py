"""What `parley serve` tells whoever has started it: addresses that open, and a first chat."""

import ipaddress
from pathlib import Path
from typing import NamedTuple

from server import seed
from server.config import Settings


class Ports(NamedTuple):
    """The ports of WebSocket and HTTP."""

    ws: int
    http: int


def welcome(
    settings: Settings, ports: Ports, own_data: Path | None, sample: seed.Sample | None
) -> str:
    """The message for the person who has started the server."""
    host = reached_at(settings.host)
    websocket = f"ws://{host}:{ports.ws}/v1/ws"
    http = f"http://{host}:{ports.http}"
    lines = ["", "Parley is up.", f"  WebSocket   {websocket}", f"  HTTP        {http}/v1"]
    lines.append(f"  Documents   {http}/docs, {http}/docs/socket")
    lines.append(f"              {http}/v1/openapi.json for programs")
    if is_everywhere(settings.host):
        lines.append("  Listening   on every address of this machine, not only this one")
    if own_data is not None:
        lines.append(f"  Data        {own_data.resolve()} (PostgreSQL and Valkey of its own)")
    if sample is not None:
        first, second = (account.email for account in seed.ACCOUNTS[:2])
        chat = f".venv/bin/parley chat --url {websocket} --http-url {http}"
        login = f'{{"email": "{first}", "password": "{sample.password}"}}'
        if not sample.is_public:
            lines.append(
                f"The sample people have the password {sample.password}; it is shown once."
            )
        lines += [
            "Chat, in two more terminals:",
            f"  {chat} --email {first} --password {sample.password}",
            f"  {chat} --email {second} --password {sample.password}",
            "Or by hand:",
            f"  curl -s {http}/v1/auth/login -H 'Content-Type: application/json' -d '{login}'",
            "A job and an order, from their beginning to the money paid out:",
            f"  .venv/bin/parley demo --url {http} --ws {websocket} --password {sample.password}",
        ]
    return "\n".join([*lines, "Ctrl-C ends it.", ""])


def reached_at(host: str) -> str:
    """What stands in a URL for the address that is listened on: for all of them, loopback."""
    address = _parsed(host)
    if is_everywhere(host):
        return "[::1]" if address is not None and address.version == 6 else "127.0.0.1"
    return f"[{host.strip('[]')}]" if address is not None and address.version == 6 else host


def is_everywhere(host: str) -> bool:
    """Whether this stands for every address of the machine."""
    address = _parsed(host)
    return not host or (address is not None and address.is_unspecified)


def _parsed(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
