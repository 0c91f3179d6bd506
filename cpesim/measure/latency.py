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
import mmap
import struct
import sys
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, compress
from weakref import proxy

from hdrh.codec import HdrHistogramEncoder, HdrPayload, add_array, decode, encode
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
_OWN = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS
# What travels before the compressed counts: sum, exact maximum, how many clamped.
_HEAD = struct.Struct("<QQQ")
_PAYLOAD_HEADER = 40
# A log's line has its cookie and length before the same compressed counts.
_LOG_HEADER = 8
# Slots that are looked at together: most of a second's are empty.
_BLOCK = 128
_SLOTS = struct.Struct(f"{_BLOCK}Q")
_EMPTY = bytes(_SLOTS.size)
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


class _Payload(HdrPayload):  # type: ignore[misc] # hdrh has no types
    """
    The counters, and how they are encoded: as hdrh does it, to the byte.

    A page of counters that nothing was counted in takes no memory. hdrh makes a type
    of its own for each length that it encodes, which is garbage for minutes.
    """

    def _init_counts(self) -> None:
        room = mmap.mmap(-1, self.counts_len * _WORD, flags=_OWN)
        self.counts = (ctypes.c_uint64 * self.counts_len).from_buffer(room)

    def compress(self, counts_limit: int) -> bytes:
        """The first so many counters; each takes 9 bytes at the most."""
        room = counts_limit * (_WORD + 1) + 1
        encoded = bytearray(room)
        length = encode(
            ctypes.addressof(self.counts), counts_limit, _WORD, address(encoded), room
        )
        self.payload.payload_len = length
        return zlib.compress(bytes(self.payload) + encoded[:length])


class Latency(HdrHistogram):  # type: ignore[misc] # hdrh has no types
    """
    Seconds of one series: 1 µs to 1 h, 3 digits; up to 184 KiB, by its greatest value.

    What lies outside is recorded at the nearer end and counted in `clamped`.
    """

    encoder: HdrHistogramEncoder
    counts: memoryview[int]
    counts_len: int
    total_count: int
    max_value: int

    def __init__(self) -> None:
        super().__init__(LOWEST, HIGHEST, DIGITS)
        payload = _Payload(_WORD, self.counts_len)
        payload.payload = self.encoder.payload.payload
        # It goes as soon as nobody has it, and not when garbage is looked for.
        self.encoder = HdrHistogramEncoder(proxy(self), hdr_payload=payload)
        array = payload.counts
        # A memoryview of the same counters: a fifth cheaper than indexing ctypes.
        self._address = ctypes.addressof(array)
        self._raw = memoryview(array).cast("B")
        self.counts = self._raw.cast("Q")
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
        at, length = interval.first * _WORD, interval.used - interval.first
        add_array(self._address + at, interval.address + at, length, _WORD)
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
        counts = self.counts
        for at, number in interval.filled():
            counts[at] -= number
        self.total_count -= interval.count
        self.sum -= interval.sum
        self.clamped -= interval.clamped
        self.max_value = top

    def percentiles(self, wanted: Sequence[float]) -> list[float]:
        """Seconds at each percentile, by hdrh's own definition, none above the max."""
        total = self.total_count
        if not total:
            return [0.0] * len(wanted)
        found = dict.fromkeys(wanted, self.max_value)
        # How many values may be above each, those with the fewest last.
        left = [(total - max(1, int(p * total / 100 + 0.5)), p) for p in sorted(found)]
        above, raw, size = 0, self._raw, _SLOTS.size
        for at in range((self._used() - 1) // _BLOCK * size, -1, -size):
            block = raw[at : at + size].tobytes()
            if block == _EMPTY:
                continue
            numbers = _SLOTS.unpack(block)
            reached = above + sum(numbers)
            if left and reached > left[-1][0]:
                sums = list(accumulate(reversed(numbers)))
                last = at // _WORD + _BLOCK - 1
                while left and reached > left[-1][0]:
                    rest, percentile = left.pop()
                    index = last - bisect_right(sums, rest - above)
                    # The last value that shares this slot.
                    bucket = max(0, (index >> _HALF_BITS) - 1)
                    value = ((index - (bucket << _HALF_BITS) + 1) << bucket) - 1
                    found[percentile] = min(value, self.max_value)
            if not left:
                break
            above = reached
        return [found[percentile] / 1e6 for percentile in wanted]

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
        numbers = self.counts[: self._used()].tolist() if self.total_count else []
        for index in compress(range(len(numbers)), numbers):
            step = coarse_step(int(self.get_value_from_index(index)))
            name = sys.intern(str(step))
            found[name] = found.get(name, 0) + numbers[index]
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

    __slots__ = (
        *("_counts", "address", "clamped", "count", "first", "max_value", "sum"),
        "used",
    )

    def __init__(self, encoded: bytes) -> None:
        try:
            self.sum, self.max_value, self.clamped = _HEAD.unpack_from(encoded)
            payload = zlib.decompress(memoryview(encoded)[_HEAD.size :])
            if self.max_value > HIGHEST or len(payload) < _PAYLOAD_HEADER:
                raise ValueError("figures out of range")
            self.used = index_of(self.max_value) + 1
            self._counts = bytearray(self.used * _WORD)
            self.address = address(self._counts)
            found = decode(payload, _PAYLOAD_HEADER, self.address, self.used, _WORD)
        except (struct.error, zlib.error, IndexError, TypeError, ValueError) as error:
            raise ValueError(f"not a latency interval: {error}") from error
        self.count: int = found["total"]
        self.first: int = found["min_nonzero_index"]

    def filled(self) -> Iterator[tuple[int, int]]:
        """The slots that hold a value, and how many."""
        raw = self._counts
        for begin in range(self.first, self.used if self.count else 0, _BLOCK):
            block = raw[begin * _WORD : (begin + _BLOCK) * _WORD]
            if block != _EMPTY:
                numbers = memoryview(block).cast("Q").tolist()
                for at in compress(range(len(numbers)), numbers):
                    yield begin + at, numbers[at]

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


def address(room: bytearray) -> int:
    """Where its bytes are, for as long as it is not resized."""
    return ctypes.addressof(ctypes.c_char.from_buffer(room))


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
