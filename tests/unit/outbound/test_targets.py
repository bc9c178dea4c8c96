"""What a URL has to look like before anything is looked up."""

from ipaddress import ip_network
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.outbound.targets import URL_CHARS, RefusedTargetError, target_of

TAKEN = [
    "https://fcm.googleapis.com/fcm/send/dq3:APA91bE_x-y",
    "https://updates.push.services.mozilla.com/wpush/v2/gAAAAA=",
    "https://web.push.apple.com/QGuQyavXutnMH",
    "https://wns2-by3p.notify.windows.com/w/?token=BQYAAA%2bx%3d",
    "https://example.org",
    "https://example.org:8443/hook?a[]=1&b='2'",
    "https://xn--bcher-kva.example/",
    "https://EXAMPLE.org/Path",
    "https://a_b.example/",
    "https://8.8.8.8/",
    "https://[2606:4700:4700::1111]:8443/x",
]


@pytest.mark.parametrize("url", TAKEN)
def test_urls_of_push_services_are_taken(url):
    target = target_of(url)
    assert target.host == urlsplit(url).hostname
    parts = urlsplit(url)
    assert target.url.raw_path == (parts.path or "/")
    assert target.url.raw_query_string == parts.query


REFUSED = [
    *("", "example.org", "//example.org/", "https:example.org", "https:/example.org", "https://"),
    *("http://example.org/", "ftp://example.org/", "HTTPS://example.org/", "file:///etc/passwd"),
    *("gopher://example.org/", "javascript:alert(1)", " https://example.org/", "https://example.org/\n"),
    *("https://user@example.org/", "https://user:pw@example.org/", "https://@example.org/"),
    *("https://example.org/#", "https://example.org/a#b", "https://example.org#@8.8.8.8/"),
    *("https://example.org\\@127.0.0.1/", "https://example.org\\.evil.example/"),
    "https:\\\\example.org/",
    *("https://exa mple.org/", "https://example.org/a b", "https://exa\tmple.org/", "https://ex\x00.org/"),
    *("https://bücher.example/", "https://example。org/", "https://１２７.0.0.1/", "https://ⓛocalhost/"),
    *("https://example.org:/", "https://example.org:0/", "https://example.org:65536/"),
    *("https://example.org:-1/", "https://example.org:٤٤٣/", "https://example.org:443:443/"),
    *("https://example..org/", "https://.example.org/", "https://example.org./", "https://-a.example/"),
    *("https://%65xample.org/", "https://127.0.0.1%2f@example.org/", "https://example.org/%"),
    *("https://example.org/%zz", "https://example.org/ü", 'https://example.org/"', "https://a.example<b>/"),
    *("https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/"),
    *("https://127.1/", "https://127.0.0.01/", "https://1.2.3/", "https://example.0x7f/", "https://a.1/"),
    *("https://127.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/latest/", "https://100.64.0.1/"),
    *("https://[::1]/", "https://[::ffff:127.0.0.1]/", "https://[::ffff:7f00:1]/", "https://[fd00::1]/"),
    *("https://[::ffff:8.8.8.8]/", "https://[64:ff9b::808:808]/", "https://[2002:808:808::1]/"),
    *("https://[2606:4700:4700:0::1111]/", "https://[fe80::1%25eth0]/", "https://[::1", "https://[]/"),
    *("https://[8.8.8.8]/", "https://[example.org]/", "https://[v1.x]/"),
    f"https://{'a' * 64}.example/",
    f"https://{'a.' * 127}example/",
    f"https://example.org/{'a' * URL_CHARS}",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED)
def test_others_are_refused(url):
    with pytest.raises(RefusedTargetError):
        target_of(url)
    # Development allows http, and nothing else.
    if not url.startswith("http://"):
        with pytest.raises(RefusedTargetError):
            target_of(url, allows_http=True)


def test_http_is_taken_where_it_is_allowed():
    target = target_of("http://example.org/x", allows_http=True)
    assert (target.origin, target.port) == ("http://example.org", 80)


def test_networks_besides_are_taken_as_addresses():
    besides = [ip_network("127.0.0.0/8"), ip_network("::1")]
    target = target_of("https://127.0.0.1:8443/x", besides=besides)
    assert (target.origin, target.port) == ("https://127.0.0.1:8443", 8443)
    assert target_of("https://[::1]:8443/x", besides=besides).origin == "https://[::1]:8443"
    with pytest.raises(RefusedTargetError):
        target_of("https://127.1/", besides=besides)


def test_an_origin_has_no_port_that_is_its_schemes_own():
    assert target_of("https://Example.org:443/x").origin == "https://example.org"
    assert target_of("https://example.org:80/x").origin == "https://example.org:80"


@given(st.text(alphabet="htps:/?#[]@.%0127x-a\\ ;\t\n", max_size=40))
def test_whatever_is_taken_has_one_host(rest):
    url = f"https://{rest}"
    try:
        target = target_of(url)
    except RefusedTargetError:
        return
    assert urlsplit(url).hostname == target.host == target.url.raw_host
    assert (urlsplit(url).port or 443) == target.port
    assert not {"@", "#", "\\", " ", "%"} & set(target.url.authority)
