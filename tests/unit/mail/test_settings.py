"""What is set about mail: what is refused, and what comes of it."""

import pytest

from protocol.limits import Limits
from server import config
from server.cli import command_line

URL = "smtp://me:hunter2@mail.example:2525"
HERE = {"public_url": "https://parley.example"}


@pytest.fixture(autouse=True)
def _no_parley_variables(monkeypatch):
    for name in (*config.Settings.model_fields, *(f"limit_{n}" for n in Limits.__struct_fields__)):
        monkeypatch.delenv(f"PARLEY_{name.upper()}", raising=False)


def test_a_server_is_made_of_its_url():
    given = {
        "smtp_url": "smtp://me%40x:hunter%2F2@mail.example",
        "mail_from": "a@bücher.example",
    } | HERE
    server = config.load(given).smtp_server
    assert server is not None
    assert (server.host, server.port, server.tls) == ("mail.example", 587, "starttls")
    assert (server.user, server.password) == ("me@x", "hunter/2")
    assert (server.sender, server.helo) == ("a@xn--bcher-kva.example", "xn--bcher-kva.example")
    other = config.load(given | {"smtp_tls": "tls", "mail_bounces_to": "b@c.example"}).smtp_server
    assert other is not None
    assert (other.port, other.sender) == (465, "b@c.example")
    assert config.load({"mail_from": "a@b.example"}).smtp_server is None


def test_a_password_may_be_in_a_file(tmp_path):
    (tmp_path / "password").write_text("hunter2\n")
    given = {"smtp_url": "smtp://me@mail.example", "mail_from": "a@b.example"} | HERE
    server = config.load(given | {"smtp_password_file": str(tmp_path / "password")}).smtp_server
    assert server is not None
    assert server.password == "hunter2"
    assert "hunter2" not in repr(server)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("smtp_url", {"smtp_url": "http://mail.example"}),
        ("smtp_url", {"smtp_url": "smtp://"}),
        ("mail_from", {"smtp_url": URL} | HERE),
        ("public_url", {"smtp_url": URL, "mail_from": "a@b.example"}),
        ("public_url", {"public_url": "https://bücher.example"}),
        ("public_url", {"public_url": "https://parley.example/a b"}),
        ("mail_settings_path", {"mail_settings_path": "/einstellungen für mails"}),
        ("mail_from", {"mail_from": "a"}),
        ("mail_from", {"mail_from": "jörg@b.example"}),
        ("mail_from", {"mail_from": "a@b.example\nBcc: c@d.example"}),
        ("mail_domain", {"mail_domain": "a b"}),
        ("smtp_tls", {"smtp_url": URL, "mail_from": "a@b.example", "smtp_tls": "none"} | HERE),
        ("smtp_timeout_s", {"smtp_timeout_s": "36"}),
        ("smtp_password_file", {"smtp_password_file": "/nothing"}),
        (
            "smtp_password_file",
            {"smtp_url": "smtp://me@b.example", "mail_from": "a@b.example"}
            | {"smtp_password_file": "/nothing"}
            | HERE,
        ),
        ("dkim_key_file", {"dkim_key_file": "/nothing"}),
        ("dkim_key_file", {"dkim_key_file": "/nothing", "mail_from": "a@b.example"}),
        ("dkim_selector", {"dkim_selector": "a b"}),
        ("mail_events_secret", {"mail_events_secret": "short"}),
    ],
)
def test_what_cannot_be_is_refused_by_its_name(name, given):
    with pytest.raises(config.ConfigurationError) as raised:
        config.load(given)
    assert str(raised.value).startswith(f"PARLEY_{name.upper()}: ")
    assert "hunter2" not in str(raised.value)


def test_a_password_goes_to_this_machine_without_tls():
    given = {"smtp_url": "smtp://me:hunter2@127.0.0.1", "mail_from": "a@b.example"} | HERE
    server = config.load(given | {"smtp_tls": "none"}).smtp_server
    assert server is not None
    assert server.port == 25


def test_the_password_is_not_shown(monkeypatch, capsys):
    monkeypatch.setenv("PARLEY_SMTP_URL", URL)
    monkeypatch.setenv("PARLEY_MAIL_FROM", "a@b.example")
    monkeypatch.setenv("PARLEY_PUBLIC_URL", "https://parley.example")
    assert command_line.main(["config"]) == 0
    shown = capsys.readouterr().out
    assert "mail.example" in shown
    assert "hunter2" not in shown
    assert "hunter2" not in repr(config.load())
