"""From a block's parts to lines, part by part: one renderer per kind of block."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

from smallchat.tui.widgets.transcript.highlighting import CODE, CodeLines, language_of
from smallchat.tui.widgets.transcript.lines import TEXT, Line, Look, Margin, Mark, Span
from smallchat.tui.widgets.transcript.parts import Kind, Part
from smallchat.tui.widgets.transcript.tables import SAMPLE, TableLayout
from smallchat.tui.widgets.transcript.wrap import Wrapper, wrap

_HEADINGS = {
    "1": Look("heading", Mark.BOLD | Mark.UNDERLINE),
    "2": Look("heading", Mark.BOLD),
    "3": Look("subheading", Mark.BOLD),
}
_LOW_HEADING = Look("subheading", Mark.BOLD | Mark.ITALIC)
_CONTINUED = ("↪ ", Look("code-comment"))


class Shape(NamedTuple):
    """What a block's lines depend on beside its parts.

    Attributes:
        kind: The kind of block.
        info: A heading's level, a fence's language.
        margin: What stands left of it.
        base: The look of its plain text.
    """

    kind: Kind
    info: str
    margin: Margin
    base: Look


ReadInline = Callable[[str, Look], list[Span]]


class Renderer(Protocol):
    """Makes lines of parts. What ``add`` returned is final."""

    def add(self, part: Part) -> list[Line]:
        """Take a part and return the lines that are now certain."""

    def finish(self) -> list[Line]:
        """Return the rest."""

    def fork(self) -> Renderer:
        """Return a copy that can go on without any effect on this one."""


def renderer_for(shape: Shape, width: int, read: ReadInline, code: CodeLines | None) -> Renderer:
    """Return a renderer for a block of this shape.

    Args:
        shape: The block's shape.
        width: Cells from edge to edge.
        read: Reads inline Markdown.
        code: The coloured lines of a code block, which do not depend on the width.
    """
    if code is not None:
        return CodeRenderer(shape, width, code)
    if shape.kind == "table":
        return TableRenderer(shape, width, read)
    if shape.kind == "rule":
        return RuleRenderer(shape, width)
    return TextRenderer(shape, width, read)


class TextRenderer:
    """Paragraphs, headings, definitions; and plain text, which is not read as Markdown."""

    def __init__(self, shape: Shape, width: int, read: ReadInline) -> None:
        self._plain = shape.kind == "plain"
        self._read = read
        self._look = shape.base
        if shape.kind == "heading":
            look = _HEADINGS.get(shape.info, _LOW_HEADING)
            self._look = look if shape.base == TEXT else shape.base.marked(look.marks)
        self._definition = shape.kind == "definition"
        self._wrapper = Wrapper(width, shape.margin)

    def add(self, part: Part) -> list[Line]:
        """Take a part and return the lines that are now certain."""
        if self._plain:
            return self._wrapper.push([(part.text, self._look)])
        if self._definition:
            label, colon, url = part.text.partition("]:")
            return self._wrapper.push([(label + colon, Look("faint")), *self._read(url, Look("faint"))])
        return self._wrapper.push(self._read(part.text, self._look))

    def finish(self) -> list[Line]:
        """Return the rest."""
        return self._wrapper.flush()

    def fork(self) -> TextRenderer:
        """Return a copy that can go on without any effect on this one."""
        twin = object.__new__(TextRenderer)
        twin.__dict__.update(self.__dict__)
        twin._wrapper = self._wrapper.fork()
        return twin


class RuleRenderer:
    """A thematic break."""

    def __init__(self, shape: Shape, width: int) -> None:
        margin = shape.margin
        room = max(1, width - margin.rest_gutter)
        self._line = Line((*margin.first, ("─" * room, Look("rule"))), margin.first_gutter)

    def add(self, part: Part) -> list[Line]:
        """Take a part and return the lines that are now certain."""
        return []

    def finish(self) -> list[Line]:
        """Return the rest."""
        return [self._line]

    def fork(self) -> RuleRenderer:
        """Return a copy that can go on without any effect on this one."""
        return self


class CodeRenderer:
    """Code, on a background of its own, below the name of its language."""

    def __init__(self, shape: Shape, width: int, code: CodeLines) -> None:
        first, rest = shape.margin.first, shape.margin.rest
        pad = (" ", CODE)
        self._margin = Margin((*rest, pad), (*rest, pad, _CONTINUED), sum(len(text) for text, _ in rest) + 1)
        self._glued = Margin(self._margin.rest, self._margin.rest, self._margin.rest_gutter)
        self._label_margin = Margin((*first, pad), (*rest, pad), shape.margin.first_gutter + 1)
        self._width = width - 1
        self._label: str | None = language_of(shape.info) or (" " if first != rest else None)
        self._code = code
        self._count = 0

    def add(self, part: Part) -> list[Line]:
        """Take a part and return the lines that are now certain."""
        lines = self._head()
        spans = self._code.line(self._count, part)
        self._count += 1
        rows = wrap(spans, self._width, self._glued if part.glued else self._margin, CODE)
        if part.glued:
            rows[0] = rows[0]._replace(join="")
        return lines + rows

    def finish(self) -> list[Line]:
        """Return the rest."""
        return self._head()

    def fork(self) -> CodeRenderer:
        """Return a copy that can go on without any effect on this one."""
        twin = object.__new__(CodeRenderer)
        twin.__dict__.update(self.__dict__)
        twin._code = self._code.fork()
        return twin

    def _head(self) -> list[Line]:
        if self._label is None:
            return []
        label, self._label = self._label, None
        lines = wrap([(label, Look("code-label"))], self._width, self._label_margin, CODE)
        return [line._replace(gutter=len(line.text)) for line in lines] if label.strip() else lines


class TableRenderer:
    """A table: nothing is certain until a sample of its rows has set the widths."""

    def __init__(self, shape: Shape, width: int, read: ReadInline) -> None:
        self._shape = shape
        self._width = width
        self._inline = read
        self._head: list[str] = []
        self._rows: list[str] = []
        self._layout: TableLayout | None = None
        self._count = 0

    def add(self, part: Part) -> list[Line]:
        """Take a part and return the lines that are now certain."""
        if len(self._head) < 2:
            self._head.append(part.text)
            return []
        if self._layout is not None:
            self._count += 1
            return self._layout.row(part.text, self._count - 1)
        self._rows.append(part.text)
        return self._lay_out() if len(self._rows) == SAMPLE else []

    def finish(self) -> list[Line]:
        """Return the rest."""
        return self._lay_out() if self._layout is None else []

    def fork(self) -> TableRenderer:
        """Return a copy that can go on without any effect on this one."""
        twin = object.__new__(TableRenderer)
        twin.__dict__.update(self.__dict__)
        twin._rows = self._rows.copy()
        twin._head = self._head.copy()
        return twin

    def _lay_out(self) -> list[Line]:
        def read(text: str, look: Look) -> list[Span]:
            base = self._shape.base
            return self._inline(text, base if look.role == "text" else look.marked(base.marks))

        self._layout = TableLayout(self._head, self._rows, self._width, self._shape.margin, read)
        lines = self._layout.head()
        for row in self._rows:
            lines += self._layout.row(row, self._count)
            self._count += 1
        return lines
