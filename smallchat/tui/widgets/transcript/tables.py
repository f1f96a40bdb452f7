"""Laying out tables whose rows arrive one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from smallchat.tui.widgets.transcript.cells import cells
from smallchat.tui.widgets.transcript.lines import TEXT, Line, Look, Margin, Mark, Span
from smallchat.tui.widgets.transcript.parts import split_row
from smallchat.tui.widgets.transcript.wrap import wrap

SAMPLE = 24  # rows that decide the widths; those that follow are wrapped into them
_MOST_COLUMNS = 40
_LONGEST_CELL = 1000
_NARROWEST = 7  # cells; below this a table is turned into records
_RULE = Look("rule")
_GAP = (" │ ", _RULE)
_CROSS = "─┼─"
_ALIGNMENT = re.compile(r"(:?)-+(:?)")

ReadInline = Callable[[str, Look], list[Span]]
Cell = list[Span]


class TableLayout:
    """Widths and alignments of a table, and its rows as lines."""

    def __init__(
        self, head: Sequence[str], rows: list[str], width: int, margin: Margin, read: ReadInline
    ) -> None:
        """Lay out a table.

        Args:
            head: Source of the header and of the delimiter row.
            rows: Source of the first rows, which decide the widths.
            width: Cells from edge to edge.
            margin: What stands left of the table.
            read: Reads inline Markdown.
        """
        header, delimiter = head
        self._read = read
        self._margin = margin
        self._width = width
        self._names = split_row(header)[:_MOST_COLUMNS]
        self._align = [_alignment(cell) for cell in split_row(delimiter)[:_MOST_COLUMNS]]
        self._head = [read(name[:_LONGEST_CELL], Look("table-head", Mark.BOLD)) for name in self._names]
        sample = [self._head, *(self._cells_of(row) for row in rows[:SAMPLE])]
        natural = [max(1, *map(_cell_width, column)) for column in zip(*sample, strict=True)]
        self._widths = _shrink(natural, width - margin.rest_gutter - len(_CROSS) * (len(natural) - 1))

    @property
    def as_records(self) -> bool:
        """Whether the columns do not fit side by side, so that each row is shown as names and values."""
        return not self._widths

    def head(self) -> list[Line]:
        """Return the header and the rule below it."""
        if self.as_records:
            return []
        rule = _CROSS.join("─" * width for width in self._widths)
        return [*self._side_by_side(self._head, first=True), self._line([(rule, _RULE)])]

    def row(self, source: str, number: int) -> list[Line]:
        """Return row ``number``, counted from 0."""
        row = self._cells_of(source)
        if self.as_records:
            return self._record(row, number)
        return self._side_by_side(row)

    def _cells_of(self, source: str) -> list[Cell]:
        texts = split_row(source)[: len(self._names)]
        texts += [""] * (len(self._names) - len(texts))
        texts = [text if len(text) <= _LONGEST_CELL else text[:_LONGEST_CELL] + "…" for text in texts]
        return [self._read(text, TEXT) for text in texts]

    def _side_by_side(self, row: list[Cell], *, first: bool = False) -> list[Line]:
        columns = [wrap(cell, width) for cell, width in zip(row, self._widths, strict=True)]
        lines = []
        for index in range(max(len(column) for column in columns)):
            spans: list[Span] = []
            for number, (column, width) in enumerate(zip(columns, self._widths, strict=True)):
                if number:
                    spans.append(_GAP)
                content = column[index].spans if index < len(column) else ()
                spans += _aligned(content, width, self._align[number], last=number == len(columns) - 1)
            lines.append(self._line(spans, first=first and not index))
        return lines

    def _record(self, row: list[Cell], number: int) -> list[Line]:
        lines = [self._line([])] if number else []
        rest = self._margin.rest
        gutter = self._margin.rest_gutter
        for name, cell in zip(self._head, row, strict=True):
            if any(text.strip() for text, _ in cell):
                first = rest if lines or number else self._margin.first
                margin = Margin(first, (*rest, ("  ", TEXT)), gutter)
                lines += wrap([*name, ("  ", TEXT), *cell], self._width, margin)
        return lines

    def _line(self, spans: list[Span], *, first: bool = False) -> Line:
        margin = self._margin
        if first:
            return Line((*margin.first, *spans), margin.first_gutter)
        return Line((*margin.rest, *spans), margin.rest_gutter)


def _alignment(cell: str) -> str:
    match = _ALIGNMENT.match(cell)
    if not match or not match[2]:
        return "left"
    return "center" if match[1] else "right"


def _cell_width(cell: Cell) -> int:
    return sum(cells(text) for text, _ in cell)


def _shrink(natural: list[int], room: int) -> list[int]:
    """Return column widths that fit into ``room``, taking from the widest first; none when they can not."""
    if sum(natural) <= room:
        return natural
    low, high = 0, max(natural)
    while low < high:  # the greatest cap under which all columns fit
        cap = (low + high + 1) // 2
        if sum(min(width, cap) for width in natural) <= room:
            low = cap
        else:
            high = cap - 1
    if low < _NARROWEST:
        return []
    widths = [min(width, low) for width in natural]
    spare = room - sum(widths)
    for column, width in enumerate(natural):
        if spare and widths[column] < width:
            widths[column] += 1
            spare -= 1
    return widths


def _aligned(content: tuple[Span, ...], width: int, align: str, last: bool) -> list[Span]:
    space = max(0, width - sum(cells(text) for text, _ in content))
    left = 0 if align == "left" else space if align == "right" else space // 2
    right = 0 if last else space - left
    return [
        *([(" " * left, TEXT)] if left else []),
        *content,
        *([(" " * right, TEXT)] if right else []),
    ]
