"""Finding text in the transcript as it is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from smallchat.tui.widgets.transcript.lines import Line


class Found(NamedTuple):
    """A run of characters of one row."""

    y: int
    start: int
    end: int


Match = tuple[Found, ...]


class Search:
    """What is searched for, where it was found, and which of the places is looked at."""

    def __init__(self) -> None:
        self._query = ""
        self._matches: list[Match] = []
        self._current = 0
        self._by_row: dict[int, list[Found]] = {}

    @property
    def count(self) -> int:
        """Places found."""
        return len(self._matches)

    def found_on(self, y: int) -> list[Found]:
        """Return what was found on row ``y``."""
        return self._by_row.get(y, [])

    def begin(self, query: str) -> None:
        """Search for something else, from the end; for "" nothing is found."""
        self._query = query
        self._current = 0

    def clear(self) -> None:
        """Search for nothing."""
        self.begin("")
        self._matches = []
        self._by_row = {}

    def rows_came_above(self, lines: Iterable[Line]) -> None:
        """Search ``lines`` again; the place that is looked at stays the same, told from the end."""
        behind = len(self._matches) - self._current
        self.go(lines, 0)
        self._current = max(0, len(self._matches) - behind)

    def go(self, lines: Iterable[Line], step: int) -> Found | None:
        """Search ``lines``, go ``step`` places on, return where that is; ``None`` when nothing is found."""
        self._matches = find_all(lines, self._query)
        self._by_row = {}
        for match in self._matches:
            for found in match:
                self._by_row.setdefault(found.y, []).append(found)
        if not self._matches:
            return None
        self._current = (self._current + step) % len(self._matches)
        return self._matches[self._current][0]


def find_all(lines: Iterable[Line], query: str) -> list[Match]:
    """Return where ``query`` occurs, whatever its case; a match goes on over the rows of a wrapped line."""
    wanted = _folded(query)
    matches: list[Match] = []
    if not wanted:
        return matches
    text = ""
    places: list[tuple[int, int, int]] = []  # offset in text, row, gutter
    for y, line in enumerate(lines):
        if line.join == "\n":
            matches += _matches_in(text, places, wanted)
            text, places = "", []
        else:
            text += line.join
        places.append((len(text), y, line.gutter))
        text += _folded(line.text[line.gutter :])
    matches += _matches_in(text, places, wanted)
    return matches


def _folded(text: str) -> str:
    """Lower the case without changing the length, so that offsets stay those of the row."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered
    return "".join(c if len(c.lower()) > 1 else c.lower() for c in text)


def _matches_in(text: str, places: list[tuple[int, int, int]], wanted: str) -> list[Match]:
    matches: list[Match] = []
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        parts = []
        for index, (offset, y, gutter) in enumerate(places):
            stop = places[index + 1][0] if index + 1 < len(places) else len(text)
            if start < stop and end > offset:
                parts.append(Found(y, max(start, offset) - offset + gutter, min(end, stop) - offset + gutter))
        matches.append(tuple(parts))
        start = text.find(wanted, end)
    return matches
