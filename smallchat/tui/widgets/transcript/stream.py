"""Markdown source that is still arriving: finished blocks for good, the open end provisionally."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from smallchat.safe_text import safe_text
from smallchat.tui.widgets.transcript.block import Block
from smallchat.tui.widgets.transcript.inline import Links, normal_label, read_inline, reference_labels
from smallchat.tui.widgets.transcript.lines import NO_MARGIN, TEXT, Line, Look, Margin, Span
from smallchat.tui.widgets.transcript.parts import Kind, Part
from smallchat.tui.widgets.transcript.plain import PlainReader
from smallchat.tui.widgets.transcript.reader import BlockReader
from smallchat.tui.widgets.transcript.rendering import Shape

LONGEST_LINE = 2048  # characters; a longer line is taken in runs of this length


class _Lines:
    """Splits a text into source lines, and over-long lines into runs, however it was cut into chunks."""

    def __init__(self) -> None:
        self._chunks: list[str] = []
        self._rest = ""
        self._start = 0
        self._exhausted = True
        self.within = False  # whether what comes next continues a line

    def feed(self, text: str) -> None:
        self._chunks.append(text)
        self._exhausted = False

    def next(self) -> tuple[str, bool] | None:
        """Return the next run and whether it continues a line."""
        if self._chunks:
            self._rest = self._rest[self._start :] + "".join(self._chunks)
            self._start = 0
            self._chunks.clear()
        within, start = self.within, self._start
        end = self._rest.find("\n", start, start + LONGEST_LINE)
        if end >= 0:
            self._start = end + 1
            self.within = False
            return self._rest[start:end], within
        if len(self._rest) - start >= LONGEST_LINE:
            self._start = start + LONGEST_LINE
            self.within = True
            return self._rest[start : self._start], within
        self._exhausted = True
        return None

    @property
    def rest(self) -> str:
        """What has come of the line that is still open; empty while lines before it wait to be read."""
        return self._rest[self._start :] if self._exhausted else ""


class MarkdownStream:
    """Reads Markdown into blocks.

    Args:
        width: Cells from edge to edge.
        links: Where web addresses are kept.
        stale: Called with the blocks to lay out again once a link definition arrives.
        outer: What stands left of all of it.
        base: The look of plain text.
        gap: Whether a blank line stands above.
        plain: Whether to show the text as it is.
    """

    def __init__(
        self,
        width: int,
        links: Links,
        stale: Callable[[list[Block]], None],
        *,
        outer: Margin = NO_MARGIN,
        base: Look = TEXT,
        gap: bool = False,
        plain: bool = False,
    ) -> None:
        self.width = width
        self._gap = gap
        self.blocks: list[Block] = []
        self.finished = False
        self._lines = _Lines()
        self._links = links
        self._references: dict[str, Any] = {}
        self._waiting: dict[str, list[Block]] = defaultdict(list)
        self._stale = stale
        self._outer = outer
        self._base = base
        self._reader: BlockReader | PlainReader = PlainReader(self) if plain else BlockReader(self)
        self._ending = False

    # What the reader of lines tells

    def open(self, kind: Kind, info: str, margin: Margin, gap: bool) -> None:
        """Begin a block."""
        self.blocks.append(self.make_block(kind, info, margin, gap, first=not self.blocks))

    def add(self, part: Part) -> None:
        """Add to the open block; what may be a link to a definition still to come is kept in mind."""
        block = self.blocks[-1]
        for label in reference_labels(part.text) if block.shape.kind != "code" else ():
            self._waiting[normal_label(label)].append(block)
        block.add(part)

    def close(self) -> None:
        """End the open block."""
        self.blocks[-1].close()

    def drop(self) -> None:
        """Take the open block out again."""
        self.blocks.pop()

    def define(self, label: str, url: str) -> None:
        """Take a link definition; the first one of a label counts."""
        label = normal_label(label)
        if label not in self._references:
            self._references[label] = {"href": url, "title": ""}
            self._stale(self._waiting.pop(label, []))

    # What the document asks

    def feed(self, text: str) -> None:
        """Take a chunk; ``work`` reads it."""
        self._lines.feed(safe_text(text))

    def stand_apart(self) -> None:
        """Have a blank line above, which what comes first in a document has not."""
        self._gap = True
        if self.blocks:
            self.blocks[0].stand_apart()

    def end(self) -> None:
        """There is no more to come: once all is read, ``work`` settles the open end."""
        self._ending = True

    def work(self, runs: int) -> int:
        """Read at most ``runs`` lines, or runs of long ones; return how many it were, 0 when none is left."""
        for done in range(runs):
            run = self._lines.next()
            if run is None:
                if self._ending and not self.finished:
                    self.finished = True
                    self._read_rest(self._reader)
                    self._reader.finish()
                return done
            text, continues = run
            if continues:
                self._reader.read_more(text)
            else:
                self._reader.read_line(text)
        return runs

    def tail(self) -> list[Line]:
        """Return the lines that follow those of the blocks, were the source to end here."""
        if self.finished:
            return []
        fork = _Fork(self)
        reader = self._reader.fork(fork)
        self._read_rest(reader)
        reader.finish()
        return [line for block in fork.blocks for line in block.lines]

    @property
    def open_block(self) -> Block | None:
        """The block that still grows."""
        return self.blocks[-1] if self.blocks and not self.blocks[-1].closed else None

    def make_block(self, kind: Kind, info: str, margin: Margin, gap: bool, *, first: bool) -> Block:
        """Return a new block that stands in this stream, as its first or a later one."""
        if kind == "plain":
            margin = self._outer
        elif self._outer.rest:
            margin = margin.after(self._outer)
        if first:
            margin, gap = margin._replace(above=()), self._gap
        return Block(Shape(kind, info, margin, self._base), gap, self.width, self._read_inline)

    def _read_rest(self, reader: BlockReader | PlainReader) -> None:
        rest = self._lines.rest
        if self._lines.within:
            reader.read_more(rest)
        elif rest:
            reader.read_line(rest)

    def _read_inline(self, text: str, look: Look) -> list[Span]:
        return read_inline(text, look, self._links, self._references)


class _Fork:
    """Takes what the reader makes of the open end; thrown away with each frame."""

    def __init__(self, stream: MarkdownStream) -> None:
        block = stream.open_block
        self._stream = stream
        self._first = not stream.blocks or stream.blocks == [block]
        self.blocks = [block.fork()] if block is not None else []

    def open(self, kind: Kind, info: str, margin: Margin, gap: bool) -> None:
        first = self._first and not self.blocks
        self.blocks.append(self._stream.make_block(kind, info, margin, gap, first=first))

    def add(self, part: Part) -> None:
        self.blocks[-1].add(part)

    def close(self) -> None:
        self.blocks[-1].close()

    def drop(self) -> None:
        self.blocks.pop()

    def define(self, label: str, url: str) -> None:
        pass
