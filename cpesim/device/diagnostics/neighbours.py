"""
Neighbouring Wi-Fi: the networks around a device.

Rule: who the neighbours are is the same in every scan; how loud they are is not,
and the quietest are missed now and then.
"""

from __future__ import annotations

from cpesim.device.diagnostics.ask import Ask
from cpesim.device.diagnostics.run import Outcome

MOST = 64
_MISSED = 0.08
_NAMES = ("home", "wlan", "net", "casa", "family", "guest", "router", "office")
_SECURITY = ("WPA2", "WPA2", "WPA2", "WPA-WPA2", "WPA2-PSK-WPA3-SAE", "WPA3-SAE")
_RATES = {
    "2.4GHz": ("1,2,5.5,11", "1,2,5.5,6,9,11,12,18,24,36,48,54"),
    "5GHz": ("6,12,24", "6,9,12,18,24,36,48,54"),
}
_CHANNELS = {
    "2.4GHz": (1, 1, 6, 6, 11, 11, 3, 13),
    "5GHz": (36, 36, 40, 44, 48, 52, 100, 104),
}
_STANDARDS = {"2.4GHz": ("g,n", "g,n,ax"), "5GHz": ("a,n,ac", "a,n,ac,ax")}
_WIDTHS = {"2.4GHz": ("20MHz", "40MHz"), "5GHz": ("80MHz", "160MHz")}


def scan(ask: Ask) -> Outcome:
    """A row for each network that is heard, by radio."""
    radios = _radios(ask)
    if not radios:
        return Outcome("Error", took=ask.habits.scan)
    rows = []
    for k in range(min(ask.habits.neighbours, MOST)):
        missed, noise = ask.draw() < _MISSED, ask.draw()
        if not missed:
            rows.append(_network(ask, k, radios, noise))
    return Outcome(rows=tuple(rows), took=ask.habits.scan)


def _radios(ask: Ask) -> list[tuple[str, str]]:
    """The device's radios as (reference, band), those that are known bands."""
    path = f"{ask.model.profile.root}WiFi.Radio."
    found = []
    for number in ask.model.instances(path):
        band = ask.read(f"WiFi.Radio.{number}.OperatingFrequencyBand")
        if band in _CHANNELS:
            found.append((f"{path}{number}", band))
    return found


def _network(
    ask: Ask, k: int, radios: list[tuple[str, str]], noise: float
) -> dict[str, str]:
    luck = [ask.fixed(16 * k + at) for at in range(8)]

    def pick(at: int, of: tuple[str, ...]) -> str:
        return of[int(luck[at] * len(of))]

    radio, band = radios[k % len(radios)]
    channels = _CHANNELS[band]
    mine = int(luck[0] * 0x1_0000_0000)
    octets = ":".join(f"{mine >> shift & 255:02X}" for shift in (24, 16, 8, 0))
    security = pick(1, _SECURITY)
    basic, rates = _RATES[band]
    standards = pick(2, _STANDARDS[band])
    strength = -48 - luck[3] * 42 + 6 * (noise - 0.5)
    return {
        "Radio": radio,
        "SSID": f"{pick(4, _NAMES)}-{mine & 0xFFFF:04x}",
        # Locally administered: no maker's address is taken.
        "BSSID": f"02:{k:02X}:{octets}",
        "Mode": "Infrastructure",
        "Channel": str(channels[int(luck[5] * len(channels))]),
        "SignalStrength": str(round(strength)),
        "SecurityModeEnabled": security,
        "EncryptionMode": "TKIP,AES" if security == "WPA-WPA2" else "AES",
        "OperatingFrequencyBand": band,
        "SupportedStandards": standards,
        "OperatingStandards": standards,
        "OperatingChannelBandwidth": pick(6, _WIDTHS[band]),
        "BeaconPeriod": "100",
        "Noise": str(round(-95 + 5 * luck[7])),
        "BasicDataTransferRates": basic,
        "SupportedDataTransferRates": rates,
        "DTIMPeriod": "1",
    }
