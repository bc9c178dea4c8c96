"""Configuration: the order of its sources, what it refuses and how it says so, what it hides."""

import contextlib
import stat

import pytest

from protocol.limits import Limits
from server import config
from server.cli import command_line


@pytest.fixture(autouse=True)
def _no_parley_variables(monkeypatch):
    for name in (*config.Settings.model_fields, *(f"limit_{n}" for n in Limits.__struct_fields__)):
        monkeypatch.delenv(f"PARLEY_{name.upper()}", raising=False)


def test_nothing_set_means_an_embedded_server_on_the_known_ports():
    settings = config.load()
    assert settings.database_url is None
    assert settings.redis_url is None
    assert (settings.host, settings.http_port, settings.ws_port) == ("127.0.0.1", 8080, 8765)
    assert settings.rate_limits is True
    assert settings.limits == Limits()


def test_environment_over_defaults_and_flags_over_environment(monkeypatch):
    monkeypatch.setenv("PARLEY_HTTP_PORT", "9000")
    monkeypatch.setenv("PARLEY_WS_PORT", "9001")
    monkeypatch.setenv("PARLEY_LIMIT_CONTENT_CHARS", "10")
    monkeypatch.setenv("PARLEY_LIMIT_ATTACHMENTS", "3")
    settings = config.load({"ws_port": "9002", "limit_attachments": "4"})
    assert (settings.http_port, settings.ws_port) == (9000, 9002)
    assert (settings.limits.content_chars, settings.limits.attachments) == (10, 4)


def test_rate_limits_are_switched_off_by_a_word(monkeypatch):
    monkeypatch.setenv("PARLEY_RATE_LIMITS", "off")
    assert config.load().rate_limits is False


def test_lists_are_given_by_commas(monkeypatch):
    monkeypatch.setenv("PARLEY_ALLOWED_ORIGINS", "https://a.example, https://b.example")
    monkeypatch.setenv("PARLEY_TRUSTED_PROXIES", "10.0.0.0/8,::1")
    settings = config.load()
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "::1/128"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PARLEY_HTTP_PORT", "70000"),
        ("PARLEY_WS_PORT", "ws"),
        ("PARLEY_DATABASE_URL", "mysql://localhost/x"),
        ("PARLEY_REDIS_URL", "localhost:6379"),
        ("PARLEY_REDIS_CLUSTER", "1"),
        ("PARLEY_RATE_LIMITS", "maybe"),
        ("PARLEY_TRUSTED_PROXIES", "everyone"),
        ("PARLEY_ALLOWED_ORIGINS", "app.example"),
        ("PARLEY_ALLOWED_ORIGINS", "https://a.example,https://b.example/page"),
        ("PARLEY_ALLOWED_ORIGINS", "https://a.example:99999"),
        ("PARLEY_ALLOWED_ORIGINS", "null"),
        ("PARLEY_SECRET_KEY", "short"),
        ("PARLEY_LOG_LEVEL", "loud"),
        ("PARLEY_SILENCE_S", "30"),
        ("PARLEY_GROUP_MAX", "0"),
        ("PARLEY_LIMIT_CONTENT_CHARS", "many"),
        ("PARLEY_LIMIT_QUEUE_BYTES", "-1"),
    ],
)
def test_a_wrong_value_names_itself_and_nothing_starts(name, value, monkeypatch, capsys):
    monkeypatch.setenv(name, value)
    assert command_line.main(["config"]) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"{name}: ")
    assert captured.out == ""


@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("redis://node-1:7000", True),
        ("rediss://user:word@node-1:7000/0", True),
        ("redis://node-1:7000/3", False),
        ("unix:///run/redis.sock", False),
    ],
)
def test_a_cluster_is_reached_by_any_node_and_has_one_database(url, is_good, monkeypatch):
    monkeypatch.setenv("PARLEY_REDIS_CLUSTER", "1")
    monkeypatch.setenv("PARLEY_REDIS_URL", url)
    with contextlib.nullcontext() if is_good else pytest.raises(config.ConfigurationError):
        assert config.load().redis_cluster


def test_all_wrong_values_are_named_at_once(monkeypatch):
    monkeypatch.setenv("PARLEY_HTTP_PORT", "x")
    monkeypatch.setenv("PARLEY_LIMIT_PAGE_MAX", "y")
    with pytest.raises(config.ConfigurationError) as raised:
        config.load()
    assert "PARLEY_HTTP_PORT" in str(raised.value)
    assert "PARLEY_LIMIT_PAGE_MAX" in str(raised.value)


