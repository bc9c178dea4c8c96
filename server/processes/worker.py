"""Where a worker begins: `python -m server.processes.worker`, run by the supervisor.

Its modules take more than a second to load. Meanwhile the garbage collector would look through
hundreds of thousands of objects again and again, of which none can be freed.
"""

import gc
import sys

gc.disable()

from server.processes.worker_main import main  # noqa: E402  # what takes the second

gc.enable()

if __name__ == "__main__":
    sys.exit(main())
