"""An instance for one run: its servers, its data and its clock are gone at the end."""

import contextlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from server import app
from server.config import Settings
from server.processes import migration
from server.processes.migration import Database
from storage.embedded import data_directory

_MIGRATION_S = 120.0


_DEFAULTS = {name: field.get_default() for name, field in Settings.model_fields.items()}
"""Named one by one: what the environment says is about another instance."""


@contextlib.asynccontextmanager
async def running() -> AsyncIterator[tuple[app.App, Settings]]:
    """An instance whose clock can be moved, in a temporary directory, on free ports."""
    # PostgreSQL's data may belong to another account, which removes none of the directory's.
    with tempfile.TemporaryDirectory(prefix="parley-demo-", ignore_cleanup_errors=True) as above:
        own = {"data_dir": Path(above) / "parley", "http_port": 0, "ws_port": 0, "test_clock": True}
        settings = Settings(**_DEFAULTS | own).with_secrets()
        async with data_directory.running(settings.data_dir, durable=False) as servers:
            assert servers.database_url is not None
            ready = settings.model_copy(
                update={
                    "database_url": servers.database_url,
                    "owner_database_url": servers.owner_database_url,
                    "redis_url": servers.redis_url,
                }
            )
            database = Database(servers.database_url, servers.owner_database_url)
            await migration.at_start(database, _MIGRATION_S, is_own=True)
            async with app.running(ready) as served:
                yield served, ready
