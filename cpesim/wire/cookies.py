"""
The cookies of one session (RFC 6265).

Rule: pure. A jar belongs to one CPE and one session, and is forgotten with it (H3).
"""

from __future__ import annotations

import calendar
import re
from typing import NamedTuple

# More than any browser keeps (RFC 6265 6.1 asks for 50 of a host).
MOST = 300
TIME = re.compile(r"(\d{1,2}):(\d{1,2}):(\d{1,2})")
MONTHS = re.findall("...", "janfebmaraprmayjunjulaugsepoctnovdec")
NEVER = float("inf")


class Cookie(NamedTuple):
    """One cookie, and where and how long it is sent."""

    name: str
    value: str
    host: str
    whole: bool  # for that host alone, not for those below it
    path: str
    secure: bool
    expires: float


class Jar:
    """What an ACS gave us to bring back."""

    __slots__ = ("_cookies", "expires")

    def __init__(self) -> None:
        self._cookies: dict[tuple[str, str, str], Cookie] = {}
        self.expires = NEVER  # when the first of them does

    def store(self, text: str, host: str, path: str, now: float) -> None:
        """Take a Set-Cookie of an answer from *host* and *path*; *now* is unix time."""
        cookie = read(text, host, path, now)
        if cookie is None:
            return
        key = (cookie.name, cookie.host, cookie.path)
        if cookie.expires <= now:
            self._cookies.pop(key, None)
            return
        # A cookie that is set again keeps its place (5.3, 11.3).
        self._cookies[key] = cookie
        self.expires = min(self.expires, cookie.expires)
        if len(self._cookies) > MOST:
            del self._cookies[next(iter(self._cookies))]

    def header(self, host: str, path: str, secure: bool, now: float) -> str:
        """Value of the Cookie header for a request; empty when none fits."""
        if now >= self.expires:
            alive = {k: c for k, c in self._cookies.items() if c.expires > now}
            self._cookies = alive
            self.expires = min((c.expires for c in alive.values()), default=NEVER)
        path = path.partition("?")[0]
        fitting = [
            cookie
            for cookie in self._cookies.values()
            if (secure or not cookie.secure)
            and path_matches(path, cookie.path)
            and (
                host == cookie.host
                or (not cookie.whole and host.endswith("." + cookie.host))
            )
        ]
        if len(fitting) > 1:
            fitting.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(
            f"{cookie.name}={cookie.value}" if cookie.name else cookie.value
            for cookie in fitting
        )


def read(text: str, host: str, path: str, now: float) -> Cookie | None:
    """Read one Set-Cookie (RFC 6265 5.2 and 5.3); None when it is to be ignored."""
    pair, *attributes = text.split(";")
    name, equals, value = pair.partition("=")
    if not equals:
        name, value = "", pair  # browsers and RFC 6265bis keep a nameless one
    name, value = name.strip(), value.strip()
    if not name and not value:
        return None
    domain, whole, secure = host, True, False
    cookie_path = ""
    age: float | None = None
    expires = NEVER
    for attribute in attributes:
        key, _, given = attribute.partition("=")
        key, given = key.strip().lower(), given.strip()
        if key == "path":
            cookie_path = given
        elif key == "domain":
            given = given.removeprefix(".").lower()
            domain, whole = (given, False) if given else (host, True)
        elif key == "max-age" and re.fullmatch(r"-?\d{1,18}", given):
            age = float(given)
        elif key == "expires":
            expires = read_date(given, expires)
        elif key == "secure":
            secure = True
    if domain != host:
        # A cookie for all of ".com" is refused; so is one for part of an address.
        if not host.endswith("." + domain) or "." not in domain or is_address(host):
            return None
    elif "." not in domain or is_address(host):
        whole = True
    if not cookie_path.startswith("/"):
        cookie_path = path.partition("?")[0].rpartition("/")[0] or "/"
    if age is not None:
        expires = now + age if age > 0 else -NEVER
    return Cookie(name, value, domain, whole, cookie_path, secure, expires)


def read_date(text: str, otherwise: float) -> float:
    """Read a cookie date in any of the forms of the field (RFC 6265 5.1.1)."""
    clock = TIME.search(text)
    month = re.search("|".join(MONTHS), text.lower())
    rest = text.replace(clock[0], " ") if clock else text
    numbers = re.findall(r"\d+", rest)
    if clock is None or month is None or len(numbers) < 2:
        return otherwise
    day, year = int(numbers[0]), int(numbers[1][:5])
    if year < 100:
        year += 2000 if year < 70 else 1900
    hour, minute, second = (int(part) for part in clock.groups())
    if not (1 <= day <= 31 and hour < 24 and minute < 60 and second < 60):
        return otherwise
    if not 1601 <= year <= 9999:
        return otherwise
    at = (year, MONTHS.index(month[0]) + 1, day, hour, minute, second)
    return float(calendar.timegm(at))


def path_matches(path: str, cookie_path: str) -> bool:
    """Whether a cookie of *cookie_path* goes along to *path* (RFC 6265 5.1.4)."""
    if cookie_path == "/" or path == cookie_path:
        return True
    return path.startswith(cookie_path.rstrip("/") + "/")


def is_address(host: str) -> bool:
    """Whether *host* is an IP address: then only its own cookies are for it."""
    return ":" in host or host.rpartition(".")[2].isdigit()
