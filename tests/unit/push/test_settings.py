"""The key file, the contact, and what is refused where others reach the server."""

import errno
import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from server import config
from server.config import ConfigurationError
from server.kept_secrets import kept_file
from server.notifications.push import KEY_FILE, check_key_file, vapid_of
from server.processes import exposure
from storage.push.vapid import new_key

OUTSIDE = {"host": "0.0.0.0", "provider": "none"}


def test_a_key_is_made_once_and_kept_for_its_owner_alone(tmp_path):
    settings = config.load({"data_dir": str(tmp_path / "data")})
    first = vapid_of(settings).public_key
    assert stat.S_IMODE((tmp_path / "data" / KEY_FILE).stat().st_mode) == 0o600
    assert vapid_of(settings).public_key == first
    assert [path.name for path in (tmp_path / "data").iterdir()] == [KEY_FILE]


def test_those_that_make_one_at_once_have_the_same(tmp_path):
    with ThreadPoolExecutor(8) as threads:
        made = {
            *threads.map(
                lambda n: kept_file(tmp_path, "key", lambda: str(n).encode()).read_text(), range(8)
            )
        }
    assert len(made) == 1


def test_a_kept_file_is_whole_whatever_a_process_left_that_died(tmp_path):
    left = tmp_path / ".key.unfinished"
    left.write_text("half of a k")
    left.chmod(0o644)
    (tmp_path / "key").touch()
    made = kept_file(tmp_path, "key", lambda: b"a key")
    assert made.read_bytes() == b"a key"
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_where_links_are_not_known_those_that_make_one_at_once_have_the_same(tmp_path, monkeypatch):
    """Each reads what it was given at once, before another can have made its own."""

    def refused(*_):
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refused)
    with ThreadPoolExecutor(8) as threads:
        for turn in range(50):
            makes = [lambda n=n: str(n).encode() for n in range(8)]
            read = lambda make, turn=turn: kept_file(tmp_path, f"key{turn}", make).read_bytes()  # noqa: E731  # one expression
            assert len({*threads.map(read, makes)}) == 1


def test_a_kept_key_that_is_broken_is_told_by_its_place(tmp_path):
    settings = config.load({"data_dir": str(tmp_path)})
    (tmp_path / KEY_FILE).write_text("no key")
    with pytest.raises(ConfigurationError, match=rf"^PARLEY_DATA_DIR: .*{KEY_FILE}.*remove it"):
        vapid_of(settings)


@pytest.mark.parametrize("text", ["", "no key", None])
def test_a_file_that_holds_none_is_told(tmp_path, text):
    file = tmp_path / "key.pem"
    if text is not None:
        file.write_text(text)
    settings = config.load({"vapid_key_file": str(file), "data_dir": str(tmp_path)})
    for check in (check_key_file, vapid_of):
        with pytest.raises(ConfigurationError, match=r"^PARLEY_VAPID_KEY_FILE: .*key\.pem"):
            check(settings)
    file.write_bytes(new_key())
    check_key_file(settings)


def test_only_a_named_file_is_looked_at_before_the_start(tmp_path):
    check_key_file(config.load({"data_dir": str(tmp_path / "data")}))
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("flags", "contact"),
    [
        ({}, None),
        ({"public_url": "https://parley.example"}, "https://parley.example"),
        ({"public_url": "http://parley.example"}, None),
        ({"vapid_subject": "mailto:a@b.example"}, "mailto:a@b.example"),
    ],
)
def test_push_services_are_told_whom_to_ask(flags, contact):
    assert config.load(flags).vapid_contact == contact


def test_a_push_takes_no_longer_than_its_lease_is_held():
    with pytest.raises(ConfigurationError, match="PARLEY_PUSH_TIMEOUT_S"):
        config.load({"push_timeout_s": "18"})
    assert config.load({"push_timeout_s": "17"}).push_timeout_s == 17


def test_a_contact_is_an_address():
    with pytest.raises(ConfigurationError, match="PARLEY_VAPID_SUBJECT"):
        config.load({"vapid_subject": "me"})


def test_plain_http_is_for_this_machine_alone():
    exposure.refuse_outbound_http(config.load({"outbound_http": "1"}))
    exposure.refuse_outbound_http(config.load(OUTSIDE))
    with pytest.raises(ConfigurationError, match="PARLEY_OUTBOUND_HTTP"):
        exposure.refuse_outbound_http(config.load({**OUTSIDE, "outbound_http": "1"}))


def test_who_faces_others_is_told_of_a_key_of_one_machine(tmp_path):
    named = dict(exposure.risks(config.load(OUTSIDE)))
    assert "of this machine alone" in named["vapid_key_file"]
    file = tmp_path / "key.pem"
    file.write_bytes(new_key())
    assert "vapid_key_file" not in dict(
        exposure.risks(config.load({**OUTSIDE, "vapid_key_file": str(file)}))
    )
