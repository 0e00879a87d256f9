"""Which addresses a webhook may go to."""

from __future__ import annotations

import socket

import pytest

from gateway.notify.reach import ForbiddenAddress, Reach
from gateway.notify.sender import refuse_url

INSIDE = [
    "127.0.0.1",
    "127.8.9.10",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 - connecting to it reaches this machine
    "::1",
    "fd00::1",
]
"""What GATEWAY_WEBHOOK_ALLOW_PRIVATE=1 is about, but for the unspecified address."""

METADATA = [
    "169.254.169.254",
    "169.254.170.2",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fd00:c1::a9fe:a9fe",
    "fd00:42::42",
    "fd00:a9fe:a9fe::1",
    "fd00:100::100:200",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "fe80::a9fe:a9fe",
    "::ffff:169.254.169.254",
    "::ffff:100.100.100.200",
    "64:ff9b::6464:64c8",
]
"""What gives a machine's credentials to whoever asks from inside."""

NEVER_BY_DEFAULT = [
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fec0::1%eth0",
    "feff::1",
    "3fff::1",
    "192.88.99.1",
    *METADATA,
    "224.0.0.1",
    "ff02::1",
    "::",
    "255.255.255.255",
    "240.0.0.1",
]

IN_DISGUISE = [
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:7f00:1::1",
]


@pytest.mark.parametrize("address", [*INSIDE, *NEVER_BY_DEFAULT, *IN_DISGUISE])
def test_an_address_inside_is_refused_however_it_is_written(address: str) -> None:
    assert not Reach().permits(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "8.8.8.8", "2606:4700::6810:84e5"])
def test_a_public_address_is_permitted(address: str) -> None:
    assert Reach().permits(address)


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "10.1.2.3", "100.64.0.1", "::1", "fd00::1", "::ffff:127.0.0.1", "8.8.8.8"]
)
def test_private_addresses_are_permitted_when_configured(address: str) -> None:
    assert Reach.read("1").permits(address)


@pytest.mark.parametrize("address", [*METADATA, "fe80::1", "fec0::1", "0.0.0.0", "224.0.0.1", "192.0.2.1"])  # noqa: S104
def test_cloud_metadata_is_refused_even_when_private_addresses_are_permitted(address: str) -> None:
    assert not Reach.read("1").permits(address)


@pytest.mark.parametrize("address", METADATA)
def test_cloud_metadata_that_is_listed_is_permitted(address: str) -> None:
    assert Reach.read("0.0.0.0/0,::/0").permits(address)


def test_a_listed_network_is_permitted_and_its_neighbour_is_not() -> None:
    reach = Reach.read("10.20.0.0/16, 169.254.7.0/24")
    assert reach.permits("10.20.3.4")
    assert reach.permits("169.254.7.1")
    assert reach.permits("::ffff:10.20.3.4")
    assert not reach.permits("10.21.0.1")
    assert not reach.permits("127.0.0.1")


@pytest.mark.parametrize("setting", ["", "0", " "])
def test_without_a_setting_nothing_private_is_permitted(setting: str) -> None:
    assert Reach.read(setting) == Reach()


@pytest.mark.parametrize("setting", ["yes", "10.0.0.1/8", "10.0.0.0/8,"])
def test_a_setting_that_is_not_understood_is_an_error(setting: str) -> None:
    with pytest.raises(ValueError, match=r"does not appear|host bits"):
        Reach.read(setting)


def test_no_socket_is_made_for_a_forbidden_address() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
    with pytest.raises(ForbiddenAddress):
        Reach().open_socket(info)
    with Reach(private=True).open_socket(info) as opened:
        assert opened.family == socket.AF_INET


@pytest.mark.parametrize(
    "url",
    [
        "ftp://hooks.example.org/",
        "hooks.example.org",
        "https://",
        "https://user:word@hooks.example.org/",
        "https://hooks.example.org/#part",
        "https://127.0.0.1/",
        "https://[::1]:8443/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:127.0.0.1]/",
        "https://127.0.0.1./",
        "http://hooks.example.org/",
        "https://hooks.example.org:99999/",
        "https://hooks.example.org:0/",
        "",
    ],
)
def test_a_live_endpoint_refuses_this_url(url: str) -> None:
    assert refuse_url(url, live=True, reach=Reach())


@pytest.mark.parametrize(
    "url", ["https://hooks.example.org/pa?token=x", "https://hooks.example.org:8443", "https://8.8.8.8/"]
)
def test_a_live_endpoint_takes_this_url(url: str) -> None:
    assert refuse_url(url, live=True, reach=Reach()) is None


INNER_NAMES = [
    "localhost",
    "LocalHost.",
    "ｌｏｃａｌｈｏｓｔ",
    "hooks.localhost",
    "printer.local",
    "metadata.google.internal",
    "receiver.home.arpa",
    "receiver",
]


@pytest.mark.parametrize("name", INNER_NAMES)
@pytest.mark.parametrize("live", [True, False])
def test_a_name_of_a_private_network_is_refused_and_the_setting_named_that_would_allow_it(
    name: str, live: bool
) -> None:
    fault = refuse_url(f"https://{name}:8443/pa", live=live, reach=Reach())
    assert fault is not None
    assert fault.pointer == "/url"
    assert "GATEWAY_WEBHOOK_ALLOW_PRIVATE" in fault.fix
    assert refuse_url(f"https://{name}:8443/pa", live=live, reach=Reach.read("1")) is None


def test_with_listed_networks_their_names_are_judged_when_they_are_resolved_but_localhost_at_once() -> None:
    office, here = Reach.read("10.0.0.0/8"), Reach.read("127.0.0.0/8")
    assert refuse_url("https://receiver.internal/", live=True, reach=office) is None
    assert refuse_url("https://localhost/", live=True, reach=office)
    assert refuse_url("https://localhost/", live=True, reach=here) is None


@pytest.mark.parametrize("name", ["local.example.org", "notlocalhost.org", "internal.example.org"])
def test_a_public_name_that_looks_a_little_like_one_is_taken(name: str) -> None:
    assert refuse_url(f"https://{name}/", live=True, reach=Reach()) is None


def test_a_test_endpoint_may_be_plain_http() -> None:
    assert refuse_url("http://hooks.example.org/", live=False, reach=Reach()) is None
