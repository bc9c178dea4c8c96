"""Prints what a migration needs for resources that are new or other than before.

`python -m tests.access_sql user-tools`: grants by column, policies by row and triggers, derived
from the declarations. What they replace has to be dropped by hand.
"""

import sys

from handlers.resources import RESOURCES
from storage.resources.access import access_sql

if __name__ == "__main__":
    sys.stdout.write(access_sql(RESOURCES[path] for path in sys.argv[1:]))
