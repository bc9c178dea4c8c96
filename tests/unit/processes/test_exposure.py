"""What an operator is warned of where others than this machine reach the doors."""

import base64

import pytest

from protocol.limits import Limits
from server import config
from server.cli import command_line
from server.processes import exposure

SAFE = {
    "host": "0.0.0.0",
    "public_url": "https://chat.example.com",
    "secret_key": "xV2l0gk5n1jPqz8w7Rt4",
    "provider": "none",
    "vapid_key_file": "/etc/parley/vapid.pem",
    "mail_secret": "Jd9rT0bq1LmZkW3sYx7a",
}


@pytest.fixture(autouse=True)
def _no_parley_variables(monkeypatch):
    for name in (*config.Settings.model_fields, *(f"limit_{n}" for n in Limits.__struct_fields__)):
        monkeypatch.delenv(f"PARLEY_{name.upper()}", raising=False)


def warned(logs):
    return [line["setting"] for line in logs if line["event"] == "insecure_setting"]


@pytest.mark.parametrize(
    ("host", "is_loopback"),
    [
        ("127.0.0.1", True),
        ("127.8.0.9", True),
        ("::1", True),
        ("[::1]", True),
        ("::ffff:127.0.0.1", True),
        ("localhost", True),
        ("LocalHost.", True),
        ("0.0.0.0", False),
        ("::", False),
        ("", False),
        ("192.0.2.1", False),
        ("::ffff:192.0.2.1", False),
        ("localhost.example.com", False),
        ("chat.example.com", False),
    ],
)
def test_which_addresses_are_of_this_machine_alone(host, is_loopback):
    assert config.is_loopback(host) is is_loopback
    assert config.load({"host": host}).faces_outside is not is_loopback


@pytest.mark.parametrize(
    ("name", "value", "faces_outside"),
    [
        ("public_url", "https://chat.example.com", True),
        ("public_url", "http://127.0.0.1:8080", False),
        ("public_url", "http://[::1]:8080", False),
        ("trusted_proxies", "127.0.0.1", True),
    ],
)
def test_a_proxy_before_a_loopback_address_leads_outside(name, value, faces_outside):
    assert config.load({name: value}).faces_outside is faces_outside


def test_what_is_safe_is_not_warned_of(logs):
    exposure.warn(config.load(SAFE))
    assert warned(logs) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate_limits", "off"),
        ("allowed_origins", "https://a.example,*"),
        ("secret_key", "aaaaaaaaaaaaaaaaaaaaaaaa"),
        ("mail_secret", "aaaaaaaaaaaaaaaaaaaaaaaa"),
        ("public_url", "http://chat.example.com"),
        ("trusted_proxies", "10.0.0.0/8,0.0.0.0/0"),
        ("sample_people", "always"),
        ("database_url", "postgresql://parley:Postgres@db.example.com/parley?sslmode=verify-full"),
        ("database_url", "postgresql://parley:Qk3-kd9@db.example.com/parley"),
        ("redis_url", "rediss://cache.example.com"),
        ("redis_url", "redis://:Qk3-kd9@cache.example.com"),
    ],
)
def test_what_is_not_safe_is_warned_of_outside_only(name, value, logs):
    exposure.warn(config.load(SAFE | {name: value}))
    assert warned(logs) == [f"PARLEY_{name.upper()}"]
    assert not any("Qk3" in str(line) for line in logs)
    logs.clear()
    inside = {"host": "127.0.0.1", "public_url": "http://localhost:8080"}
    if name not in {"public_url", "trusted_proxies"}:  # these lead outside by themselves
        exposure.warn(config.load(SAFE | inside | {name: value}))
    assert warned(logs) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("database_url", "postgresql://parley@db.example.com/parley?sslmode=require"),
        ("database_url", "postgresql://parley:postgres@127.0.0.1/parley"),
        ("database_url", "postgresql:///parley?host=/run/postgresql"),
        ("redis_url", "rediss://:Qk3-kd9@cache.example.com"),
        ("redis_url", "unix:///run/valkey.sock"),
    ],
)
def test_servers_that_are_reached_safely_are_not_warned_of(name, value, logs):
    exposure.warn(config.load(SAFE | {name: value}))
    assert warned(logs) == []


