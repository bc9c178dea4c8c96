"""Writes the derived files of the migration that made the marketplace's tables.

For as long as that migration has not landed; later changes are written into a new one.
"""

import sys
from pathlib import Path

from handlers.resources import RESOURCES
from handlers.resources.machines import MACHINES
from storage.resources.access import access_sql, machine_sql

SQL = Path(__file__).parents[1] / "storage" / "migrations" / "sql"

if __name__ == "__main__":
    (SQL / "0003_80_machines.sql").write_text(machine_sql(MACHINES))
    (SQL / "0003_90_access.sql").write_text(access_sql(RESOURCES.values()))
    sys.stdout.write("0003_80_machines.sql and 0003_90_access.sql written\n")
