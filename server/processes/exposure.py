"""What a start refuses or warns of: what is not safe where others than this machine reach the
doors, and files of secrets that others on the machine may read or change.
"""

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import structlog
from pydantic import SecretStr

from server.config import ConfigurationError, Settings, is_loopback

log = structlog.get_logger()

WELL_KNOWN = {"postgres", "parley", "password", "redis", "valkey", "secret", "changeme", "test"}
"""Passwords of servers that are tried first."""
SECRET_FILES = ("settings_file", "vapid_key_file", "dkim_key_file", "smtp_password_file")
DISTINCT_CHARACTERS = 8
"""A secret key with fewer different ones was typed, not drawn."""


def refuse_play_money(settings: Settings) -> None:
    """Raise `ConfigurationError` where others than this machine could pay with play money."""
    if settings.provider == "local" and settings.faces_outside and not settings.allow_play_money:
        raise ConfigurationError(
            "PARLEY_PROVIDER: is local, whose money is not real, and others reach this server: set "
            "PARLEY_PROVIDER=none, or PARLEY_ALLOW_PLAY_MONEY=1 if that is meant"
        )


def refuse_test_clock(settings: Settings) -> None:
    """Raise `ConfigurationError` where others than this machine could move the clock."""
    if settings.test_clock and settings.faces_outside:
        raise ConfigurationError(
            "PARLEY_TEST_CLOCK: lets anybody move the clock, and others reach this server: unset it"
        )


def refuse_outbound_http(settings: Settings) -> None:
    """Raise `ConfigurationError` where URLs of others would be called without TLS."""
    if settings.outbound_http and settings.faces_outside:
        raise ConfigurationError(
            "PARLEY_OUTBOUND_HTTP: sends what is pushed without TLS, and others reach this server: "
            "unset it"
        )


def warn(settings: Settings) -> None:
    """Log a warning for each setting that is not safe at an address that others reach, and for
    each file of secrets that is not its owner's alone.
    """
    found = [*risks(settings)] if settings.faces_outside else []
    for name in SECRET_FILES:
        file = getattr(settings, name)
        if file is not None:
            found += [(name, reason) for reason in _file_risks(file)]
    for name, reason in found:
        log.warning("insecure_setting", setting=f"PARLEY_{name.upper()}", reason=reason)


def risks(settings: Settings) -> Iterator[tuple[str, str]]:
    """The settings that are not safe where others reach the doors, each with the reason."""
    if not settings.rate_limits:
        yield "rate_limits", "passwords can be guessed without a limit"
    if "*" in settings.allowed_origins:
        yield "allowed_origins", "every web page may connect"
    yield from _secret_risks(settings)
    if settings.vapid_key_file is None:
        reason = "unset: generated, and kept in the data directory of this machine alone"
        yield "vapid_key_file", f"{reason}; another machine would push to none of its browsers"
    if settings.public_url is None:
        yield "public_url", "unset: clients have to use TLS, and files' addresses name no host"
    elif urlsplit(settings.public_url).scheme != "https":
        yield "public_url", "not https: tokens and messages can be read on their way"
    if any(network.prefixlen == 0 for network in settings.trusted_proxies):
        yield "trusted_proxies", "anybody may forge an address, and so evade the limits"
    if settings.provider == "local" and settings.allow_play_money:
        yield "allow_play_money", "payments are taken that nobody makes"
    if settings.sample_people == "always":
        yield "sample_people", "sample people can log in"
    for name, url in (("database_url", settings.database_url), ("redis_url", settings.redis_url)):
        yield from ((name, reason) for reason in _url_risks(url))


def _file_risks(file: Path) -> Iterator[str]:
    # A file that has gone meanwhile is told of by who reads it.
    with contextlib.suppress(OSError):
        mode = file.stat().st_mode
        if mode & stat.S_IWOTH:
            yield "everybody on this machine may change it: chmod o-rwx"
        elif mode & stat.S_IROTH:
            yield "everybody on this machine may read what is secret in it: chmod o-rwx"


def _secret_risks(settings: Settings) -> Iterator[tuple[str, str]]:
    unset = "unset: generated, and kept in the data directory of this machine alone"
    guessed = "can be guessed: draw one, with `openssl rand -base64 32` for example"
    mails = "; another machine would know neither the links of its mails nor who takes none"
    for name, reason in (("secret_key", unset), ("mail_secret", unset + mails)):
        key: SecretStr | None = getattr(settings, name)
        if key is None:
            yield name, reason
        elif len(set(key.get_secret_value())) < DISTINCT_CHARACTERS:
            yield name, guessed


def _url_risks(url: str | None) -> Iterator[str]:
    """Of a server elsewhere: our own listens on loopback, with a generated password."""
    parts = urlsplit(url or "")
    if not parts.hostname or is_loopback(parts.hostname):
        return
    is_postgres = parts.scheme.startswith("postgres")
    password = unquote(parts.password or "").lower()
    # PostgreSQL's may come from the environment or a file.
    if password in WELL_KNOWN or not (password or is_postgres):
        yield "its password is missing or well known"
    if parts.scheme == "redis" or (is_postgres and "sslmode=" not in parts.query):
        yield "no TLS is asked for: all data, and the password, can be read on their way"