@pytest.mark.parametrize("name", ["public_url", "secret_key", "vapid_key_file", "mail_secret"])
def test_what_is_unset_is_warned_of(name, logs):
    exposure.warn(config.load({n: SAFE[n] for n in SAFE if n != name}))
    assert warned(logs) == [f"PARLEY_{name.upper()}"]


@pytest.mark.parametrize(("mode", "is_warned_of"), [(0o600, 0), (0o640, 0), (0o644, 1), (0o602, 1)])
def test_a_settings_file_of_everybody_is_warned_of(mode, is_warned_of, tmp_path, logs):
    file = tmp_path / "parley.settings"
    file.write_text("PARLEY_REDIS_URL=redis://:Qk3-kd9@127.0.0.1")
    file.chmod(mode)
    exposure.warn(config.load(SAFE | {"settings_file": str(file)}))
    assert warned(logs) == ["PARLEY_SETTINGS_FILE"] * is_warned_of


@pytest.mark.parametrize(("mode", "is_warned_of"), [(0o600, 0), (0o640, 0), (0o644, 1), (0o602, 1)])
@pytest.mark.parametrize("name", ["vapid_key_file", "dkim_key_file", "smtp_password_file"])
@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0"])
def test_a_key_of_everybody_is_warned_of(name, host, mode, is_warned_of, tmp_path, logs):
    file = tmp_path / "secret"
    file.write_text(base64.b64encode(bytes(32)).decode())
    file.chmod(mode)
    mail = {"smtp_url": "smtp://me@mail.example", "mail_from": "a@b.example"}
    exposure.warn(config.load(SAFE | mail | {"host": host, name: str(file)}))
    assert warned(logs) == [f"PARLEY_{name.upper()}"] * is_warned_of


PLAY = SAFE | {"provider": "local"}


@pytest.mark.parametrize(
    "where",
    [
        {},
        {"host": "127.0.0.1"},  # public_url leads outside
        {"host": "127.0.0.1", "public_url": "http://localhost", "trusted_proxies": "10.0.0.0/8"},
    ],
)
def test_play_money_is_refused_where_others_could_pay_with_it(where, logs):
    with pytest.raises(config.ConfigurationError, match="PARLEY_ALLOW_PLAY_MONEY=1"):
        exposure.refuse_play_money(config.load(PLAY | where))
    allowed = config.load(PLAY | where | {"allow_play_money": "1"})
    exposure.refuse_play_money(allowed)
    exposure.warn(allowed)
    assert "PARLEY_ALLOW_PLAY_MONEY" in warned(logs)
    exposure.refuse_play_money(config.load(SAFE | where))


def test_play_money_is_for_this_machine_alone():
    exposure.refuse_play_money(config.load({}))


def test_a_server_does_not_start_with_it(capsys, tmp_path):
    data_dir = tmp_path / "data"
    assert command_line.main(["serve", "--host", "0.0.0.0", "--data-dir", str(data_dir)]) == 2
    assert "PARLEY_PROVIDER: is local" in capsys.readouterr().err
    assert not data_dir.exists()


@pytest.mark.parametrize("where", [{}, {"host": "127.0.0.1", "trusted_proxies": "10.0.0.0/8"}])
def test_nobody_outside_moves_the_clock(where):
    with pytest.raises(config.ConfigurationError, match="PARLEY_TEST_CLOCK"):
        exposure.refuse_test_clock(config.load(SAFE | where | {"test_clock": "1"}))
    exposure.refuse_test_clock(config.load(SAFE | where))
    exposure.refuse_test_clock(config.load({"test_clock": "1"}))
