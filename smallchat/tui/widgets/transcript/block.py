"""A block of the transcript: its source parts and, at the current width, its lines."""

from __future__ import annotations

from smallchat.tui.widgets.transcript.highlighting import CodeLines
from smallchat.tui.widgets.transcript.lines import Line
from smallchat.tui.widgets.transcript.parts import Part
from smallchat.tui.widgets.transcript.rendering import ReadInline, Renderer, Shape, renderer_for


class Block:
    """Parts go in for good, lines come out for good; a new width starts the lines again.

    While the lines are being made again the old ones stay in use, so that a long block can be laid out in
    slices.
    """

    __slots__ = (
        "_code", "_done", "_new", "_read", "_renderer", "_started",
        "closed", "gap", "lines", "parts", "shape", "width",
    )  # fmt: skip

    def __init__(self, shape: Shape, gap: bool, width: int, read: ReadInline) -> None:
        self.shape = shape
        self.gap = gap
        self.parts: list[Part] = []
        self.closed = False
        self.lines: list[Line] = []
        self._read = read
        self._code = CodeLines(shape.info) if shape.kind == "code" else None
        self._new: list[Line] | None = None
        self._renderer: Renderer | None = None
        self._begin(width)

    def fork(self) -> Block:
        """Return a copy without the lines so far: what is added to it are the lines that follow them."""
        twin = object.__new__(Block)
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        twin.parts = []
        twin.lines = []
        twin._renderer = self._live_renderer.fork()
        return twin

    def add(self, part: Part) -> None:
        """Take a part."""
        self.parts.append(part)
        if self._new is None:
            self._emit(self._live_renderer.add(part))
            self._done += 1

    def close(self) -> None:
        """Take no more parts."""
        self.closed = True
        if self._new is None:
            self._emit(self._live_renderer.finish())
            self._renderer = None

    @property
    def stale(self) -> bool:
        """Whether the lines are of another width, or of before a link was defined."""
        return self._new is not None

    def stand_apart(self) -> None:
        """Have a blank line above."""
        if not self.gap:
            self.gap = True
            if self._new is not None:
                self.lay_out(self.width)
            elif self._started:
                self.lines[:0] = self._gap_lines()

    def lay_out(self, width: int) -> None:
        """Start the lines again; ``work`` makes them."""
        self._new = []
        self._begin(width)

    def work(self, parts: int) -> int:
        """Lay out at most ``parts`` parts again; return how many it were."""
        if self._new is None:
            return 0
        batch = self.parts[self._done : self._done + parts]
        for part in batch:
            self._emit(self._live_renderer.add(part), self._new)
        self._done += len(batch)
        if self._done == len(self.parts):
            if self.closed:
                self._emit(self._live_renderer.finish(), self._new)
                self._renderer = None
            self.lines, self._new = self._new, None
        return len(batch) + 1

    @property
    def source(self) -> str:
        """The text of the block, with long lines whole again."""
        return "".join(part.text if part.glued else "\n" + part.text for part in self.parts)[1:]

    @property
    def _live_renderer(self) -> Renderer:
        assert self._renderer is not None, "a closed block has no renderer"
        return self._renderer

    def _begin(self, width: int) -> None:
        self.width = width
        self._renderer = renderer_for(self.shape, width, self._read, self._code)
        self._done = 0
        self._started = False

    def _emit(self, made: list[Line], into: list[Line] | None = None) -> None:
        target = self.lines if into is None else into
        if made and not self._started:
            self._started = True
            target += self._gap_lines()
        target += made

    def _gap_lines(self) -> list[Line]:
        above = self.shape.margin.above
        return [Line(above, sum(len(text) for text, _ in above))] if self.gap else []
