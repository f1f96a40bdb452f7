"""The whole transcript as lines, found by their number: prompts, answers, notes, without any widget."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from time import perf_counter_ns
from typing import TYPE_CHECKING, Literal, NamedTuple

from smallchat.tui.widgets.transcript.block import Block
from smallchat.tui.widgets.transcript.inline import Links
from smallchat.tui.widgets.transcript.lines import NO_MARGIN, TEXT, Line, Look, Margin
from smallchat.tui.widgets.transcript.stream import MarkdownStream

if TYPE_CHECKING:
    from smallchat.metering.events import Channel

NoteKind = Literal["note", "error", "figures"]

_SLICE = 10  # source lines, or parts of a block, between two looks at the clock
_LONGEST_PROMPT = 20_000  # characters shown; what was sent is not cut


def _margin(text: str, look: Look, rest: str | None = None) -> Margin:
    return Margin(((text, look),), ((text if rest is None else rest, look),), len(text))


_PROMPT = _margin("▌ ", Look("prompt-bar"))
_THINKING = _margin("┊ ", Look("thinking-bar"))
_NOTES: dict[NoteKind, tuple[Margin, Look]] = {
    "note": (_margin("· ", Look("note"), "  "), Look("note")),
    "error": (_margin("✗ ", Look("error"), "  "), Look("error")),
    "figures": (NO_MARGIN, Look("figures")),
}


class Anchor(NamedTuple):
    """A place in the transcript that survives a new width: a block, and characters of it passed."""

    block: Block
    passed: int


class Answer:
    """What one answer was made of, as it was received."""

    def __init__(self) -> None:
        self.channels: dict[Channel, list[str]] = {}
        self.streams: list[MarkdownStream] = []
        self.channel: Channel | None = None
        self.lead = ""


class Document:
    """Streams of blocks, one after the other; the index knows on which row each block starts.

    Text is taken at once and read by ``work``, which stops when its time is up: reading, highlighting and
    laying out again at a new width all happen there, in slices, so that a key is never kept waiting.
    """

    def __init__(self, width: int = 80) -> None:
        self.width = width
        self.links = Links()
        self.answers: list[Answer] = []
        self._streams: list[MarkdownStream] = []
        self._current = 0
        self._noted = False  # whether the last stream is a note: notes stand close together
        self._blocks: list[Block] = []
        self._starts: list[int] = [0]
        self._settled = 0
        self._next = (0, 0)
        self._stale: list[Block] = []
        self._tail: list[Line] = []
        self._changed: int | None = None

    # Taking text

    def add_prompt(self, text: str) -> None:
        """Take what the user asked."""
        if len(text) > _LONGEST_PROMPT:
            left = len(text) - _LONGEST_PROMPT
            text = f"{text[:_LONGEST_PROMPT]}\n… and {left:,} more characters"
        self._add_whole(text, _PROMPT, Look("prompt"))

    def add_note(self, text: str, kind: NoteKind) -> None:
        """Take a line of ours."""
        gap = not self._noted
        self._add_whole(text, *_NOTES[kind], gap=gap)
        self._noted = True

    def begin_answer(self) -> None:
        """Begin an answer."""
        self.end_answer()
        self.answers.append(Answer())

    def append(self, text: str, channel: Channel) -> None:
        """Take a chunk of the current answer."""
        if not self.answers:
            self.begin_answer()
        answer = self.answers[-1]
        answer.channels.setdefault(channel, []).append(text)
        if channel != answer.channel:
            if not text.strip():
                answer.lead += text  # blank text alone begins no section
                return
            self.end_answer()
            answer.streams.append(self._open_section(channel))
            answer.channel = channel
            text, answer.lead = answer.lead + text, ""
        answer.streams[-1].feed(text)

    def end_answer(self) -> None:
        """Settle the current answer."""
        if self._streams:
            self._streams[-1].end()
        if self.answers:
            self.answers[-1].channel = None

    def _open_section(self, channel: Channel) -> MarkdownStream:
        if channel == "text":
            return self._open(NO_MARGIN, TEXT)
        label = "thinking" if channel == "reasoning" else "tool call"
        self._add_whole(label, _THINKING, Look("thinking-label"))
        return self._open(_THINKING, Look("thinking"), gap=False, plain=channel == "tool")

    def _add_whole(self, text: str, outer: Margin, base: Look, *, gap: bool = True) -> None:
        self.end_answer()
        stream = self._open(outer, base, gap=gap, plain=True)
        stream.feed(text.strip("\n"))
        stream.end()

    def _open(self, outer: Margin, base: Look, *, gap: bool = True, plain: bool = False) -> MarkdownStream:
        stream = MarkdownStream(
            self.width,
            self.links,
            self._stale.extend,
            outer=outer,
            base=base,
            gap=gap and bool(self._streams),
            plain=plain,
        )
        self._streams.append(stream)
        self._noted = False
        return stream

    # Working

    def work(self, until: int) -> bool:
        """Read and lay out until ``perf_counter_ns`` reaches ``until``; tell whether something is left."""
        self.links.forget()
        while True:
            busy = (self._lay_out_some() if self._stale else self._read_some()) or bool(self._stale)
            if not busy or perf_counter_ns() >= until:
                break
        self.links.keep()
        self._index()
        return busy

    def resize(self, width: int, top: int) -> None:
        """Lay everything out for another width, beginning with what is seen from row ``top`` on."""
        if width == self.width:
            return
        first = self._block_at(top)
        self.width = width
        for stream in self._streams:
            stream.width = width
            if (block := stream.open_block) is not None:
                block.lay_out(width)
                while block.work(1000):
                    pass
        closed = [block for block in self._blocks if block.closed]
        self._stale[:] = [*reversed(closed[:first]), *reversed(closed[first:])]
        self._rebuild()

    def _read_some(self) -> bool:
        while self._current < len(self._streams):
            stream = self._streams[self._current]
            if stream.work(_SLICE):
                return True
            if not stream.finished or self._current == len(self._streams) - 1:
                return False
            self._current += 1
        return False

    def _lay_out_some(self) -> bool:
        block = self._stale[-1]
        if not block.stale:
            block.lay_out(self.width)
        block.work(_SLICE)
        if not block.stale:
            self._stale.pop()
            self._changed = 0
            self._settled = 0
        return True

    # Finding

    @property
    def height(self) -> int:
        """Rows in all."""
        return self._starts[-1] + len(self._tail)

    def take_changed(self) -> int | None:
        """Return the first row that may have changed since last asked; ``None`` when none did."""
        changed, self._changed = self._changed, None
        return changed

    def line(self, y: int) -> Line | None:
        """Return row ``y``; ``None`` past the end."""
        end = self._starts[-1]
        if y >= end:
            return self._tail[y - end] if y - end < len(self._tail) else None
        if y < 0:
            return None
        index = self._block_at(y)
        return self._blocks[index].lines[y - self._starts[index]]

    def lines(self, first: int = 0, last: int | None = None) -> Iterator[Line]:
        """Yield rows ``first`` to ``last``, inclusive."""
        end = self.height if last is None else min(last + 1, self.height)
        for y in range(max(0, first), end):
            line = self.line(y)
            if line is not None:
                yield line

    def anchor(self, y: int) -> Anchor | None:
        """Return the place that row ``y`` shows."""
        if not self._blocks or y >= self._starts[-1]:
            return None
        index = self._block_at(y)
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

    def code_blocks(self) -> list[str]:
        """Return the code of every code block of the answers."""
        return [
            block.source
            for answer in self.answers
            for stream in answer.streams
            for block in stream.blocks
            if block.shape.kind == "code"
        ]

    def _block_at(self, y: int) -> int:
        return min(bisect_right(self._starts, y) - 1, max(0, len(self._blocks) - 1))

    def _index(self) -> None:
        """Bring the index up to date: blocks that are closed stay, what follows is taken again."""
        if self._settled == 0:
            self._rebuild()
        before, tail = self._starts[-1], self._tail
        del self._blocks[self._settled :]
        del self._starts[self._settled + 1 :]
        stream_index, block_index = self._next
        while stream_index < len(self._streams) and stream_index <= self._current:
            stream = self._streams[stream_index]
            for block in stream.blocks[block_index:]:
                self._blocks.append(block)
                self._starts.append(self._starts[-1] + len(block.lines))
                if block.closed and self._settled == len(self._blocks) - 1:
                    self._settled += 1
                    self._next = (stream_index, self._next[1] + 1 if self._next[0] == stream_index else 1)
            stream_index, block_index = stream_index + 1, 0
        self._tail = self._streams[self._current].tail() if self._streams else []
        self._note_change(before, tail)

    def _note_change(self, before: int, tail: list[Line]) -> None:
        """Find the first row that is not what it was, given how many were settled and which were not."""
        same = 0
        for same, line in enumerate(tail):
            if self.line(before + same) != line:
                break
        else:
            same = len(tail)
            if before + same == self.height:
                return
        self._changed = min(before + same, self.height if self._changed is None else self._changed)

    def _rebuild(self) -> None:
        self._settled = 0
        self._next = (0, 0)
        self._changed = 0


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
