"""Push as a process has it: the installation's key, the sender, the devices."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

from server.config import ConfigurationError, Settings
from server.foundation import Foundation
from server.kept_secrets import kept_file
from storage.database.change_call import ChangeCalls
from storage.outbound.client import OutboundClient, OutboundRules, outbound_client
from storage.push.devices import PushDevices
from storage.push.vapid import Vapid, VapidKeyError, new_key
from storage.push.web_push import WebPush, WebPushTimes

KEY_FILE = "vapid_key.pem"
"""In the data directory, where no other file is named."""


@dataclass(frozen=True, slots=True)
class PushParts:
    """`outbound` sends to any URL that a client names; `web_push` is the port over it."""

    vapid: Vapid
    outbound: OutboundClient
    web_push: WebPush
    devices: PushDevices


def vapid_of(settings: Settings) -> Vapid:
    """The installation's key: of the file that is named, else made once in the data directory.

    Raises `ConfigurationError` for a file that cannot be read or holds no such key, `OSError` where
    none can be kept.
    """
    name, what_to_do = "PARLEY_VAPID_KEY_FILE", ""
    file = settings.vapid_key_file
    if file is None:
        file = kept_file(settings.data_dir, KEY_FILE, new_key)
        name = "PARLEY_DATA_DIR"
        what_to_do = "; restore it, or remove it: then all browsers have to subscribe anew"
    try:
        return Vapid(file.read_bytes(), settings.vapid_contact)
    except OSError as error:
        raise ConfigurationError(f"{name}: {file}: {error.strerror}{what_to_do}") from error
    except VapidKeyError as error:
        raise ConfigurationError(f"{name}: {file} {error}{what_to_do}") from error


def check_key_file(settings: Settings) -> None:
    """Raise `ConfigurationError` for a key file that is named and is none."""
    if settings.vapid_key_file is not None:
        vapid_of(settings)


def outbound_rules_of(settings: Settings) -> OutboundRules:
    """Which URLs of clients may be called."""
    return OutboundRules(
        settings.outbound_networks,
        settings.outbound_http,
        settings.outbound_connections,
        settings.outbound_host_connections,
    )


@contextlib.asynccontextmanager
async def push_of(foundation: Foundation) -> AsyncIterator[PushParts]:
    """The parts, with connections of their own as long as the block lasts."""
    settings = foundation.settings
    vapid = vapid_of(settings)
    calls = ChangeCalls(foundation.pool, lambda: None)
    async with outbound_client(outbound_rules_of(settings)) as outbound:
        times = WebPushTimes(settings.push_timeout_s, settings.push_retry_after_s)
        devices = PushDevices(calls, most=settings.limits.push_devices)
        yield PushParts(vapid, outbound, WebPush(outbound, vapid, times), devices)
