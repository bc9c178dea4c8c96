"""What SIGHUP takes of the settings, without any process."""

from pathlib import Path

import pytest

from server import config
from server.processes.reloading import Given, Reloading


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    file = tmp_path / "parley.settings"
    monkeypatch.setenv("PARLEY_SETTINGS_FILE", str(file))
    return file


@pytest.fixture
def reloading(file: Path) -> Reloading:
    """Of an instance whose servers are its own."""
    file.write_text("")
    settings = config.load({})
    standing_on = {
        "secret_key": "k" * 32,
        "provider_secret": "p" * 32,
        "mail_secret": "m" * 32,
        "database_url": "postgresql://a@h/d",
        "redis_url": "redis://h",
    }
    return Reloading(Given({}, {}), settings, config.checked(standing_on), file.parent)


def test_what_needs_a_restart_stays_and_the_rest_is_taken(file: Path, reloading: Reloading) -> None:
    file.write_text("PARLEY_REDIS_URL=redis://other\nPARLEY_DRAIN_S=7")
    terms = reloading.again()
    assert terms is not None
    assert (terms.settings["redis_url"], terms.drain_s) == ("redis://h", 7.0)


def test_what_is_wrong_without_what_needs_a_restart_is_refused(
    file: Path, reloading: Reloading, logs: list[dict[str, object]]
) -> None:
    file.write_text("PARLEY_REDIS_URL=redis://other\nPARLEY_REDIS_CLUSTER=1")
    assert reloading.again() is None
    events = [line["event"] for line in logs]
    assert events == ["settings_need_restart", "settings_refused"]
    assert "needs a PARLEY_REDIS_URL" in str(logs[-1]["reasons"])


def test_workers_get_the_secrets_that_were_made(file: Path, reloading: Reloading) -> None:
    terms = reloading.again()
    assert terms is not None
    secrets = {"secret_key": "k" * 32, "provider_secret": "p" * 32, "mail_secret": "m" * 32}
    assert secrets.items() <= terms.settings.items()
    file.write_text("PARLEY_PROVIDER_SECRET=another secret of the provider")
    terms = reloading.again()
    assert terms is not None
    assert terms.settings["provider_secret"] == "another secret of the provider"


def test_play_money_is_not_taken_on_where_others_reach_the_doors(
    file: Path, reloading: Reloading, logs: list[dict[str, object]]
) -> None:
    file.write_text("PARLEY_PUBLIC_URL=https://chat.example.com")
    assert reloading.again() is None
    assert logs[-1]["event"] == "settings_refused"
    assert "PARLEY_ALLOW_PLAY_MONEY" in str(logs[-1]["reasons"])


def test_a_clock_that_may_be_moved_needs_a_restart(
    file: Path, reloading: Reloading, logs: list[dict[str, object]]
) -> None:
    file.write_text("PARLEY_TEST_CLOCK=1")
    terms = reloading.again()
    assert terms is not None
    assert logs[0]["names"] == ["PARLEY_TEST_CLOCK"]
    assert "test_clock" not in terms.settings
