"""
Latencies of one series, as an HdrHistogram.

Rule: this is the one place that knows hdrhistogram. Its index, reset, percentiles,
add and decode are too slow for us or lose values silently (hdrh 0.10.8: 0.66 µs,
0.75 ms, 0.9 ms a call, and False for what is out of range); ours give the same
figures, and encode() the same bytes. All values are whole microseconds inside and
seconds outside, so that sums merge exactly.
"""

from __future__ import annotations

import base64
import binascii
import ctypes
import math
import struct
import sys
import zlib
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from hdrh.codec import add_array, decode
from hdrh.histogram import HdrHistogram

LOWEST = 1
HIGHEST = 3_600_000_000
DIGITS = 3
PERCENTILES = (50.0, 90.0, 95.0, 99.0, 99.9)

# At 3 digits a bucket has 2,048 slots, of which the upper 1,024 are its own.
_MASK = 2047
_BITS = 11
_HALF_BITS = 10
_WORD = 8
# What travels before the compressed counts: sum, exact maximum, how many clamped.
_HEAD = struct.Struct("<QQQ")
_PAYLOAD_HEADER = 40
# A log's line has its cookie and length before the same compressed counts.
_LOG_HEADER = 8
# Steps to a doubling, for heat maps.
COARSE = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """What is told of a series: its count, and seconds."""

    count: int = 0
    p50: float = 0.0
    p90: float = 0.0
    p95: float = 0.0
    p99: float = 0.0
    p99_9: float = 0.0
    max: float = 0.0
    mean: float = 0.0
    clamped: int = 0


NOTHING = Figures()


class Latency(HdrHistogram):  # type: ignore[misc] # hdrh has no types
    """
    Seconds of one series: 1 µs to 1 h, 3 digits, 160-184 KiB once it is used.

    What lies outside is recorded at the nearer end and counted in `clamped`.
    """

    counts: memoryview[int]
    counts_len: int
    total_count: int
    max_value: int

    def __init__(self) -> None:
        super().__init__(LOWEST, HIGHEST, DIGITS)
        # A memoryview of the same counters: a fifth cheaper than indexing ctypes.
        array = self.encoder.get_counts()
        self._address = ctypes.addressof(array)
        self.counts = memoryview(array).cast("B").cast("Q")
        self.sum = 0
        self.clamped = 0

    def record(self, seconds: float) -> None:
        """Count one latency."""
        value = int(seconds * 1e6 + 0.5)
        if not 1 <= value <= 3_600_000_000:
            value = LOWEST if value < LOWEST else HIGHEST
            self.clamped += 1
        bucket = (value | 2047).bit_length() - 11
        self.counts[(bucket << 10) + (value >> bucket)] += 1
        self.total_count += 1
        self.sum += value
        if value > self.max_value:
            self.max_value = value

    def reset(self) -> None:
        """Forget everything; 2 µs, only the part that was used is cleared."""
        if self.total_count:
            ctypes.memset(self._address, 0, self._used() * _WORD)
        self.min_value = sys.maxsize
        self.total_count = self.max_value = self.sum = self.clamped = 0

    def get_min_value(self) -> int:
        """The smallest value in µs; found when asked for, not kept while recording."""
        if not self.total_count:
            return 0
        return int(self.get_value_from_index(self._first()))

    def to_bytes(self) -> bytes:
        """All of it in some hundred bytes, for Latency.add_bytes."""
        head = _HEAD.pack(self.sum, self.max_value, self.clamped)
        counts: bytes = self.encoder.payload.compress(
            self._used() if self.total_count else 0
        )
        return head + counts

    def add_bytes(self, encoded: bytes) -> None:
        """Add what another process recorded."""
        self.add_interval(Interval(encoded))

    def add_interval(self, interval: Interval) -> None:
        """Add a decoded interval: 10 µs, however many values it holds."""
        if not interval.count:
            return
        add_array(self._address, interval.address, interval.used, _WORD)
        self.total_count += interval.count
        self.sum += interval.sum
        self.clamped += interval.clamped
        self.max_value = max(self.max_value, interval.max_value)

    def add_latency(self, other: Latency) -> None:
        """Add all that another one holds."""
        if not other.total_count:
            return
        add_array(self._address, other._address, other._used(), _WORD)
        self.total_count += other.total_count
        self.sum += other.sum
        self.clamped += other.clamped
        self.max_value = max(self.max_value, other.max_value)

    def take_interval(self, interval: Interval, top: int) -> None:
        """Take away an interval that was added; *top* is the maximum of what stays."""
        first, numbers = interval.counts()
        for index, number in enumerate(numbers, first):
            if number:
                self.counts[index] -= number
        self.total_count -= interval.count
        self.sum -= interval.sum
        self.clamped -= interval.clamped
        self.max_value = top

    def percentiles(self, wanted: Sequence[float]) -> list[float]:
        """Seconds at each percentile, by hdrh's own definition, none above the max."""
        if not self.total_count:
            return [0.0] * len(wanted)
        first = self._first()
        sums = list(accumulate(self.counts[first : self._used()].tolist()))
        values = []
        for percentile in wanted:
            target = max(1, int(percentile * self.total_count / 100 + 0.5))
            index = first + min(bisect_left(sums, target), len(sums) - 1)
            # The last value that shares this slot.
            bucket = max(0, (index >> _HALF_BITS) - 1)
            value = ((index - (bucket << _HALF_BITS) + 1) << bucket) - 1
            values.append(min(value, self.max_value) / 1e6)
        return values

    def below(self, bounds: Sequence[float]) -> list[int]:
        """How many values are at most each of these seconds, to a slot's width."""
        sums = list(accumulate(self.counts[: self._used()].tolist(), initial=0))
        last = len(sums) - 1
        return [sums[min(index_of(int(b * 1e6 + 0.5)) + 1, last)] for b in bounds]

    def figures(self) -> Figures:
        """Count, percentiles, maximum and mean."""
        if not self.total_count:
            return NOTHING
        p50, p90, p95, p99, p99_9 = self.percentiles(PERCENTILES)
        top = self.max_value / 1e6
        mean = self.sum / self.total_count / 1e6
        return Figures(
            self.total_count, p50, p90, p95, p99, p99_9, top, mean, self.clamped
        )

    def coarse(self) -> dict[str, int]:
        """Counts by steps of 19 %, each by the exponent of its beginning in µs."""
        found: dict[str, int] = {}
        first = self._first() if self.total_count else 0
        for index, number in enumerate(self.counts[first : self._used()], first):
            if number:
                step = str(coarse_step(int(self.get_value_from_index(index))))
                found[step] = found.get(step, 0) + number
        return found

    def _first(self) -> int:
        """The first slot that holds a value; 3 µs, where a loop takes 300."""
        used = self.counts[: self._used()].tobytes()
        return (len(used) - len(used.lstrip(b"\0"))) // _WORD

    def _used(self) -> int:
        """How many slots, counted from 0, hold all values."""
        return index_of(self.max_value) + 1


