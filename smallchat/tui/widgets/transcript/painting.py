"""Painting spans of a line over: selections and what a search has found."""

from __future__ import annotations

from collections.abc import Iterable

from rich.segment import Segment
from rich.style import Style


def paint_over(segments: Iterable[Segment], start: int, end: int, style: Style) -> list[Segment]:
    """Return ``segments`` with characters ``start`` to ``end`` in ``style``; an ``end`` of -1 is the last."""
    painted: list[Segment] = []
    position = 0
    for segment in segments:
        text, own, _ = segment
        stop = position + len(text)
        first = max(start, position) - position
        last = (stop if end < 0 else min(end, stop)) - position
        if first >= last:
            painted.append(segment)
        else:
            for piece, look in (
                (text[:first], own),
                (text[first:last], (own or Style()) + style),
                (text[last:], own),
            ):
                if piece:
                    painted.append(Segment(piece, look))
        position = stop
    return painted
