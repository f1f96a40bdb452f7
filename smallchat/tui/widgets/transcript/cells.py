"""Cell widths: how much room text takes on a terminal, as Textual measures it."""

from __future__ import annotations

from rich.cells import cell_len, get_character_cell_size

_ZERO_WIDTH_JOINER = "\u200d"
_VARIATION = "\ufe0f"
_MOST_PER_CELL = 8


def cells(text: str) -> int:
    """Return how many cells ``text`` takes.

    Characters without a width count as an eighth of a cell: piled by the thousand they would make a row that
    costs as much to paint as a screen.
    """
    return len(text) if text.isascii() else max(cell_len(text), len(text) // _MOST_PER_CELL)


def fit(text: str, room: int) -> int:
    """Return how many leading characters of ``text`` fit into ``room`` cells; joined ones stay together.

    Never 0 for a non-empty text, so that a wide character in a room of one cell can not stall a loop.
    """
    if text.isascii():
        return min(len(text), max(1, room))
    limit = max(1, room) * _MOST_PER_CELL
    used = 0
    joined = False
    for index, character in enumerate(text):
        width = 0 if joined else get_character_cell_size(character)
        if character == _VARIATION:
            width = 1
        joined = character == _ZERO_WIDTH_JOINER
        if used + width > room or index >= limit:
            return max(1, index)
        used += width
    return len(text)
