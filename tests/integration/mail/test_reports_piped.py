"""What the guide lets a mail server do with each report: the script as it stands there."""

import asyncio
import shutil
from uuid import uuid4

import pytest

from tests.integration.own_servers.guide import script
from tests.unit.mail.test_bounces import report

SECRET = "the secret of mail events"
TEMPORARY = 75
"""EX_TEMPFAIL of sysexits.h: the mail server keeps the mail, and tries again."""

if not (shutil.which("curl") and shutil.which("openssl")):
    pytest.skip("curl and openssl are needed", allow_module_level=True)


@pytest.fixture
def pipe(tmp_path):
    """Runs the script with a report against a port; its exit code."""
    secret = tmp_path / "mail-events"
    secret.write_text(f"{SECRET}\n")

    async def piped(raw, port):
        text = script("report=").replace("/etc/parley/mail-events", str(secret))
        text = text.replace("https://parley.example/", f"http://127.0.0.1:{port}/")
        file = tmp_path / "pipe.sh"
        file.write_text(text)
        run = await asyncio.create_subprocess_exec("sh", file, stdin=asyncio.subprocess.PIPE)
        await run.communicate(raw)
        return run.returncode

    return piped


async def test_a_report_is_taken_and_what_is_none_is_dropped(serve, pipe):
    async with serve(mail_events_secret=SECRET) as served:
        mail, port = served.app.core.mail, served.app.http_port
        long = report(ids=mail.ids).replace(b"Hello", b"Hello\n" * 30_000)
        assert await pipe(long, port) == 0
        (found,) = await mail.suppressions.of(["ben@example.org"])
        assert found.reason == "hard"
        assert await pipe(b"From: a@b.org\n\nI am away.\n", port) == 0


async def test_a_report_is_kept_while_nothing_answers(serve, pipe):
    async with serve(mail_events_secret="another secret of them") as served:
        port = served.app.http_port
        assert await pipe(report(message_id=f"<{uuid4()}@a>"), port) == TEMPORARY
    assert await pipe(report(), port) == TEMPORARY
