"""The stretch of one attempt in which the model's output arrived, and the speeds measured over it."""

from __future__ import annotations

from array import array
from itertools import accumulate
from statistics import median

NS_PER_S = 1_000_000_000
NS_PER_MS = 1_000_000

# Below these a rate says more about the network's buffers than about the model, so none is given.
MIN_WINDOW_NS = 200 * NS_PER_MS
MIN_TOKENS = 40
MIN_EVENTS = 3

STALL_NS = 500 * NS_PER_MS
STALL_MEDIANS = 10


class Window:
    """Times and lengths of the payload events of one attempt, of every channel.

    The window lasts from the first payload to the last. What the first one carries was generated before
    the window opened, so it is no part of the work done in it.

    Attributes:
        first_at: When the first payload arrived, in ns; ``None`` before it.
        last_at: When the last payload arrived, in ns; ``None`` before the first.
        events: Number of payload events.
        chars: Characters of all payloads.
    """

    __slots__ = ("_first_chars", "_gaps", "chars", "events", "first_at", "last_at")

    def __init__(self) -> None:
        self.first_at: int | None = None
        self.last_at: int | None = None
        self.events = 0
        self.chars = 0
        self._first_chars = 0
        self._gaps = array("q")

    def add(self, at: int, chars: int) -> None:
        """Count a payload of ``chars`` characters that arrived at ``at`` ns."""
        if self.last_at is None:
            self.first_at = at
            self._first_chars = chars
        else:
            self._gaps.append(max(0, at - self.last_at))
        self.last_at = at
        self.events += 1
        self.chars += chars

    def tokens_per_s(self, tokens: int) -> float | None:
        """Return the generation speed when all payloads together are ``tokens`` tokens long.

        (N - m1) / (t_last - t_first), with m1, the tokens of the first payload, taken as N x its share
        of the characters: a server that bundles 40 tokens per event is measured as well as one that does not.
        """
        if not self._is_measurable() or not self.chars:
            return None
        in_window = tokens * (1 - self._first_chars / self.chars)
        return in_window / self._seconds() if in_window >= MIN_TOKENS else None

    def chars_per_s(self) -> float | None:
        """Return the characters after the first payload / the window, of every channel, as the window is.

        There is no least number of tokens here: characters are counted, not shared out by an estimate.
        """
        return (self.chars - self._first_chars) / self._seconds() if self._is_measurable() else None

    def count_stalls(self) -> int:
        """Return how many gaps were longer than max(500 ms, 10 x the median gap)."""
        limit = self._stall_limit()
        return 0 if limit is None else sum(gap > limit for gap in self._gaps)

    def find_stalls(self) -> list[tuple[int, int]]:
        """Return when each stall began and ended, in ns."""
        limit = self._stall_limit()
        if limit is None or self.first_at is None:
            return []
        ends = accumulate(self._gaps, initial=self.first_at)
        return [(start, start + gap) for start, gap in zip(ends, self._gaps, strict=False) if gap > limit]

    def _stall_limit(self) -> float | None:
        """Return the gap in ns above which one is a stall; ``None`` when none can be."""
        if not any(gap > STALL_NS for gap in self._gaps):
            return None  # the usual case: no need to sort thousands of gaps for their median
        return max(STALL_NS, STALL_MEDIANS * median(self._gaps))

    def _is_measurable(self) -> bool:
        return self.events >= MIN_EVENTS and self._length_ns() >= MIN_WINDOW_NS

    def _length_ns(self) -> int:
        return 0 if self.first_at is None or self.last_at is None else self.last_at - self.first_at

    def _seconds(self) -> float:
        return self._length_ns() / NS_PER_S
