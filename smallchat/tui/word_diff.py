"""The words in which two texts differ, found in bounded time."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from time import perf_counter
from typing import Literal

from smallchat.safe_text import safe_text

Kind = Literal["same", "removed", "added"]

LONGEST_S = 1.0
MOST_PAIRS = 3_000_000  # of equal words: a matcher looks at each pair
_WORD = re.compile(r"\n|^[^\S\n]*\S+|\S+", re.MULTILINE)  # a line's first word with what indents it


@dataclass(frozen=True, slots=True)
class Piece:
    """Neighbouring words that are in both texts, or in one of them; a line end is a word of its own."""

    kind: Kind
    words: tuple[str, ...]


def split_words(text: str) -> list[str]:
    """Return the words of ``text``, made safe to show, and its line ends.

    The first word of a line keeps the spaces before it: in code they have a meaning.
    """
    return _WORD.findall(safe_text(text).expandtabs(4))


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
