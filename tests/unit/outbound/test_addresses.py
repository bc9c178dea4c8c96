"""Addresses that may be called: the whole internet's, and no more."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.outbound.addresses import may_be_called, read_address

GLOBAL = [
    *("8.8.8.8", "1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0"),
    *("126.255.255.255", "128.0.0.0", "169.253.255.255", "169.255.0.0", "172.15.255.255"),
    *("172.32.0.0", "192.0.1.0", "192.0.3.0", "192.88.98.255", "192.88.100.0", "192.167.255.255"),
    *("192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "198.51.101.0"),
    *("203.0.112.255", "203.0.114.0", "223.255.255.255", "168.63.129.15", "168.63.129.17"),
    *("2000::", "2001:200::1", "2001:4860:4860::8888", "2606:4700:4700::1111", "2a00:1450::1"),
    *("2001:db7:ffff::", "2001:db9::", "2003::1", "3fff:1000::", "3ffd::1"),
]
SPECIAL = [
    *("0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255"),
    *("127.0.0.1", "127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255"),
    *("172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.192", "192.0.2.255", "192.88.99.1"),
    *("192.168.0.0", "192.168.255.255", "198.18.0.0", "198.19.255.255", "198.51.100.7"),
    *("203.0.113.0", "224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.255"),
    "168.63.129.16",
    *("::", "::1", "::7f00:1", "::ffff:8.8.8.8", "::ffff:127.0.0.1", "::ffff:0:8.8.8.8"),
    *("64:ff9b::8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b:1::1", "100::1", "1fff:ffff::1"),
    *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:20::1"),
    *("2001:1ff:ffff::1", "2001:db8::1", "2002:808:808::1", "2002:7f00:1::1", "3ffe::1"),
    *("3fff::1", "3fff:fff:ffff::1", "4000::1", "5f00::1", "fc00::1", "fd00:ec2::254"),
    *("fe80::1", "fe80::1%eth0", "2a00:1450::1%eth0", "fec0::1", "ff02::1", "ff0e::1"),
]


@pytest.mark.parametrize("text", GLOBAL)
def test_global_addresses_may_be_called(text):
    assert may_be_called(ip_address(text))


@pytest.mark.parametrize("text", SPECIAL)
def test_all_others_may_not(text):
    assert not may_be_called(ip_address(text))


@given(st.ip_addresses())
def test_nothing_is_let_through_that_python_calls_private(address):
    if may_be_called(address):
        assert not (address.is_private or address.is_loopback or address.is_link_local)
        assert not (address.is_multicast or address.is_unspecified or address.is_reserved)


@given(st.ip_addresses(v=4))
def test_an_address_within_another_is_no_way_round(address):
    for within in (f"::ffff:{address}", f"64:ff9b::{address}", f"::{address}"):
        assert not may_be_called(IPv6Address(within))
    assert not may_be_called(IPv6Address((0x2002 << 112) | int(address) << 80))


def test_networks_are_let_in_besides():
    besides = [ip_network("10.1.0.0/16"), ip_network("fd00::/8"), ip_network("64:ff9b::/96")]
    assert may_be_called(IPv4Address("10.1.2.3"), besides)
    assert not may_be_called(IPv4Address("10.2.2.3"), besides)
    assert may_be_called(IPv6Address("fd12::1"), besides)
    assert may_be_called(IPv4Address("8.8.8.8"), besides)
    # What NAT64 leads to is judged like any other.
    assert may_be_called(IPv6Address("64:ff9b::8.8.8.8"), besides)
    assert may_be_called(IPv6Address("64:ff9b::10.1.2.3"), besides)
    assert not may_be_called(IPv6Address("64:ff9b::10.2.2.3"), besides)
    assert not may_be_called(IPv6Address("::ffff:10.1.2.3"), besides)


@pytest.mark.parametrize("text", ["8.8.8.8", "::1", "2001:DB8::1", "::ffff:1.2.3.4"])
def test_addresses_are_read_in_their_usual_spelling(text):
    assert read_address(text) in {ip_address(text), None}


@pytest.mark.parametrize(
    "text",
    [
        *("127.1", "127.0.1", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1"),
        *("017700000001", "127.0.0.01", "127.0.0.1.", "1.2.3.4.5", "256.1.1.1"),
        *("", "::0001", "0::1", "::1%1"),
        *("2001:0db8::1", "[::1]", "::ffff:127.0.0.1x", "１２７.0.0.1"),
    ],
)  # fmt: skip
def test_others_are_no_addresses(text):
    found = read_address(text)
    assert found is None or not may_be_called(found)
