"""What an instance is told from outside: `PARLEY_…` variables and flags, read once at the start."""

import ipaddress
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

import msgspec
from pydantic import (
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_settings import NoDecode, SettingsConfigDict

from handlers.files.filetypes import OPTIONAL as OPTIONAL_TYPES
from protocol.limits import Limits
from server import settings_file
from server.kept_secrets import kept_secret
from server.settings.deliveries import DeliverySettings
from server.settings.files import FileSettings
from server.settings.kinds import BY_COMMAS, OR_NONE, VISIBLE, Network, Origin, Port, url_of
from server.settings.mail import MailSettings
from server.settings.notifications import NotificationSettings
from server.settings.payments import PaymentSettings
from server.settings.push import PushSettings
from server.settings.schedules import ScheduleSettings
from server.settings.workflows import WorkflowSettings

PREFIX = "PARLEY_"
LIMIT_PREFIX = "PARLEY_LIMIT_"


class ConfigurationError(ValueError):
    """Values that Parley cannot start with; the message has one line for each, by its name."""


class Settings(
    DeliverySettings,
    FileSettings,
    MailSettings,
    NotificationSettings,
    PaymentSettings,
    PushSettings,
    ScheduleSettings,
    WorkflowSettings,
):
    """All that can be set but the limits; times in seconds unless the name says otherwise."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="forbid", arbitrary_types_allowed=True
    )

    database_url: Annotated[str, url_of("postgresql", "postgres")] | None = Field(
        None, repr=False, description="PostgreSQL 15 to 18; unset: our own, in data_dir"
    )
    owner_database_url: Annotated[str, url_of("postgresql", "postgres")] | None = Field(
        None,
        repr=False,
        description="the same database as its owner, directly: migrations and partitions",
    )
    redis_url: Annotated[str, url_of("redis", "rediss", "unix")] | None = Field(
        None, repr=False, description="Redis 7 or Valkey, not evicting; unset: our own"
    )
    redis_cluster: bool = Field(
        default=False, description="redis_url names a node of a cluster, with sharded pub/sub"
    )
    cache_redis_url: Annotated[str, url_of("redis", "rediss", "unix")] | None = Field(
        None, repr=False, description="a Redis for copies of rows and lists alone; unset: redis_url"
    )
    cache_bytes: NonNegativeInt = Field(
        64 << 20, description="what copies of rows and lists may take of Redis in all; 0: none"
    )
    cache_copy_bytes: PositiveInt = Field(32 << 10, description="the longest copy that is kept")
    cache_full_percent: Annotated[int, Field(ge=1, le=100)] = Field(
        80, description="of its maxmemory; a Redis that uses more is given no copies"
    )
    cache_questions: PositiveInt = Field(
        16_384, description="a process remembers so many: an answer is kept once one comes again"
    )
    data_dir: Path = Field(
        Path(".parley"), description="our own servers' data, files and the generated secret"
    )

    settings_file: Annotated[Path | None, OR_NONE] = Field(
        None, description="lines PARLEY_NAME=value; environment and flags go before; see SIGHUP"
    )
    workers: Annotated[int, Field(ge=1, le=256)] = Field(
        1, description="processes on the same ports; with more than one, a supervisor beside them"
    )
    worker_silence_s: PositiveFloat = Field(
        15, description="a worker that does not answer its supervisor for longer is replaced"
    )
    host: str = Field("127.0.0.1", description="the address that both doors listen on")
    http_port: Port = Field(8080, description="0: any free one")
    ws_port: Port = Field(8765, description="0: any free one")
    public_url: Annotated[str, url_of("http", "https"), VISIBLE] | None = Field(
        None,
        description="where clients reach the HTTP door, which addresses of files and links in "
        "mails begin with; smtp_url needs it; unset: files have paths",
    )
    allowed_origins: Annotated[tuple[Origin, ...], NoDecode, BY_COMMAS] = Field(
        (),
        description="origins of web pages that may use both doors, beside their own and "
        "public_url's, by commas, such as https://app.example; `*` is any",
    )
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode, BY_COMMAS] = Field(
        (), description="networks whose X-Forwarded-For is believed, by commas"
    )

    allowed_hosts: Annotated[tuple[str, ...], NoDecode, BY_COMMAS] = Field(
        (),
        description="names in Host beside public_url's and localhost, by commas; `*` is any; "
        "unset: any, unless host is on the loopback interface",
    )
    metrics_port: Port | None = Field(
        None,
        description="a port of its own for /metrics, /healthz and /readyz; unset: the HTTP door's",
    )
    metrics_host: str = Field("127.0.0.1", description="the address of metrics_port")
    probes_kept_s: NonNegativeFloat = Field(
        1, description="answers of /readyz and /metrics are kept so long, however many ask"
    )

    secret_key: SecretStr | None = Field(
        None,
        min_length=16,
        description="signs cursors and links; the same on all machines; unset: made once, kept",
    )
    access_token_ttl_s: PositiveInt = Field(900, description="how long an access token is good")
    refresh_token_ttl_s: PositiveInt = Field(
        30 * 86_400, description="how long a login lasts without being used"
    )

    reserved_names: Annotated[tuple[str, ...], NoDecode, BY_COMMAS] = Field(
        (
            *("Parley", "admin", "administrator", "moderator", "support", "staff", "system"),
            *("official", "team", "helpdesk", "customer service", "customer care"),
            *("客服", "管理员", "官方"),
        ),
        description="words of which, in any spelling, nobody's name is made but staff's, by commas",
    )
    file_types: Annotated[tuple[str, ...], NoDecode, BY_COMMAS] = Field(
        (), description="further types that are taken, by commas: video/quicktime, image/heic, …"
    )
    unnamed_files_s: PositiveFloat = Field(
        86_400, description="a file that nothing names is removed after this time"
    )
    image_s: PositiveFloat = Field(10, description="the longest that an image is worked on")

    rate_limits: bool = Field(default=True, description="off for load tests only")
    sample_people: Literal["auto", "always", "never"] = Field(
        "auto",
        description="put into a new database of our own: auto, where only this machine reaches "
        "it; always, elsewhere too, with a password made for them",
    )

    heartbeat_s: PositiveFloat = Field(25, description="between the server's pings")
    silence_s: PositiveFloat = Field(60, description="a peer that is silent for longer is closed")
    hello_timeout_s: PositiveFloat = Field(10, description="from connecting to a valid hello")
    headers_timeout_s: PositiveFloat = Field(
        10, description="a connection's or request's beginning until its headers are complete"
    )
    body_timeout_s: PositiveFloat = Field(
        30, description="the longest that nothing of a request's body comes"
    )
    body_total_s: PositiveFloat = Field(
        900, description="a whole body: the largest file over a slow telephone"
    )
    idle_timeout_s: PositiveFloat = Field(
        60, description="an HTTP connection between two requests is closed after this"
    )
    answer_timeout_s: PositiveFloat = Field(
        30, description="the longest that a peer takes nothing of an HTTP answer"
    )
    spare_descriptors: NonNegativeInt = Field(
        64, description="descriptors kept free of clients' sockets: files, the log, new connections"
    )
    unauthenticated_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.5, description="of the sockets that fit, those that may be without a login"
    )
    compress_above_bytes: NonNegativeInt = Field(
        1_024, description="HTTP answers of more bytes are compressed for who takes gzip"
    )
    compress_in_thread_above_bytes: NonNegativeInt = Field(
        65_536, description="longer ones in a thread: they would keep the sockets waiting"
    )
    drain_s: PositiveFloat = Field(
        10, description="clients are sent away spread over at most this time"
    )

    database_pool: PositiveInt = Field(16, description="PostgreSQL connections of one process")
    redis_pool: PositiveInt = Field(32, description="Redis connections of one process")
    lock_timeout_ms: PositiveInt = Field(
        500, description="how long a send waits for a conversation that another one holds"
    )
    statement_timeout_ms: PositiveInt = Field(5_000, description="the longest one statement runs")
    migration_wait_s: PositiveFloat = Field(
        120,
        description="how long a step of migrating tries for tables that others hold",
    )
    group_max: PositiveInt = Field(256, description="messages of one commit")
    publish_entries: PositiveInt = Field(1_000, description="log entries of one Redis script call")
    publish_bytes: PositiveInt = Field(262_144, description="bytes of one Redis script call")

    search_rebuild_rows: PositiveInt = Field(
        16, description="pages of 32 messages, or listings, of one batch of `search rebuild`"
    )
    search_rebuild_share: Annotated[float, Field(gt=0, le=1)] = Field(
        0.25, description="the share of the time that it works; it rests between its batches"
    )

    hold_ms: PositiveInt = Field(
        50, description="how long an event waits for those before it until they are fetched"
    )

    log_format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: JSON unless a terminal reads it"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="the least that is logged"
    )

    limits: Limits = Field(default=Limits(), exclude=True, description="see PARLEY_LIMIT_…")

    @model_validator(mode="after")
    def _silence_holds_two_heartbeats(self) -> Self:
        if self.silence_s < 2 * self.heartbeat_s:
            raise ValueError("PARLEY_SILENCE_S: should be at least twice PARLEY_HEARTBEAT_S")
        return self

    @model_validator(mode="after")
    def _owner_has_a_server(self) -> Self:
        if self.owner_database_url and not self.database_url:
            raise ValueError(
                "PARLEY_OWNER_DATABASE_URL: needs PARLEY_DATABASE_URL, a server's login"
            )
        return self

    @model_validator(mode="after")
    def _doors_have_a_port_each(self) -> Self:
        ports = [port for port in (self.ws_port, self.http_port, self.metrics_port) if port]
        if len({*ports}) < len(ports):
            raise ValueError("PARLEY_WS_PORT, _HTTP_PORT, _METRICS_PORT: should be a port each")
        return self

    @model_validator(mode="after")
    def _cluster_has_an_address(self) -> Self:
        url = urlsplit(self.redis_url or "")
        if self.redis_cluster and (not url.hostname or url.path not in {"", "/", "/0"}):
            raise ValueError(
                "PARLEY_REDIS_CLUSTER: needs a PARLEY_REDIS_URL with a node's host, database 0"
            )
        return self

    @model_validator(mode="after")
    def _bucket_has_both_keys(self) -> Self:
        if (self.s3_access_key_id is None) != (self.s3_secret_access_key is None):
            raise ValueError(
                "PARLEY_S3_ACCESS_KEY_ID: goes with PARLEY_S3_SECRET_ACCESS_KEY, both or none"
            )
        return self

    @model_validator(mode="after")
    def _file_types_can_be_told(self) -> Self:
        unknown = sorted(set(self.file_types) - OPTIONAL_TYPES)
        if unknown:
            raise ValueError(
                f"PARLEY_FILE_TYPES: {', '.join(unknown)}: should be of"
                f" {', '.join(sorted(OPTIONAL_TYPES))}"
            )
        return self

    @property
    def faces_outside(self) -> bool:
        """Whether others than this machine may reach the doors, by themselves or by a proxy."""
        told = urlsplit(self.public_url).hostname or "" if self.public_url else "localhost"
        return bool(self.trusted_proxies) or not (is_loopback(self.host) and is_loopback(told))

    @property
    def files_dir(self) -> Path:
        """Where the local store keeps uploaded files."""
        return self.data_dir / "files"

    def with_secrets(self) -> "Settings":
        """These settings with all secrets: those set, else those kept in `data_dir`.

        They are made on the first call, with mode 0600. Raises `OSError` when they cannot be kept.
        """
        kept = ("secret_key", "provider_secret", "mail_secret")
        lacking = [name for name in kept if getattr(self, name) is None]
        return self.model_copy(update={n: kept_secret(self.data_dir, n) for n in lacking})


def is_loopback(host: str) -> bool:
    """Whether only this machine has the address; other names than `localhost` are not looked up."""
    name = host.strip("[]").partition("%")[0].rstrip(".").lower()
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback


def load(flags: Mapping[str, str] | None = None) -> Settings:
    """The settings in force: the defaults, then the settings file, the environment, the flags.

    Flags are named like the fields; a limit's is `limit_NAME`. Raises `ConfigurationError`.
    """
    return checked(told(flags or {}))


def told(flags: Mapping[str, str]) -> dict[str, str]:
    """The flags, and the settings file's values that go before the defaults alone.

    Raises `ConfigurationError` when the file cannot be taken.
    """
    try:
        return settings_file.told(flags, os.environ, variables())
    except settings_file.SettingsFileError as error:
        raise ConfigurationError(str(error)) from None


def overridden(flags: Mapping[str, str]) -> list[str]:
    """Variables to which the settings file gives a value that is not in force.

    Raises `ConfigurationError` when the file cannot be taken.
    """
    try:
        return settings_file.overridden(flags, os.environ, variables())
    except settings_file.SettingsFileError as error:
        raise ConfigurationError(str(error)) from None


def variables() -> set[str]:
    """The names of all variables."""
    fields = {PREFIX + name.upper() for name in Settings.model_fields if name != "limits"}
    return fields | {LIMIT_PREFIX + name.upper() for name in Limits.__struct_fields__}


def checked(overrides: Mapping[str, str]) -> Settings:
    """The settings by the environment and, over it, `overrides`, as `load` names and checks them.

    No file is read: `told` has read it.
    """
    wrong: list[str] = []
    limits = _limits(overrides, wrong)
    try:
        settings = Settings(limits=limits, **_not_limits(overrides))
    except ValidationError as error:
        raise ConfigurationError("\n".join([*wrong, *_complaints(error)])) from None
    if wrong:
        raise ConfigurationError("\n".join(wrong))
    return settings


def _limits(overrides: Mapping[str, str], wrong: list[str]) -> Limits:
    given: dict[str, int] = {}
    number = TypeAdapter(NonNegativeInt)
    for name in Limits.__struct_fields__:
        text = overrides.get(f"limit_{name}", os.environ.get(LIMIT_PREFIX + name.upper()))
        if text is not None:
            try:
                given[name] = number.validate_python(text)
            except ValidationError as error:
                reason = error.errors()[0]["msg"]
                wrong.append(f"{LIMIT_PREFIX}{name.upper()}: {reason} (it is {text!r})")
    return msgspec.structs.replace(Limits(), **given)


def _not_limits(overrides: Mapping[str, str]) -> dict[str, Any]:
    return {name: text for name, text in overrides.items() if not name.startswith("limit_")}


def _complaints(error: ValidationError) -> Iterator[str]:
    for detail in error.errors():
        reason = detail["msg"].removeprefix("Value error, ")
        if detail["type"] == "too_short":
            reason = f"should have at least {detail['ctx']['min_length']} characters"
        if not detail["loc"]:
            yield reason
            continue
        field = str(detail["loc"][0])
        secret = "secret" in field or field.endswith("_url")
        value = "" if secret else f" (it is {detail['input']!r})"
        yield f"{PREFIX}{field.upper()}: {reason}{value}"
