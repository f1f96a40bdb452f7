"""Cell widths: how much room text takes on a terminal, as Textual measures it."""

from __future__ import annotations

from rich.cells import cell_len, get_character_cell_size

_ZERO_WIDTH_JOINER = "\u200d"
_VARIATION = "\ufe0f"


def cells(text: str) -> int:
    """Return how many cells ``text`` takes."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, room: int) -> int:
    """Return how many leading characters of ``text`` fit into ``room`` cells; joined ones stay together.

    Never 0 for a non-empty text, so that a wide character in a room of one cell can not stall a loop; and
    never more than a few characters per cell: piled combining marks take no room but cost as much to paint.
    """
    if text.isascii():
        return min(len(text), max(1, room))
    limit = room * 8 + 8
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