def test_config_shows_what_is_in_force_and_no_secret(monkeypatch, capsys):
    monkeypatch.setenv("PARLEY_DATABASE_URL", "postgresql://me:hunter2@db.example:5432/parley")
    monkeypatch.setenv("PARLEY_SECRET_KEY", "a-secret-of-sufficient-length")
    monkeypatch.setenv("PARLEY_LIMIT_WATCHES", "7")
    assert command_line.main(["config", "--http-port", "9000"]) == 0
    shown = capsys.readouterr().out
    assert "PARLEY_HTTP_PORT=9000" in shown
    assert "PARLEY_LIMIT_WATCHES=7" in shown
    assert "db.example" in shown
    assert "hunter2" not in shown
    assert "sufficient" not in shown


def test_config_says_what_each_setting_and_limit_is_for(capsys):
    assert command_line.main(["config"]) == 0
    for line in capsys.readouterr().out.splitlines():
        assert line.partition(" # ")[2], line


def test_a_wrong_secret_is_not_repeated(monkeypatch, capsys):
    monkeypatch.setenv("PARLEY_DATABASE_URL", "mysql://me:hunter2@db.example/x")
    assert command_line.main(["config"]) == 2
    assert "hunter2" not in capsys.readouterr().err


def test_a_misspelt_name_is_told(monkeypatch, capsys):
    monkeypatch.setenv("PARLEY_HTPP_PORT", "1")
    assert command_line.main(["config"]) == 0
    assert "PARLEY_HTPP_PORT" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["secret_key", "provider_secret", "mail_secret"])
def test_a_secret_is_made_once_and_kept_for_its_owner_alone(tmp_path, name):
    settings = config.load({"data_dir": str(tmp_path / "data")})
    first = getattr(settings.with_secrets(), name)
    assert first is not None
    assert len(first.get_secret_value()) >= 32
    assert stat.S_IMODE((tmp_path / "data" / name).stat().st_mode) == 0o600
    assert getattr(settings.with_secrets(), name) == first
    given = config.load({"data_dir": str(tmp_path / "data"), name: "a secret that is given"})
    assert getattr(given.with_secrets(), name).get_secret_value() == "a secret that is given"


def test_settings_never_show_a_password(monkeypatch):
    monkeypatch.setenv("PARLEY_DATABASE_URL", "postgresql://me:hunter2@db.example:5432/parley")
    assert "hunter2" not in repr(config.load())


@pytest.mark.parametrize("port", ["99999", "many", "0"])
def test_a_port_in_a_url_that_is_none_is_told(monkeypatch, port):
    monkeypatch.setenv("PARLEY_REDIS_URL", f"redis://:secret@127.0.0.1:{port}/0")
    with pytest.raises(config.ConfigurationError) as raised:
        config.load()
    assert str(raised.value).startswith("PARLEY_REDIS_URL: ")
    assert "secret" not in str(raised.value)


def test_a_database_may_have_several_hosts(monkeypatch):
    url = "postgresql://ada@one:5432,two:5433/parley"
    monkeypatch.setenv("PARLEY_DATABASE_URL", url)
    assert config.load().database_url == url


def test_the_doors_have_a_port_each(monkeypatch):
    monkeypatch.setenv("PARLEY_HTTP_PORT", "9000")
    taken = ({"ws_port": "9000"}, {"ws_port": "9001", "metrics_port": "9001"})
    for other in (*taken, {"metrics_port": "9000"}):
        with pytest.raises(config.ConfigurationError, match="should be a port each"):
            config.load(other)
    assert config.load({"http_port": "0", "ws_port": "0"}).ws_port == 0


def test_a_short_secret_is_told_in_characters_and_not_shown(monkeypatch):
    monkeypatch.setenv("PARLEY_SECRET_KEY", "hunter2")
    with pytest.raises(config.ConfigurationError) as raised:
        config.load()
    assert str(raised.value) == "PARLEY_SECRET_KEY: should have at least 16 characters"


@pytest.mark.parametrize("password", ["se/cret", "se?cret", "se#cret"])
def test_a_part_of_a_password_is_not_told(monkeypatch, password):
    monkeypatch.setenv("PARLEY_DATABASE_URL", f"postgresql://me:{password}@db.example/parley")
    with pytest.raises(config.ConfigurationError, match="PARLEY_DATABASE_URL: is no URL") as raised:
        config.load()
    assert "se" not in str(raised.value).replace("password has", "")
