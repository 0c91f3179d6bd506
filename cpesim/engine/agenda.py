"""
All due moments of a shard, in one heap.

Rule: a device that sleeps is one entry here and nothing else. An entry that its
device has outlived stays in the heap and is passed over when its time comes, or
goes with all its like when they are more than the devices.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import heapify, heappop, heappush
from math import inf

from cpesim.device.device import Device

SPARE = 1000


class Agenda:
    """
    Which device wants to be woken next: entries of (moment, device number).

    *devices* are a shard's, in the order of their numbers, every *of*-th one.
    """

    def __init__(self, devices: Sequence[Device], of: int = 1) -> None:
        self._devices = devices
        self._of = of
        self._heap: list[tuple[float, int]] = []
        # A CPE that informs each day and is knocked each minute outlives 1,440 a day.
        self._most = 2 * len(devices) + SPARE

    def __len__(self) -> int:
        return len(self._heap)

    def put(self, device: Device, when: float) -> None:
        """Wake *device* at *when*, and at no other time."""
        if when == device.entry:
            return
        device.entry = when
        if when != inf:
            heappush(self._heap, (when, device.model.n))
            if len(self._heap) > self._most:
                self._tidy()

    def _tidy(self) -> None:
        """Keep one entry of each device that has any."""
        # In place: `due` may be going through it.
        self._heap[:] = [(d.entry, d.model.n) for d in self._devices if d.entry != inf]
        heapify(self._heap)
        self._most = 2 * len(self._devices) + SPARE

    def next(self) -> float:
        """The earliest due moment; inf where there is none."""
        return self._heap[0][0] if self._heap else inf

    def due(self, now: float) -> Iterator[tuple[float, Device]]:
        """Take out every device that is due, with its moment."""
        heap, devices, of = self._heap, self._devices, self._of
        while heap and heap[0][0] <= now:
            when, n = heappop(heap)
            device = devices[n // of]
            if device.entry == when:
                device.entry = inf
                yield when, device
