"""The words in which two texts differ, found in bounded time, marked by signs and wrapped into lines."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from time import perf_counter
from typing import Literal

from rich.cells import cell_len
from textual.content import Content

from smallchat.safe_text import safe_text

Kind = Literal["same", "removed", "added"]

LONGEST_S = 1.0
MOST_PAIRS = 3_000_000  # of equal words: a matcher looks at each pair
SIGNS: dict[Kind, tuple[str, str, str]] = {
    "same": ("", "", "$foreground"),
    "removed": ("[-", "-]", "$error"),
    "added": ("{+", "+}", "$success"),
}
_WORD = re.compile(r"\n|[^\s]+")


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring words that are in both texts, or in one of them; a line end is a word of its own."""

    kind: Kind
    words: tuple[str, ...]


def split_words(text: str) -> list[str]:
    """Return the words of ``text``, made safe to show, and its line ends."""
    return _WORD.findall(safe_text(text))


def diff_words(left: Sequence[str], right: Sequence[str], longest_s: float = LONGEST_S) -> list[Piece]:
    """Return what is only in ``left``, only in ``right``, and in both, in order.

    After ``longest_s`` seconds what was not compared yet counts as different; the texts can be rebuilt all
    the same.
    """
    until = perf_counter() + longest_s
    return list(_join(_walk(left, right, until)))


def _walk(left: Sequence[str], right: Sequence[str], until: float) -> Iterator[Piece]:
    matcher = SequenceMatcher(None, left, right, autojunk=_is_repetitive(left, right))
    open_blocks = [(0, len(left), 0, len(right))]  # the first one to look at last
    while open_blocks:
        a, a_end, b, b_end = open_blocks.pop()
        if a == a_end or b == b_end or perf_counter() > until:
            yield Piece("removed", tuple(left[a:a_end]))
            yield Piece("added", tuple(right[b:b_end]))
            continue
        start = 0
        while a + start < a_end and b + start < b_end and left[a + start] == right[b + start]:
            start += 1
        if start:
            yield Piece("same", tuple(left[a : a + start]))
            open_blocks.append((a + start, a_end, b + start, b_end))
            continue
        match = matcher.find_longest_match(a, a_end, b, b_end)
        if not match.size:
            yield Piece("removed", tuple(left[a:a_end]))
            yield Piece("added", tuple(right[b:b_end]))
            continue
        open_blocks.append((match.a, a_end, match.b, b_end))
        open_blocks.append((a, match.a, b, match.b))


def _is_repetitive(left: Sequence[str], right: Sequence[str]) -> bool:
    counts, others = Counter(left), Counter(right)
    return sum(count * others[word] for word, count in counts.items()) > MOST_PAIRS


def _join(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Yield ``pieces`` without empty ones, neighbours of one kind joined."""
    last: Piece | None = None
    for piece in pieces:
        if not piece.words:
            continue
        if last is not None and last.kind == piece.kind:
            last = Piece(last.kind, last.words + piece.words)
        else:
            if last is not None:
                yield last
            last = piece
    if last is not None:
        yield last


def count_words(pieces: Iterable[Piece]) -> dict[Kind, int]:
    """Return how many words, line ends left out, there are of each kind."""
    counts: dict[Kind, int] = {"same": 0, "removed": 0, "added": 0}
    for piece in pieces:
        counts[piece.kind] += sum(word != "\n" for word in piece.words)
    return counts


def wrap_pieces(pieces: Iterable[Piece], width: int) -> list[Content]:
    """Return ``pieces`` as lines at most ``width`` cells wide; signs stand at both ends of what differs."""
    lines: list[Content] = []
    parts: list[tuple[str, str]] = []
    used = 0

    def end_line() -> None:
        nonlocal parts, used
        lines.append(Content.assemble(*parts))
        parts, used = [], 0

    for piece in pieces:
        opening, closing, style = SIGNS[piece.kind]
        words = [word for word in piece.words if word != "\n"]
        if not words:
            for _ in piece.words:  # line ends alone: nothing to mark
                end_line()
            continue
        first, last = _ends(piece.words)
        for index, word in enumerate(piece.words):
            if word == "\n":
                end_line()
                continue
            text = (opening if index == first else "") + word + (closing if index == last else "")
            for part in _cut(text, max(1, width)):
                size = cell_len(part)
                if used and used + 1 + size > width:
                    end_line()
                if used:
                    parts.append((" ", ""))
                    used += 1
                parts.append((part, style))
                used += size
    if parts:
        end_line()
    return lines


def _ends(words: Sequence[str]) -> tuple[int, int]:
    places = [index for index, word in enumerate(words) if word != "\n"]
    return places[0], places[-1]


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


def side_by_side(pieces: Sequence[Piece], width: int) -> list[Content]:
    """Return two columns: at the left what is not added, at the right what is not removed."""
    room = max(1, (width - 3) // 2)
    left = wrap_pieces([piece for piece in pieces if piece.kind != "added"], room)
    right = wrap_pieces([piece for piece in pieces if piece.kind != "removed"], room)
    bar = (" │ ", "$line")
    blank = Content("")
    left += [blank] * (len(right) - len(left))
    right += [blank] * (len(left) - len(right))
    return [
        Content.assemble(one, " " * (room - one.cell_length), bar, other)
        for one, other in zip(left, right, strict=True)
    ]
