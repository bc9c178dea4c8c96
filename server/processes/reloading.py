"""On SIGHUP: the settings are read anew, checked, and given to the workers that come next."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import structlog

from protocol.limits import Limits
from server import config
from server.config import Settings
from server.notifications.push import check_key_file
from server.processes import exposure
from server.processes.supervisor import Terms

log = structlog.get_logger()

FIXED = (
    *("host", "http_port", "ws_port", "metrics_host", "metrics_port"),
    *("workers", "data_dir", "settings_file", "test_clock"),
)
"""What the supervisor itself stands on: another value needs a restart."""
_SECRETS = ("secret_key", "provider_secret", "mail_secret")
_SERVERS = ("database_url", "owner_database_url", "redis_url")


class Given(NamedTuple):
    """What an instance is started with: its flags, and over the settings file's values."""

    flags: Mapping[str, str]
    told: Mapping[str, str]


class Reloading:
    """Makes the terms of workers, at the start and again whenever the settings are read anew."""

    def __init__(
        self, given: Given, as_set: Settings, standing_on: Settings, figures: Path
    ) -> None:
        """`as_set` are the settings as given; `standing_on` have all URLs and the key besides."""
        self._given = given
        self._as_set = as_set
        self._read_last = as_set
        self._standing_on = standing_on
        self._figures = figures

    def first(self) -> Terms:
        """The terms of the start."""
        return self._terms(self._given.told, self._as_set)

    def again(self) -> Terms | None:
        """The terms by the settings as they are now; None when they are wrong, which is logged.

        Of what needs a restart the value of the start stays, which is logged too.
        """
        try:
            told, settings, in_vain = self._taken()
        except config.ConfigurationError as error:
            log.error("settings_refused", reasons=str(error).split("\n"))  # noqa: TRY400 - no fault
            return None
        if in_vain:
            # The environment and the flags are those of the start: no SIGHUP changes them.
            log.warning("settings_overridden", names=in_vain)
        log.info("settings_read", changed=list(_changed(self._read_last, settings)))
        self._read_last = settings
        exposure.warn(settings)
        return self._terms(told, settings)

    def _taken(self) -> tuple[dict[str, str], Settings, list[str]]:
        """What is read, with the values of the start where another needs a restart.

        What is left may be wrong without those: raises `ConfigurationError` then, too. Last are
        the names of those that the file sets in vain.
        """
        told = config.told(self._given.flags)
        settings = config.checked(told)
        in_vain = config.overridden(self._given.flags)
        fixed = [*FIXED, *(name for name in _SERVERS if self._is_embedded(name, settings))]
        left = [name for name in fixed if self._differ(name, settings)]
        if left:
            log.warning("settings_need_restart", names=[f"PARLEY_{name.upper()}" for name in left])
        kept = {name: text for name, text in self._given.told.items() if name in fixed}
        told = {name: text for name, text in told.items() if name not in fixed} | kept
        settings = config.checked(told)
        exposure.refuse_play_money(settings)
        exposure.refuse_test_clock(settings)
        exposure.refuse_outbound_http(settings)
        check_key_file(settings)
        return told, settings, in_vain

    def _is_embedded(self, name: str, settings: Settings) -> bool:
        """Whether the server of this URL is our own, before or afterwards."""
        one = "database_url" if name == "owner_database_url" else name
        return None in {getattr(self._as_set, one), getattr(settings, one)}

    def _differ(self, name: str, settings: Settings) -> bool:
        return bool(getattr(settings, name) != getattr(self._as_set, name))

    def _terms(self, told: Mapping[str, str], settings: Settings) -> Terms:
        secrets = {
            name: getattr(settings, name) or getattr(self._standing_on, name) for name in _SECRETS
        }
        urls = {
            name: getattr(settings, name) or getattr(self._standing_on, name) for name in _SERVERS
        }
        given = {name: url for name, url in urls.items() if url is not None}
        given |= {name: secret.get_secret_value() for name, secret in secrets.items()}
        return Terms({**told, **given}, self._figures, settings.drain_s, settings.worker_silence_s)


def _changed(before: Settings, now: Settings) -> Iterator[str]:
    """The names of variables with another value; no values, which may be secret."""
    for name in Settings.model_fields:
        if name != "limits" and getattr(before, name) != getattr(now, name):
            yield f"{config.PREFIX}{name.upper()}"
    for name in Limits.__struct_fields__:
        if getattr(before.limits, name) != getattr(now.limits, name):
            yield f"{config.LIMIT_PREFIX}{name.upper()}"
