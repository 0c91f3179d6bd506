"""
The northbound interface: a few requests in JSON, for scripts and scenarios.

Rule: it knows no CPE and no socket; what is asked goes to the campaigns or to the ACS.
There is no authentication: it is meant for this machine, and listens where it is told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from cpesim.acs.http import Post, answer
from cpesim.acs.north.campaigns import MOST, Campaigns
from cpesim.acs.north.outage import HOW, Outage
from cpesim.acs.north.outage import MOST as LONGEST

_JSON = "Content-Type: application/json\r\nCache-Control: no-store\r\n"
_ABOUT = {
    "POST /campaigns": '{"tag": "gw", "version": "2.0.0"}: bring the CPEs with this'
    " ProvisioningCode to this version, woken by connection requests",
    "GET /campaigns": "all of them, and how far they have come; /campaigns/ID is one",
    "POST /wake": '{"tag": "gw"}: a connection request to each of them; no tag: to all',
    "POST /outage": f'{{"for": 30, "how": one of {", ".join(HOW)}}}: be down so many'
    " seconds; without for until told otherwise; 0 ends it",
}


class Refused(Exception):
    """A request that cannot be done: its status, and why."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Door:
    """Answers the requests of the northbound interface."""

    def __init__(
        self, campaigns: Campaigns, everyone: Callable[[], Any], outage: Outage
    ) -> None:
        self._campaigns = campaigns
        self._everyone = everyone
        self._outage = outage

    def answer(self, post: Post) -> bytes:
        """The whole answer to one request."""
        try:
            status, told = self._told(post)
        except Refused as refused:
            status, told = refused.status, {"error": str(refused)}
        text = json.dumps(told, indent=1).encode() + b"\n"
        return answer(status, text, keep=post.keep, headers=_JSON)

    def _told(self, post: Post) -> tuple[int, Any]:
        path = post.target.partition("?")[0].rstrip("/")
        asked = (post.method, path)
        if asked == ("GET", ""):
            return 200, _ABOUT
        if asked == ("GET", "/campaigns"):
            return 200, [one.told() for one in self._campaigns.all.values()]
        if post.method == "GET" and path.startswith("/campaigns/"):
            number = path.removeprefix("/campaigns/")
            known = number.isascii() and number.isdecimal() and len(number) < 10
            campaign = self._campaigns.all.get(int(number)) if known else None
            if campaign is None:
                raise Refused(404, f"no campaign {number[:20]}")
            return 200, campaign.told()
        if post.method == "POST" and path in ("/campaigns", "/wake", "/outage"):
            given = _read(post.body)
            if path == "/campaigns":
                return 200, self._begin(given)
            return 200, self._wake(given) if path == "/wake" else self._down(given)
        raise Refused(404, f"there is {', '.join(_ABOUT)}")

    def _begin(self, given: Mapping[str, Any]) -> Any:
        _only(given, "tag", "version")
        tag, version = _text(given, "tag"), _text(given, "version")
        if len(self._campaigns.all) >= MOST:
            raise Refused(503, f"{MOST} campaigns are all there can be")
        return self._campaigns.begin(tag, version).told()

    def _wake(self, given: Mapping[str, Any]) -> Any:
        _only(given, "tag")
        cpes = self._everyone()
        if "tag" in given:
            cpes = self._campaigns.tagged(_text(given, "tag"))
        return {"cpes": self._campaigns.wake(cpes)}

    def _down(self, given: Mapping[str, Any]) -> Any:
        _only(given, "for", "how")
        seconds, how = given.get("for", LONGEST), given.get("how", HOW[0])
        number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if not number or not 0 <= seconds <= LONGEST:
            raise Refused(400, '"for": expected seconds, from 0 to a day')
        if how not in HOW:
            raise Refused(400, f'"how": expected one of {", ".join(HOW)}')
        self._outage.begin(float(seconds), how)
        return {"for": seconds, "how": how}


def _read(body: bytes) -> dict[str, Any]:
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise Refused(400, "the body is not JSON") from None
    if not isinstance(given, dict):
        raise Refused(400, "expected a JSON object")
    return given


def _only(given: Mapping[str, Any], *keys: str) -> None:
    for key in given:
        if key not in keys:
            raise Refused(400, f"no key {key[:40]!r} here: expected {', '.join(keys)}")


def _text(given: Mapping[str, Any], key: str) -> str:
    text = given.get(key)
    if not isinstance(text, str) or not 1 <= len(text) <= 64:
        raise Refused(400, f'"{key}": expected text of 1 to 64 characters')
    return text
