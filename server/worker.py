"""A worker under its old name, by which a supervisor of the version before starts it on SIGHUP.

The next release may remove it, as a supervisor of this one starts `server.processes.worker`.
"""

import sys

from server.processes.worker_main import main

if __name__ == "__main__":
    sys.exit(main())
