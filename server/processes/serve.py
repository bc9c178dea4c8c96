"""`parley serve`: PostgreSQL and Valkey, the schema, the data of the first start, the app."""

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path

import structlog
import uvloop

from server import app, config, seed
from server.config import Settings
from server.doors.descriptors import raise_limit
from server.listening import see_free
from server.notifications.push import check_key_file
from server.processes import clock_check, exposure, migration, redis_check, worker_sockets
from server.processes.migration import Database
from server.processes.process import collect_less, ended_by_signals
from server.processes.reloading import Given, Reloading
from server.processes.supervisor import Supervisor, Terms
from server.processes.welcome import Ports, welcome
from storage.embedded import data_directory

log = structlog.get_logger()

_OF_REDIS = ("redis_url", "redis_cluster")


def run(settings: Settings, given: Given) -> int:
    """Serve until SIGINT or SIGTERM, then shut down in reverse order; returns the exit code.

    A second signal ends the drain of clients. Workers get what was `given` too.
    """
    raise_limit()
    try:
        uvloop.run(_serve(settings, given))
    except asyncio.CancelledError:
        return 1
    return 0


class NoDatabaseError(RuntimeError):
    """There is no database that a command could be for."""


@contextlib.asynccontextmanager
async def standing_on(settings: Settings) -> AsyncIterator[Settings]:
    """The settings with all URLs: as configured, otherwise of embedded servers that run meanwhile.

    Raises `DirectoryBusyError` when another process runs its own on the same data directory.
    """
    if settings.database_url and settings.redis_url:
        yield settings
        return
    async with data_directory.running(
        settings.data_dir,
        postgres=settings.database_url is None,
        valkey=settings.redis_url is None,
    ) as servers:
        yield settings.model_copy(
            update={
                "database_url": settings.database_url or servers.database_url,
                "owner_database_url": settings.owner_database_url or servers.owner_database_url,
                "redis_url": settings.redis_url or servers.redis_url,
            }
        )


@contextlib.asynccontextmanager
async def database_of(settings: Settings) -> AsyncIterator[Database]:
    """The database that an operator's command is for: the one named, else that in the data
    directory, which is run meanwhile unless another process runs it.

    Nothing is made: raises `NoDatabaseError` where there is none, as in a directory that is not the
    one meant. Raises `DirectoryBusyError` while another process begins there.
    """
    if settings.database_url:
        yield Database(settings.database_url, settings.owner_database_url)
        return
    if not data_directory.has_database(settings.data_dir):
        raise NoDatabaseError(
            f"there is no database in {settings.data_dir.absolute()}: set PARLEY_DATA_DIR or "
            "PARLEY_DATABASE_URL as for the server; `parley serve` makes a new one"
        )
    async with data_directory.database_running(settings.data_dir) as servers:
        if servers.database_url is None:
            raise NoDatabaseError(
                f"the instance in {settings.data_dir.absolute()} uses a database elsewhere: set "
                "PARLEY_DATABASE_URL as for the server"
            )
        yield Database(servers.database_url, servers.owner_database_url)


class _Reloads:
    """What SIGHUP asks for; what it asks before there are workers is done once they are up."""

    def __init__(self) -> None:
        self._reload: Callable[[], None] | None = None
        self._is_waiting = False

    def ask(self) -> None:
        """Read the settings anew."""
        if self._reload is None:
            self._is_waiting = True
        else:
            self._reload()

    def go_to(self, reload: Callable[[], None]) -> None:
        """From here on do it so."""
        self._reload = reload
        if self._is_waiting:
            reload()