class Interval:
    """
    Counts of an interval as they came, decoded once to be added in several places.

    Raises ValueError when the bytes are not what Latency.to_bytes made.
    """

    __slots__ = ("_counts", "address", "clamped", "count", "max_value", "sum", "used")

    def __init__(self, encoded: bytes) -> None:
        try:
            self.sum, self.max_value, self.clamped = _HEAD.unpack_from(encoded)
            payload = zlib.decompress(memoryview(encoded)[_HEAD.size :])
            if self.max_value > HIGHEST or len(payload) < _PAYLOAD_HEADER:
                raise ValueError("figures out of range")
            self.used = index_of(self.max_value) + 1
            self._counts = ctypes.create_string_buffer(self.used * _WORD)
            self.address = ctypes.addressof(self._counts)
            found = decode(payload, _PAYLOAD_HEADER, self.address, self.used, _WORD)
        except (struct.error, zlib.error, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"not a latency interval: {error}") from error
        self.count: int = found["total"]

    def counts(self) -> tuple[int, list[int]]:
        """The first slot that holds a value, and how many are in it and those after."""
        raw = self._counts.raw
        first = (len(raw) - len(raw.lstrip(b"\0"))) // _WORD
        return first, memoryview(raw)[first * _WORD :].cast("Q").tolist()

    @classmethod
    def from_log(cls, text: str, greatest: float, total: int, clamped: int) -> Interval:
        """
        One line of a histogram log; what it does not hold comes besides.

        *greatest* is its maximum in seconds, *total* the sum in µs.
        """
        try:
            encoded = base64.b64decode(text, validate=True)
            head = _HEAD.pack(total, round(greatest * 1e6), clamped)
        except (binascii.Error, struct.error, ValueError) as error:
            raise ValueError(f"not a latency interval: {error}") from error
        return cls(head + encoded[_LOG_HEADER:])


def coarse_step(value: int) -> int:
    """The step of a whole number of microseconds."""
    return int(COARSE * math.log2(max(value, 1)))


def step_begins(step: int) -> float:
    """Where a coarse step begins, in seconds."""
    return float(2 ** (step / COARSE) / 1e6)


def index_of(value: int) -> int:
    """The slot of a whole number of microseconds."""
    bucket = (value | _MASK).bit_length() - _BITS
    return (bucket << _HALF_BITS) + (value >> bucket)
