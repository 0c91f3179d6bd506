"""Cookies: what is kept, where it goes, and when it ends (RFC 6265)."""

from __future__ import annotations

import pytest

from cpesim.wire.cookies import MOST, NEVER, Jar, read_date

HOST = "acs.example.com"
WHEN = 784111777.0  # Sun, 06 Nov 1994 08:49:37 GMT


def sent(*lines: str, host: str = HOST, path: str = "/a/b", now: float = 0) -> str:
    """The Cookie header to *host* and *path* after HOST's /a/b set *lines*."""
    jar = Jar()
    for line in lines:
        jar.store(line, HOST, "/a/b?q=/x", 0)
    return jar.header(host, path, False, now)


@pytest.mark.rule("H3")
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["a=1", "b=2"], "a=1; b=2"),
        (["a=1", "b=2", "a=3"], "a=3; b=2"),
        (['a="x y"; HttpOnly; SameSite=Lax'], 'a="x y"'),
        (["a=1=2; Path=/"], "a=1=2"),
        (["a=" + "x" * 4000], "a=" + "x" * 4000),
        (["alone"], "alone"),
        (["=x"], "x"),
        (["", "=", ";Path=/"], ""),
        (["a=1; Path=/a", "b=2; Path=/a/b"], "b=2; a=1"),
        (["a=1; path=x"], "a=1"),
        (["a=1; Domain=" + HOST], "a=1"),
        (["a=1; Domain=.example.com", "b=1; domain="], "a=1; b=1"),
        (["a=1; Domain=com"], ""),
        (["a=1; Domain=other.com"], ""),
        (["a=1; Path=/other"], ""),
        (["a=1; Path=/a/"], "a=1"),
        (["a=1; Path=/a/bc"], ""),
        (["a=1; Secure"], ""),
        (["a=1", "a=; Max-Age=0"], ""),
        (["a=1; Max-Age=-5"], ""),
        (["a=1; Max-Age=x"], "a=1"),
        (["a=1", "a=2; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], ""),
        (["a=1; Max-Age=9; Expires=Thu, 01 Jan 1970 00:00:00 GMT"], "a=1"),
    ],
)
def test_what_is_sent_back(lines: list[str], expected: str) -> None:
    """Cookies come back to their host and path, the longest path first."""
    assert sent(*lines) == expected


@pytest.mark.rule("H3")
def test_where_cookies_go() -> None:
    """A cookie without Domain stays with its host; one with it goes below it too."""
    assert sent("a=1", host="sub." + HOST) == ""
    assert sent(f"a=1; Domain={HOST}", host="sub." + HOST) == "a=1"
    assert sent("a=1; Path=/", path="/z?x") == "a=1"
    assert sent("a=1", path="/ab") == ""
    jar = Jar()
    jar.store("a=1; Secure; Path=/", HOST, "", 0)
    assert jar.header(HOST, "/", True, 0) == "a=1"


def test_addresses_keep_their_cookies() -> None:
    """An address is no domain: what it sets is for itself alone."""
    jar = Jar()
    jar.store("a=1; Domain=127.0.0.1", "127.0.0.1", "/", 0)
    jar.store("b=1; Domain=0.0.1", "127.0.0.1", "/", 0)
    jar.store("c=1; Domain=localhost", "localhost", "/", 0)

    assert jar.header("127.0.0.1", "/", False, 0) == "a=1"
    assert jar.header("x.127.0.0.1", "/", False, 0) == ""
    assert jar.header("localhost", "/", False, 0) == "c=1"
    assert jar.header("x.localhost", "/", False, 0) == ""


@pytest.mark.rule("H3")
def test_cookies_end() -> None:
    """A cookie goes when its time has come, and the jar knows when the next does."""
    jar = Jar()
    jar.store("a=1; Max-Age=10", HOST, "/", 100)
    jar.store("b=1; Max-Age=20", HOST, "/", 100)
    jar.store("c=1", HOST, "/", 100)

    assert jar.expires == 110
    assert jar.header(HOST, "/", False, 109) == "a=1; b=1; c=1"
    assert jar.header(HOST, "/", False, 110) == "b=1; c=1"
    assert jar.expires == 120
    assert jar.header(HOST, "/", False, 120) == "c=1"
    assert jar.expires == NEVER


def test_a_jar_is_bounded() -> None:
    """An ACS that sets cookies without end loses the oldest."""
    jar = Jar()
    for n in range(MOST + 1):
        jar.store(f"c{n}=1", HOST, "/", 0)
    assert jar.header(HOST, "/", False, 0).count(";") == MOST - 1


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        "6-NOV-1994 8:49:37",
    ],
)
def test_dates_of_the_field(text: str) -> None:
    """The three forms of HTTP and their relatives are read."""
    assert read_date(text, 1.0) == WHEN


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "06 Nov 1994",
        "Nov 08:49:37",
        "06 Nov 1994 25:00:00",
        "40 Nov 1994 08:49:37",
        "06 Nov 1500 08:49:37",
    ],
)
def test_what_is_no_date(text: str) -> None:
    """What is no date leaves the cookie as it was."""
    assert read_date(text, 1.0) == 1.0


def test_two_digits_of_a_year() -> None:
    """A year of two digits lies between 1970 and 2069."""
    assert read_date("01 Jan 69 00:00:00", 0) > read_date("01 Jan 70 00:00:00", 1)
