"""A table as lines of text, for any width: columns that do not fit are left out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from textual.content import Content

NARROWEST_NAME, WIDEST_NAME = 16, 44
GAP = "  "


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table; of those that do not fit, the ones with the highest ``rank`` go first."""

    heading: str
    cells: Sequence[str]
    rank: int = 0
    right: bool = True


def draw_table(columns: Sequence[Column], width: int) -> list[Content]:
    """Return the heading and the rows of the columns that fit; the first one gives way, down to a limit."""
    shown = [column for column in columns if any(column.cells)]
    while len(shown) > 1 and _name_room(shown, width) < min(_width(shown[0]), NARROWEST_NAME):
        highest = max(column.rank for column in shown)
        if not highest:
            break
        shown = [column for column in shown if column.rank < highest]
    if not shown:
        return []
    widths = [_width(column) for column in shown]
    widths[0] = max(1, min(widths[0], WIDEST_NAME, _name_room(shown, width)))

    def draw(cells: Sequence[str]) -> str:
        return GAP.join(
            cell.rjust(size) if column.right else set_cell_size(cell, size)
            for column, cell, size in zip(shown, cells, widths, strict=True)
        )

    rows = zip(*(column.cells for column in shown), strict=True)
    return [
        Content.styled(draw([column.heading for column in shown]), "$quiet"),
        *(Content(draw(row).rstrip()) for row in rows),
    ]


def _width(column: Column) -> int:
    return max(cell_len(column.heading), *(cell_len(cell) for cell in column.cells))


def _name_room(columns: Sequence[Column], width: int) -> int:
    return width - sum(len(GAP) + _width(column) for column in columns[1:])
