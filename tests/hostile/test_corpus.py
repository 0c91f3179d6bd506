"""
Twenty thousand spoilt messages, taken by virtual CPEs in every state of a session.

Each ends in an answer, a fault, or a failed session with its label; nothing else.
"""

from __future__ import annotations

import resource
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest
from lxml import etree

from cpesim.cwmp import names
from cpesim.device.catalog import load_profile
from cpesim.device.device import UP, Device
from cpesim.device.world import World
from cpesim.errors import AcsProtocolError
from tests.conftest import SHARED
from tests.hostile.mutate import mutated, seeds
from tests.play import EMPTY, Play, judged, reply

CASES = 20_000
LIVES = 100  # cases that one device goes through
SLOW = 2.0  # seconds that one case may take, on a machine that does other things too
GROWTH = 96  # megabytes
FULL = f"{{{names.SOAP}}}Fault"


def captured() -> list[bytes]:
    """The bodies that real ACSs sent, where shared/ stands beside the checkout."""
    paths = sorted((SHARED / "standard" / "captures").glob("[!n]*/*.http"))
    bodies = [path.read_bytes().partition(b"\r\n\r\n")[2] for path in paths]
    return [body for body in bodies if body.lstrip().startswith(b"<")]


@contextmanager
def touching() -> Iterator[list[str]]:
    """What files and sockets the code touches meanwhile."""
    seen: list[str] = []
    watched = ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen")
    on = True

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if on and event in watched:
            seen.append(f"{event} {arguments[:1]}")

    sys.addaudithook(hook)
    try:
        yield seen
    finally:
        on = False


class Victim:
    """A device that is fed one spoilt message at a time, in this state or that."""

    def __init__(self, name: str, number: int) -> None:
        world = World(number, epoch=1.7e9, url=lambda n: "http://127.0.0.1:7547/x")
        self.device = Device(PROFILES[name], number, world)
        self.now = 0.0
        self.device.boot(self.now)

    def feed(self, body: bytes, chance: Random) -> str:
        """What came of it."""
        self.now += chance.choice((1.0, 90.0, 4_000.0))
        device = self.device
        if device.life != UP:
            self.now += 600.0
            device.wake(self.now)
        device.tell(names.PERIODIC, "", self.now, "periodic")
        play = Play(device.begin(self.now), self.now)
        session = play.session
        try:
            for before in PRELUDES[chance.randrange(len(PRELUDES))]:
                if play.body is not None:
                    play = play << before
            play = play << body
            outcome = self.outcome(play, chance)
            while play.body:  # the ACS has nothing more to say
                play = play << EMPTY
            if play.body == b"":
                play = play << EMPTY
        except AcsProtocolError as error:
            outcome = f"failed: {error.label}"
        device.end(session, self.now)
        device.wake(self.now)
        device.errands = ()
        return outcome

    def outcome(self, play: Play, chance: Random) -> str:
        """The kind of the message that left; a sample is judged by the schemas."""
        if not play.body:
            return "empty POST" if play.body == b"" else "session over"
        sent = play.sent
        if chance.random() < 0.02:
            judged(play.body)
        if sent.tag != FULL:
            return str(etree.QName(sent).localname)
        return f"fault {sent.findtext('.//FaultCode') or sent.findtext('faultcode')}"


PROFILES = {
    name: load_profile(name)
    for name in ("residential-gateway-tr181", "residential-gateway-tr098")
}
# What the ACS said before: nothing, an InformResponse, and more.
PRELUDES: tuple[tuple[bytes, ...], ...] = (
    (),
    *((reply("InformResponse", version="1.2"),),) * 3,
    (reply("InformResponse"),),
    (reply("InformResponse", hold=True),),
    (reply("InformResponse", version="1.2"), reply("GetRPCMethods")),
)


@pytest.mark.rule("S8", "S11", "S14")
def test_twenty_thousand_spoilt_messages(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """No crash, no hang, no growth; the right fault, or a session failed by label."""
    corpus = seeds(captured())
    tally: Counter[str] = Counter()
    envelopes, slowest, before = 0, 0.0, 0
    victim = Victim("residential-gateway-tr181", 0)
    judged(victim.device.begin(0.0).start())  # reads the schemas, once
    with touching() as touched:
        for case in range(CASES):
            chance = Random(case)
            body = mutated(chance.choice(corpus), chance)
            envelopes += is_envelope(body)
            if case % LIVES == 0:
                name = tuple(PROFILES)[case // LIVES % len(PROFILES)]
                victim = Victim(name, case)
            if case == CASES // 4:
                before = rss()
            began = time.perf_counter()
            tally[victim.feed(body, chance)] += 1
            slowest = max(slowest, time.perf_counter() - began)
            # What an ACS may make a device keep is bounded.
            device = victim.device
            assert len(device.alarms) + len(device.transfers) < 100
            assert len(device.requests) + len(device.events) < 150
    grown = rss() - before
    with capsys.disabled():
        print(f"\n{CASES} spoilt messages, {envelopes} of them envelopes still:")
        for outcome, number in tally.most_common():
            print(f"{number:>8}  {outcome}")
    assert touched == []
    assert envelopes >= CASES // 2
    assert len(tally) >= 15
    assert slowest < SLOW
    assert grown < GROWTH
    assert sum(tally.values()) == CASES


def is_envelope(body: bytes) -> bool:
    """Whether a parser that cares for nothing finds an envelope with a message."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return False
    found = root.find(f"{{{names.SOAP}}}Body")
    return etree.QName(root).localname == "Envelope" and (
        found is not None and len(found) > 0
    )


def rss() -> int:
    """The most memory that this process ever had, in megabytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def test_an_entity_reads_no_file_and_calls_nobody(tmp_path: Path) -> None:
    """Neither what it names nor what it grows into is ever seen."""
    canary = tmp_path / "secret.txt"
    canary.write_text("canary", encoding="utf-8")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        sound = reply("GetParameterValues", "Device.").decode().partition("?>\n")[2]
        for entity in (
            f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{canary}">]>',
            f'<!DOCTYPE x SYSTEM "http://127.0.0.1:{port}/x.dtd">',
            f'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1:{port}/p">%p;]>',
            '<!DOCTYPE x [<!ENTITY a "canary">\n<!ENTITY e "&a;&a;&a;&a;&a;">]>',
        ):
            victim = Victim("residential-gateway-tr181", 1)
            play = Play(victim.device.begin(0.0)) << reply("InformResponse")
            body = entity + sound.replace("Device.", "&e;")
            with pytest.raises(AcsProtocolError) as caught:
                _ = play << body.encode()
            assert "canary" not in str(caught.value)
        with pytest.raises(BlockingIOError):
            server.accept()
