"""The settings file: its lines, its place among the sources, what is wrong with it."""

import pytest

from server import config
from server.cli import command_line

GOOD = """\
# Of the instance in Berlin.

PARLEY_HTTP_PORT=9000
  PARLEY_WS_PORT = 9001   # behind nginx
PARLEY_LIMIT_ATTACHMENTS='3'
PARLEY_S3_PREFIX="a # b"
PARLEY_DATABASE_URL=postgresql://me:a@db.example/parley#b
PARLEY_ALLOWED_ORIGINS=
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    for name in config.variables():
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "parley.settings"
    monkeypatch.setenv("PARLEY_SETTINGS_FILE", str(path))
    return path


def test_lines_comments_and_quotes(file):
    file.write_text(GOOD)
    settings = config.load()
    assert (settings.http_port, settings.ws_port) == (9000, 9001)
    assert settings.limits.attachments == 3
    assert settings.s3_prefix == "a # b"
    assert settings.database_url == "postgresql://me:a@db.example/parley#b"
    assert settings.allowed_origins == ()
    assert settings.settings_file == file


def test_environment_and_flags_go_before_it(file, monkeypatch):
    file.write_text(
        "PARLEY_HTTP_PORT=1\nPARLEY_WS_PORT=2\nPARLEY_METRICS_PORT=3\n"
        "PARLEY_LIMIT_PINS=4\nPARLEY_LIMIT_WATCHES=5\nPARLEY_LIMIT_BLOCKS=6\n"
    )
    monkeypatch.setenv("parley_http_port", "10")
    monkeypatch.setenv("PARLEY_LIMIT_PINS", "40")
    settings = config.load({"ws_port": "20", "limit_watches": "50"})
    assert (settings.http_port, settings.ws_port, settings.metrics_port) == (10, 20, 3)
    limits = settings.limits
    assert (limits.pins, limits.watches, limits.blocks) == (40, 50, 6)


def test_a_flag_may_name_it(file, tmp_path):
    other = tmp_path / "other"
    other.write_text("PARLEY_HTTP_PORT=9100")
    assert config.load({"settings_file": str(other)}).http_port == 9100


def test_an_empty_name_is_none(file, monkeypatch):
    monkeypatch.setenv("PARLEY_SETTINGS_FILE", "")
    assert config.load().settings_file is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("PARLEY_HTTP_PROT=1", "line 1: PARLEY_HTTP_PROT: not a setting of Parley"),
        ("\nPATH=/bin", "line 2: PATH: not a setting of Parley"),
        ("export PARLEY_HTTP_PORT=1", "line 1: should be PARLEY_NAME=value"),
        ("hunter2", "line 1: should be PARLEY_NAME=value"),
        ("PARLEY_HTTP_PORT=1\nPARLEY_HTTP_PORT=2", "line 2: PARLEY_HTTP_PORT: is there twice"),
        ("PARLEY_SETTINGS_FILE=x", "a settings file names no other"),
        ("PARLEY_HTTP_PORT=many", "PARLEY_HTTP_PORT: Input should be a valid integer"),
        (b"\xff\xfe", "is not text in UTF-8"),
        ("#" * (1 << 20) + "#", "is longer than 1048576 bytes"),
    ],
)
def test_what_is_wrong_is_told(file, capsys, text, says):
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert command_line.main(["config"]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert "hunter2" not in told.err
    assert told.out == ""


def test_all_that_is_wrong_is_told_at_once(file, capsys):
    file.write_text("one\nPARLEY_HTTP_PROT=1\n")
    assert command_line.main(["config"]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_a_value_that_is_not_in_force_is_told(file, capsys, monkeypatch):
    file.write_text("PARLEY_HTTP_PORT=1\nPARLEY_WS_PORT=2\nPARLEY_LIMIT_PINS=4\nPARLEY_DRAIN_S=3\n")
    monkeypatch.setenv("PARLEY_HTTP_PORT", "10")
    monkeypatch.setenv("parley_limit_pins", "4")
    assert command_line.main(["config", "--drain-s", "4"]) == 0
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(":")[0] for line in told] == ["PARLEY_HTTP_PORT", "PARLEY_DRAIN_S"]
    assert all("a flag or the environment goes before" in line for line in told)


def test_one_that_is_not_there(file, capsys):
    assert command_line.main(["config"]) == 2
    assert capsys.readouterr().err == f"PARLEY_SETTINGS_FILE: {file}: No such file or directory\n"
    file.mkdir()
    assert command_line.main(["config"]) == 2
    assert capsys.readouterr().err == f"PARLEY_SETTINGS_FILE: {file}: should be a file\n"
