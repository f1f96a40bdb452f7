"""Which columns of the table of figures fit beside one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

from smallchat.tui.figures_table import COLUMNS, Row

GAP = "  "
WIDEST_NAME = 24
FIXED = 3  # columns that are always shown


@dataclass(frozen=True, slots=True)
class Layout:
    """Which columns are shown, and how wide each is.

    Attributes:
        columns: Their places in ``COLUMNS``.
        widths: In cells.
        before: How many columns are out of sight after the fixed ones.
        after: How many are out of sight at the right.
    """

    columns: tuple[int, ...]
    widths: tuple[int, ...]
    before: int = 0
    after: int = 0

    def line(self, cells: Sequence[str]) -> str:
        """Return a line of the shown ones of ``cells``, one for each column there is."""
        parts = []
        for index, width in zip(self.columns, self.widths, strict=True):
            cell = set_cell_size(cells[index], min(width, cell_len(cells[index])))
            space = " " * (width - cell_len(cell))
            parts.append(space + cell if COLUMNS[index].right else cell + space)
        return GAP.join(parts)

    def column_at(self, x: int) -> int | None:
        """Return the column at ``x`` cells from the left."""
        end = 0
        for index, width in zip(self.columns, self.widths, strict=True):
            end += width + len(GAP)
            if x < end:
                return index
        return None


def lay_out(rows: Sequence[Row], width: int, before: int, reach: int = 0) -> Layout:
    """Return the columns that fit into ``width`` cells: the fixed ones, and neighbours of the others.

    Args:
        rows: What stands in the columns.
        width: The cells there are.
        before: How many columns after the fixed ones to leave out; fewer where there is room for them.
        reach: The column that must be seen.
    """
    widths = [
        max(cell_len(column.heading) + 2, *(cell_len(column.show(row)) for row in rows), 0)
        for column in COLUMNS
    ]
    widths[1] = min(widths[1], WIDEST_NAME)
    if width < 60:
        widths[1] = min(widths[1], 12)
    room = width - sum(widths[:FIXED]) - len(GAP) * (FIXED - 1)
    first, last = FIXED, len(COLUMNS)
    while first < last - 1 and first < FIXED + before and _room(widths, first, last) > room:
        first += 1
    if reach >= FIXED:
        first = min(first, reach)
        while first < reach and _room(widths, first, reach + 1) > room:
            first += 1
    while last > first + 1 and _room(widths, first, last) > room:
        last -= 1
    shown = (*range(FIXED), *range(first, last))
    return Layout(shown, tuple(widths[index] for index in shown), first - FIXED, len(COLUMNS) - last)


def _room(widths: Sequence[int], first: int, last: int) -> int:
    return sum(len(GAP) + width for width in widths[first:last])
