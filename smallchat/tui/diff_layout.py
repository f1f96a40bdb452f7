"""A word diff as lines: one text with signs around what differs, or two columns side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from smallchat.tui.word_diff import Kind, Piece

SIGNS: dict[Kind, tuple[str, str, str]] = {
    "same": ("", "", "$foreground"),
    "removed": ("[-", "-]", "$error"),
    "added": ("{+", "+}", "$success"),
}
BAR = " │ "


@dataclass(frozen=True, slots=True)
class Page:
    """A diff as it is shown.

    Attributes:
        lines: The lines.
        places: In which of them the texts begin to differ, each once.
    """

    lines: list[Content]
    places: list[int]


def lay_inline(pieces: Iterable[Piece], width: int) -> Page:
    """Return ``pieces`` as one text, its lines at most ``width`` cells wide."""
    writer = _Writer(width)
    places: list[int] = []
    last: Kind = "same"
    for piece in pieces:
        place = writer.add(piece)
        if piece.kind != "same" and last == "same" and place is not None:
            places.append(place)
        last = piece.kind
    return Page(writer.finish(), sorted(set(places)))


def lay_beside(pieces: Iterable[Piece], width: int) -> Page:
    """Return two columns: at the left what is not added, at the right what is not removed.

    Wherever both texts begin a line with the same words, those stand at the same height.
    """
    room = max(1, (width - len(BAR)) // 2)
    lines: list[Content] = []
    places: list[int] = []
    for row in _split_rows(pieces):
        left = _Writer(room)
        right = _Writer(room)
        last: Kind = "same"
        for piece in row:
            found = [
                len(lines) + place
                for writer, other in ((left, "added"), (right, "removed"))
                if piece.kind != other and (place := writer.add(piece)) is not None
            ]
            if piece.kind != "same" and last == "same":
                places += found
            last = piece.kind
        lines += _join(left.finish(), right.finish(), room)
    return Page(lines, sorted(set(places)))


def _split_rows(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Yield ``pieces`` in parts that both texts begin on a new line."""
    row: list[Piece] = []
    fresh = {"removed": True, "added": True}  # whether what comes next begins a line of that text
    for piece in pieces:
        if piece.kind != "same":
            row.append(piece)
            fresh[piece.kind] = piece.words[-1] == "\n"
            continue
        if row and all(fresh.values()):
            yield row
            row = []
        for words in _split_lines(piece.words):
            row.append(Piece("same", words))
            if words[-1] == "\n":
                yield row
                row = []
        fresh = dict.fromkeys(fresh, piece.words[-1] == "\n")
    if row:
        yield row


def _split_lines(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    start = 0
    for index, word in enumerate(words):
        if word == "\n":
            yield tuple(words[start : index + 1])
            start = index + 1
    if start < len(words):
        yield tuple(words[start:])


def _join(left: list[Content], right: list[Content], room: int) -> Iterator[Content]:
    blank = Content("")
    left += [blank] * (len(right) - len(left))
    right += [blank] * (len(left) - len(right))
    for one, other in zip(left, right, strict=True):
        yield Content.assemble(one, " " * (room - one.cell_length), (BAR, "$line"), other)


class _Writer:
    """Wraps pieces into lines."""

    def __init__(self, width: int) -> None:
        self._width = max(1, width)
        self._lines: list[Content] = []
        self._parts: list[tuple[str, str]] = []
        self._used = 0

    def add(self, piece: Piece) -> int | None:
        """Write ``piece``, signs at both ends of what differs; return its first line, if it has a word."""
        opening, closing, style = SIGNS[piece.kind]
        written = [index for index, word in enumerate(piece.words) if word != "\n"]
        place = None
        for index, word in enumerate(piece.words):
            if word == "\n":
                self._end_line()
                continue
            text = (opening if index == written[0] else "") + word + (closing if index == written[-1] else "")
            for part in _cut(text, self._width):
                self._write(part, style)
                place = len(self._lines) if place is None else place
        return place

    def _write(self, part: str, style: str) -> None:
        size = cell_len(part)
        if self._used and self._used + 1 + size > self._width:
            self._end_line()
        if self._used:
            self._parts.append((" ", ""))
            self._used += 1
        self._parts.append((part, style))
        self._used += size

    def _end_line(self) -> None:
        self._lines.append(Content.assemble(*self._parts))
        self._parts, self._used = [], 0

    def finish(self) -> list[Content]:
        """Return the lines."""
        if self._parts:
            self._end_line()
        return self._lines


def _cut(word: str, width: int) -> Iterator[str]:
    """Yield ``word`` in parts that fit into ``width`` cells."""
    part, used = "", 0
    if len(word) * 2 <= width:
        yield word
        return
    for char in word:
        size = cell_len(char)
        if part and used + size > width:
            yield part
            part, used = "", 0
        part, used = part + char, used + size
    yield part
