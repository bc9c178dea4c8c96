"""Which pages may use the doors."""

import pytest

from server.doors.origins import Origins, canonical


def origins(*allowed, public_url=None, http_port=8080):
    found = Origins(allowed, public_url)
    found.http_port = http_port
    return found


@pytest.mark.parametrize(
    ("origin", "host", "may"),
    [
        ("http://localhost:8080", "localhost:8080", True),  # the HTTP door's page, at its door
        ("http://localhost:8080", "localhost:8765", True),  # the same, at the other door
        ("https://chat.example", "chat.example", True),  # behind a proxy that ends TLS
        ("https://CHAT.example:443", "chat.example", True),
        ("http://[::1]:8080", "[::1]:8765", True),
        ("http://localhost:3000", "localhost:8765", False),
        ("http://localhost", "localhost:8765", False),
        ("https://evil.example", "chat.example", False),
        ("https://chat.example.evil.example", "chat.example", False),
        ("null", "localhost:8765", False),
        ("null", "", False),
        ("", "", False),
        ("file://", "", False),
        ("app://localhost", "localhost", False),
        ("http://localhost:99999", "localhost:8765", False),
        ("http://localhost:8080", "localhost:99999", False),
        ("http://[", "localhost", False),
    ],
)
def test_pages_of_our_own(origin, host, may):
    assert origins().allow(origin, host) is may


def test_listed_and_public_ones_in_every_spelling():
    found = origins("https://app.example/", "HTTPS://B.example:443", public_url="https://c.example")
    for origin in ("https://app.example", "https://b.example", "https://c.example"):
        assert found.allow(origin, "127.0.0.1:8765")
    for origin in ("http://app.example", "https://app.example:8443", "http://c.example"):
        assert not found.allow(origin, "127.0.0.1:8765")


def test_any_is_any():
    for origin in ("https://evil.example", "null", "http://a:99999"):
        assert origins("*").allow(origin, "chat.example")


def test_a_port_of_the_other_door_that_is_not_known_yet():
    assert not origins(http_port=None).allow("http://localhost:3000", "localhost:8765")


def test_each_refusal_is_logged_once_and_not_without_end(logs):
    found = origins()
    for number in [*range(100), *range(100)]:
        found.allow(f"https://{number}.example", "chat.example")
    assert [line["origin"] for line in logs] == [f"https://{n}.example" for n in range(16)]
    assert {line["set"] for line in logs} == {"PARLEY_ALLOWED_ORIGINS"}


def test_the_port_of_the_scheme_is_left_out():
    assert canonical("HTTP://A.example:80") == "http://a.example"
    assert canonical("http://[::1]:8080/") == "http://[::1]:8080"