async def _serve(settings: Settings, given: Given) -> None:
    ended = ended_by_signals()
    # A settings file is read anew by a supervisor only, hence by that of one worker too.
    is_alone = settings.workers == 1 and settings.settings_file is None
    reloads = _Reloads()
    # Before all else: unheard, it would end the process in the middle of a migration, and leave
    # embedded servers behind. Under nohup a single process goes on.
    if not (is_alone and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN):
        asyncio.get_running_loop().add_signal_handler(
            signal.SIGHUP, ended.set if is_alone else reloads.ask
        )
    own_data = settings.data_dir if settings.database_url is None else None
    exposure.refuse_play_money(settings)
    exposure.refuse_test_clock(settings)
    exposure.refuse_outbound_http(settings)
    check_key_file(settings)
    exposure.warn(settings)
    _see_doors_free(settings)
    if own_data is None and settings.redis_url is None:
        # Events go through Redis: nodes that share the database alone would not hear each other.
        log.warning(
            "redis_is_our_own",
            data_dir=str(settings.data_dir.absolute()),
            do="set PARLEY_REDIS_URL where another node uses this database",
        )
    async with standing_on(settings.with_secrets()) as ready:
        assert ready.database_url is not None
        assert ready.redis_url is not None
        database = Database(ready.database_url, ready.owner_database_url)
        if settings.redis_url is not None:
            await redis_check.check(ready.redis_url, is_cluster=ready.redis_cluster)
        await migration.at_start(database, ready.migration_wait_s, is_own=own_data is not None)
        await clock_check.check(ready)
        sample = await _sample_people(ready, own_data)
        first = (given, settings)
        async with _one_process(ready) if is_alone else _workers(ready, first, reloads) as ports:
            log.info(
                "serving",
                version=version("parley"),
                ws_port=ports.ws,
                http_port=ports.http,
                workers=ready.workers,
            )
            with contextlib.suppress(BrokenPipeError):  # nobody has to read it
                print(welcome(ready, ports, own_data, sample), flush=True)
            collect_less()
            await ended.wait()
            log.info("ending")
    log.info("ended")


def _see_doors_free(settings: Settings) -> None:
    """Before servers are started and the schema is made: that takes a while."""
    see_free(settings.host, settings.ws_port, "PARLEY_WS_PORT")
    see_free(settings.host, settings.http_port, "PARLEY_HTTP_PORT")
    if settings.metrics_port is not None:
        see_free(
            settings.metrics_host,
            settings.metrics_port,
            "PARLEY_METRICS_PORT",
            "PARLEY_METRICS_HOST",
        )


async def _sample_people(settings: Settings, own_data: Path | None) -> seed.Sample | None:
    """Put sample people into a new database of our own; None when nobody can be told of any."""
    assert settings.database_url is not None
    if own_data is not None:
        is_outside = settings.faces_outside
        if settings.sample_people == "always" or (
            settings.sample_people == "auto" and not is_outside
        ):
            made = seed.sample_for(is_outside=is_outside)
            if await seed.seed(settings.database_url, made.password):
                return made
        if await seed.has_sample_password(settings.database_url):
            if not is_outside:
                return seed.sample_for(is_outside=False)
            people = [one.email for one in (*seed.ACCOUNTS, seed.STAFF)]
            log.warning("sample_password_refused", people=people)
    return None


@contextlib.asynccontextmanager
async def _one_process(settings: Settings) -> AsyncIterator[Ports]:
    """Serve in this process."""
    async with app.running(settings) as running:
        yield Ports(running.ws_port, running.http_port)


async def _may_take(before: Terms, terms: Terms) -> bool:
    """Whether another Redis can be used: workers come up without it, and would tell nobody."""
    if all(before.settings.get(name) == terms.settings.get(name) for name in _OF_REDIS):
        return True
    settings = config.checked(dict(terms.settings))
    assert settings.redis_url is not None
    try:
        await redis_check.check(settings.redis_url, is_cluster=settings.redis_cluster)
    except redis_check.RedisUnusableError as error:
        log.error("settings_refused", reasons=[str(error)])  # noqa: TRY400 - no fault of ours
        return False
    return True


@contextlib.asynccontextmanager
async def _workers(
    settings: Settings, first: tuple[Given, Settings], reloads: _Reloads
) -> AsyncIterator[Ports]:
    """Serve in several processes; SIGHUP reads the settings anew and replaces them one by one."""
    given, as_set = first
    with (
        worker_sockets.opened(
            settings.host, settings.ws_port, settings.http_port, settings.workers
        ) as places,
        # Not in the data directory: the path of a socket is limited to a hundred characters.
        tempfile.TemporaryDirectory(prefix="parley-", ignore_cleanup_errors=True) as figures,
    ):
        ports = Ports(places[0].ws.getsockname()[1], places[0].http.getsockname()[1])
        reloading = Reloading(given, as_set, settings, Path(figures))
        supervisor = Supervisor(places, reloading.first(), _may_take)

        def reload() -> None:
            terms = reloading.again()
            if terms is not None:
                supervisor.restart(terms)

        async with supervisor.running():
            reloads.go_to(reload)
            yield ports
