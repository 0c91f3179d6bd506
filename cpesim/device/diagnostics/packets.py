"""
IPPing, TraceRoute and NSLookup: what the profile's line would have answered.

Rule: pure functions of an Ask; no packet leaves. Times below a millisecond are
rounded up to one, as the data models ask.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

from cpesim.device.diagnostics.ask import Ask, address_of
from cpesim.device.diagnostics.run import UNRESOLVED, Outcome

# Repetitions that are drawn one by one; an ACS may ask for four thousand million.
DRAWN = 1000
# Rows of a table of results: no table of the shipped profiles takes more.
ROWS = 64
LEAST = 0.0002  # no answer is faster, in seconds


def ping(ask: Ask) -> Outcome:
    """The repetitions, how many came back, and how long they took."""
    host, wanted = ask.text("Host"), max(ask.number("NumberOfRepetitions", 1), 1)
    if not ask.resolves(host):
        return Outcome(UNRESOLVED, took=ask.habits.lookup)
    timeout = ask.number("Timeout", 1000) / 1000
    drawn = min(wanted, DRAWN)
    took, times, road = 0.0, [], _road(ask, host)
    for _ in range(drawn):
        time = _answer(ask, road, timeout, 1.0)
        times += [time] if time else []
        took += max(ask.habits.interval, time or timeout)
    successes = wanted * len(times) // drawn
    values = {
        "SuccessCount": str(successes),
        "FailureCount": str(wanted - successes),
        "IPAddressUsed": ask.own_address(),
    }
    if times:
        spread = (min(times), sum(times) / len(times), max(times))
        for what, time in zip(("Minimum", "Average", "Maximum"), spread, strict=True):
            values[f"{what}ResponseTime"] = str(_ms(time))
            values[f"{what}ResponseTimeDetailed"] = str(round(time * 1e6))
    return Outcome(values=values, took=took * wanted / drawn)


def trace_route(ask: Ask) -> Outcome:
    """The hops up to the host, each with its times."""
    host, most = ask.text("Host"), ask.number("MaxHopCount", 30)
    if not ask.resolves(host):
        return Outcome(UNRESOLVED, took=ask.habits.lookup)
    tries, timeout = ask.number("NumberOfTries", 3), ask.number("Timeout", 5000) / 1000
    there, answers = max(ask.habits.hops, 1), ask.answers(host)
    shown = most if not answers else min(there, most)
    rows, took, last, road = [], 0.0, 0.0, _road(ask, "")
    for hop in range(1, min(shown, ROWS) + 1):
        # What lies before a host that never answers does answer.
        silent = not answers and hop >= there
        name, address = _hop(ask, host, hop, there)
        times = [
            None if silent else _answer(ask, road, timeout, hop / there)
            for _ in range(min(max(tries, 1), 3))
        ]
        took += sum(timeout if time is None else time for time in times)
        heard = [time for time in times if time is not None]
        last = sum(heard) / len(heard) if heard else 0.0
        row = {
            "Host": name if heard else "",
            "HostAddress": address if heard else "",
            "ErrorCode": "0",
            "RTTimes": ",".join("0" if t is None else str(_ms(t)) for t in times),
        }
        rows.append(row | {f"Hop{name}": text for name, text in row.items()})
    reached = answers and there <= most
    values = {"IPAddressUsed": ask.own_address()}
    if reached:
        values["ResponseTime"] = str(_ms(last)) if last else "0"
    state = "Complete" if reached else "Error_MaxHopCountExceeded"
    return Outcome(state, values, tuple(rows), took)


def look_up(ask: Ask) -> Outcome:
    """A row for each repetition: what the DNS server says of the name."""
    server, name = ask.text("DNSServer"), ask.text("HostName")
    if server and not ask.resolves(server):
        return Outcome("Error_DNSServerNotResolved", took=ask.habits.lookup)
    if not server:
        server = ask.read("DNS.Client.Server.1.DNSServer")
    address = ask.address(server) if server else ""
    timeout = ask.number("Timeout", 5000) / 1000
    rows, took, successes = [], 0.0, 0
    for _ in range(min(max(ask.number("NumberOfRepetitions", 1), 1), ROWS)):
        time = ask.habits.lookup * (0.5 + ask.draw())
        if server and not ask.answers(server):
            rows.append({"Status": "Error_DNSServerNotAvailable", "AnswerType": "None"})
            time = timeout
        elif time > timeout or ask.draw() < ask.habits.loss:
            rows.append({"Status": "Error_Timeout", "AnswerType": "None"})
            time = timeout
        elif not ask.resolves(name):
            rows.append(
                {
                    "Status": "Error_HostNameNotResolved",
                    "AnswerType": "None",
                    "DNSServerIP": address,
                    "ResponseTime": str(_ms(time)),
                }
            )
        else:
            successes += 1
            rows.append(
                {
                    "Status": "Success",
                    "AnswerType": "NonAuthoritative",
                    "HostNameReturned": name,
                    "IPAddresses": ask.address(name),
                    "DNSServerIP": address,
                    "ResponseTime": str(_ms(time)),
                }
            )
        took += time
    values = {"SuccessCount": str(successes)}
    return Outcome(values=values, rows=tuple(rows), took=took)


class _Road(NamedTuple):
    """The way to a host and back: its length, and a packet's own time, in seconds."""

    length: float
    carried: float
    silent: bool  # nobody answers at its end


def _road(ask: Ask, host: str) -> _Road:
    # Once for all packets: an ACS may ask for very many of them.
    carried = ask.number("DataBlockSize", 56) / ask.model.profile.firmware.bandwidth
    # A host's own distance: half the usual way to half as much again.
    length = ask.habits.rtt * (0.5 + ask.of_host(host) if host else 1.0)
    return _Road(length, 2 * carried, bool(host) and not ask.answers(host))


def _answer(ask: Ask, road: _Road, timeout: float, part: float) -> float | None:
    """How long one packet took over *part* of the road; None: it never came back."""
    habits = ask.habits
    lost, noise = ask.draw() < habits.loss, 2 * ask.draw() - 1
    if lost or road.silent:
        return None
    time = max(road.length * part + habits.jitter * noise + road.carried, LEAST)
    return time if time <= timeout else None


def _hop(ask: Ask, host: str, hop: int, there: int) -> tuple[str, str]:
    """Name and address of what stands at that hop of the road."""
    if hop >= there:
        address = ask.address(host)
        return (host if not address_of(host) else address), address
    place = 1 + int(ask.fixed(hop) * 254)
    if hop == 1:
        return (address := f"100.64.{place}.1"), address
    return f"core{hop}-{place}.operator.example", f"198.51.100.{place}"


def _ms(seconds: float) -> int:
    return max(ceil(seconds * 1000 - 1e-9), 1)
