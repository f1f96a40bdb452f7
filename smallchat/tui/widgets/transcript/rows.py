"""The rows of the transcript by number: on which row each block starts, what the open end adds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from smallchat.tui.widgets.transcript.block import Block
from smallchat.tui.widgets.transcript.lines import Line
from smallchat.tui.widgets.transcript.stream import MarkdownStream


class Anchor(NamedTuple):
    """A place in the transcript that survives a new width: a block, and characters of it passed."""

    block: Block
    passed: int


class Rows:
    """An index over blocks that are appended, and whose last ones may still change."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._starts: list[int] = [0]
        self._tail: list[Line] = []
        self._settled = 0  # blocks at the front whose place is certain
        self._next = (0, 0)  # stream and block behind those
        self._changed: int | None = None

    @property
    def height(self) -> int:
        """Rows in all."""
        return self._starts[-1] + len(self._tail)

    @property
    def open_height(self) -> int:
        """Rows at the end that are made again with each chunk."""
        return len(self._tail)

    def line(self, y: int) -> Line | None:
        """Return row ``y``; ``None`` past the end."""
        end = self._starts[-1]
        if y >= end:
            return self._tail[y - end] if y - end < len(self._tail) else None
        if y < 0:
            return None
        index = self.block_at(y)
        return self._blocks[index].lines[y - self._starts[index]]

    def lines(self, first: int = 0, last: int | None = None) -> Iterator[Line]:
        """Yield rows ``first`` to ``last``, inclusive."""
        end = self.height if last is None else min(last + 1, self.height)
        for y in range(max(0, first), end):
            line = self.line(y)
            if line is not None:
                yield line

    def block_at(self, y: int) -> int:
        """Return which block row ``y`` belongs to."""
        return min(bisect_right(self._starts, y) - 1, max(0, len(self._blocks) - 1))

    def block_on(self, y: int) -> Block | None:
        """Return the block that fills row ``y``; ``None`` on the blank row above one, or past the end."""
        if not 0 <= y < self._starts[-1]:
            return None
        index = self.block_at(y)
        block = self._blocks[index]
        return None if block.gap and y == self._starts[index] else block

    def closed_blocks(self) -> list[Block]:
        """Return the blocks that do not grow any more."""
        return [block for block in self._blocks if block.closed]

    def anchor(self, y: int) -> Anchor | None:
        """Return the place that row ``y`` shows; ``None`` when it belongs to the open end."""
        if not self._blocks or y >= self._starts[-1]:
            return None
        index = self.block_at(y)
        block = self._blocks[index]
        return Anchor(block, sum(_weight(line) for line in block.lines[: y - self._starts[index]]))

    def row_of(self, anchor: Anchor) -> int:
        """Return the row that shows a place now."""
        try:
            index = self._blocks.index(anchor.block)
        except ValueError:
            return 0
        passed = 0
        for row, line in enumerate(anchor.block.lines):
            passed += _weight(line)
            if passed > anchor.passed:
                return self._starts[index] + row
        return self._starts[index]

    def take_changed(self) -> int | None:
        """Return the first row that may have changed since last asked; ``None`` when none did."""
        changed, self._changed = self._changed, None
        return changed

    def renew(self) -> None:
        """Blocks anywhere were laid out again: index all of them with the next update."""
        self._settled = 0
        self._next = (0, 0)
        self._changed = 0

    def update(self, streams: Sequence[MarkdownStream]) -> None:
        """Index what came since: closed blocks stay, what follows them is taken again.

        Args:
            streams: All streams up to the one being read.
        """
        before, tail = self._starts[-1], self._tail
        del self._blocks[self._settled :]
        del self._starts[self._settled + 1 :]
        stream_index, block_index = self._next
        while stream_index < len(streams):
            for block in streams[stream_index].blocks[block_index:]:
                self._blocks.append(block)
                self._starts.append(self._starts[-1] + len(block.lines))
                block_index += 1
                if block.closed and self._settled == len(self._blocks) - 1:
                    self._settled += 1
                    self._next = (stream_index, block_index)
            stream_index, block_index = stream_index + 1, 0
        self._tail = streams[-1].tail() if streams else []
        self._note_change(before, tail)

    def _note_change(self, before: int, tail: list[Line]) -> None:
        """Find the first row that is not what it was: ``before`` rows were closed, ``tail`` followed them."""
        same = 0
        for line in tail:
            if self.line(before + same) != line:
                break
            same += 1
        if same == len(tail) and before + same == self.height:
            return
        self._changed = before + same if self._changed is None else min(before + same, self._changed)


def _weight(line: Line) -> int:
    return len(line.text) - line.gutter + len(line.join)


def joined(lines: Iterable[Line]) -> str:
    """Return the text of ``lines`` as it is copied: without gutters, wrapped lines whole again."""
    parts: list[str] = []
    for line in lines:
        if parts:
            parts.append(line.join)
        parts.append(line.text[line.gutter :].rstrip())
    return "".join(parts)
