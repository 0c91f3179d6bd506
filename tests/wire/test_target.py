"""URLs, users' headers and source addresses, Retry-After."""

from __future__ import annotations

import pytest

from cpesim.errors import ConfigError
from cpesim.wire.rules import check_headers, check_sources, retry_after
from cpesim.wire.target import Target


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("http://acs", "acs", 80, "/", "acs"),
        ("http://ACS:7547/x?y=z#f", "acs", 7547, "/x?y=z", "acs:7547"),
        ("https://acs/", "acs", 443, "/", "acs"),
        ("http://[::1]:7547/a", "::1", 7547, "/a", "[::1]:7547"),
        ("http://user:word@acs/a b/ü", "acs", 80, "/a%20b/%C3%BC", "acs"),
        ("http://bücher.example/", "xn--bcher-kva.example", 80, "/", None),
    ],
)
def test_a_url_taken_apart(
    url: str, host: str, port: int, path: str, authority: str | None
) -> None:
    """Host, port and path of a URL, and the Host header without what is secret."""
    target = Target(url)

    assert (target.host, target.port, target.path) == (host, port, path)
    assert not target.problem
    line = f"\r\nHost: {authority or host}\r\n".encode()
    assert line in target.soap
    assert "word" not in repr(target)


@pytest.mark.parametrize(
    "url", ["", "acs:7547", "ftp://acs/", "http://", "http://a:99999/", "http://[::1"]
)
def test_what_is_no_url(url: str) -> None:
    """A URL that is none says so, and breaks nothing before it is used."""
    assert Target(url).problem


@pytest.mark.rule("H4")
def test_locations() -> None:
    """A Location may be relative."""
    target = Target("http://acs:7547/a/b")
    assert target.join("/c") == "http://acs:7547/c"
    assert target.join("c?d") == "http://acs:7547/a/c?d"
    assert target.join(" https://other/ ") == "https://other/"


@pytest.mark.rule("H5")
def test_headers_are_checked() -> None:
    """All that is wrong with users' headers is told at once."""
    assert check_headers([(" X-A ", " b ")]) == (("X-A", "b"),)
    with pytest.raises(ConfigError) as caught:
        check_headers([("a b", "c"), ("Expect", "x"), ("A", "b\r\nC: d"), ("B", "c")])
    assert len(caught.value.problems) == 3


@pytest.mark.rule("X9")
def test_sources_are_checked() -> None:
    """A source is an address."""
    assert check_sources(["127.0.0.2", "[::1]"]) == ("127.0.0.2", "::1")
    with pytest.raises(ConfigError):
        check_sources(["localhost"])


@pytest.mark.rule("X7")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("", None),
        ("soon", None),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 7.0),
        ("Sat, 05 Nov 1994 08:49:37 GMT", 0.0),
    ],
)
def test_retry_after(text: str, expected: float | None) -> None:
    """Retry-After is a number of seconds, or a date."""
    assert retry_after(text, 784111770.0) == expected
