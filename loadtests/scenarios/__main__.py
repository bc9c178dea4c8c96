"""Load on a running server, as people make it: `make load`.

    python -m loadtests.scenarios [--scenario mixed-day] [--users 20] [--rate 5] [--time 60]

Looks whether the server is there and takes a load, then runs Locust without its web page, or with
it (`--web`). Leaves an HTML report and a plain table; the exit code is not 0 when anything failed.
"""

import argparse
import http.client
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from loadtests.scenarios.people import LIMITS_ON, RegistrationError, ask, register

SCENARIOS = {
    "pairs": "Pairs",
    "busy-group": "BusyGroup",
    "inbox": "Inbox",
    "receipts": "Receipts",
    "storm": "ReconnectStorm",
    "mixed-day": "MixedDay",
}
EVERYTHING = "all"

_FILE = Path(__file__).with_name("locustfile.py")
_ROOT = Path(__file__).parents[2]
_STOP_S = 15
_UNUSABLE = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run the scenario; Locust's exit code, or 2 when the server cannot be loaded."""
    given = _parse(argv)
    refusal = unusable(given.http)
    if refusal:
        print(refusal, file=sys.stderr)
        return _UNUSABLE
    given.report.mkdir(parents=True, exist_ok=True)
    page, table = given.report / "load.html", given.report / "table.txt"
    chosen = list(SCENARIOS.values())
    if given.scenario != EVERYTHING:
        chosen = [SCENARIOS[given.scenario]]
    command = [
        *(sys.executable, "-m", "locust", "-f", str(_FILE)),
        *("--host", given.http, "--ws", given.ws, "--storm-every", str(given.storm_every)),
        *("--users", str(given.users), "--spawn-rate", str(given.rate)),
        *("--run-time", f"{given.time:g}s", "--stop-timeout", str(_STOP_S)),
        *("--html", str(page), "--table", str(table)),
    ]
    if given.web:
        command += ["--web-host", "127.0.0.1", "--web-port", str(given.web_port), "--class-picker"]
        print(f"Locust's page: http://127.0.0.1:{given.web_port}; Ctrl-C ends it", flush=True)
    else:
        command += ["--headless", "--only-summary", *chosen]
    # Ctrl-C reaches Locust, which ends its users and leaves its report; we wait for it.
    signal.signal(signal.SIGINT, lambda *_: None)
    code = subprocess.run(  # noqa: S603  # Locust, with the options that we are given
        command, env=os.environ | {"PYTHONPATH": str(_ROOT)}, check=False
    ).returncode
    print(f"\nreport: {page}\ntable:  {table}")
    if code and not given.web:
        print("failures: see the table's last part", file=sys.stderr)
    return code


def unusable(http_url: str) -> str:
    """Why this server cannot be loaded, in a sentence; nothing if it can."""
    start = "start one with: make load-server"
    try:
        person = register(http_url)
        answer = ask(http_url, "GET", "/v1/conversations?limit=1", token=person.token)
    except RegistrationError as error:
        return f"{http_url}: {error}; {start}"
    except (OSError, http.client.HTTPException) as error:
        return f"no server at {http_url} ({error}); {start}"
    if "ratelimit-policy" in answer.headers:
        return f"{http_url}: {LIMITS_ON}; {start}"
    return ""


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m loadtests.scenarios",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--http", default="http://127.0.0.1:8080", help="the HTTP door")
    parser.add_argument("--ws", default="ws://127.0.0.1:8765/v1/ws", help="the WebSocket door")
    parser.add_argument("--scenario", choices=[*SCENARIOS, EVERYTHING], default="mixed-day")
    parser.add_argument("--users", type=int, default=20)
    parser.add_argument("--rate", type=float, default=5.0, help="users that come a second")
    parser.add_argument("--time", type=float, default=60.0, help="seconds")
    parser.add_argument("--storm-every", type=float, default=10.0, help="seconds, of `storm`")
    parser.add_argument("--report", type=Path, default=Path("build/load"), help="where to leave it")
    parser.add_argument("--web", action="store_true", help="Locust's web page, on loopback")
    parser.add_argument("--web-port", type=int, default=8089)
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
