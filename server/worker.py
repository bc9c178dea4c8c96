"""A worker under its oldest name, by which supervisors of earlier versions start it on SIGHUP.

The next release may remove it: those of the version before this one start
`server.processes.worker`, and those of this one `server.processes.entry`.
"""

import sys

from server.processes.worker import main

if __name__ == "__main__":
    sys.exit(main())
