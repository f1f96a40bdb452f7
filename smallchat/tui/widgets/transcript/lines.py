"""What the transcript is made of once laid out: lines of spans, free of colours and of Textual."""

from __future__ import annotations

from enum import IntFlag
from typing import NamedTuple

NO_LINK = -1


class Mark(IntFlag):
    """How a span stands out from its role."""

    PLAIN = 0
    BOLD = 1
    ITALIC = 2
    STRIKE = 4
    UNDERLINE = 8


class Look(NamedTuple):
    """How a span is to be painted; the palette turns it into a style of the current theme.

    Attributes:
        role: What the text is: ``text``, ``heading``, ``code``, ``code-keyword``, ``bar``...
        marks: ``Mark`` bits, kept as a plain int so that looks stay cheap to compare and hash.
        link: Index into the document's list of links, or ``NO_LINK``.
    """

    role: str = "text"
    marks: int = 0
    link: int = NO_LINK

    def marked(self, marks: int) -> Look:
        """Return this look with more marks."""
        return Look(self.role, self.marks | marks, self.link)


Span = tuple[str, Look]
TEXT = Look()


class Line(NamedTuple):
    r"""One row of the transcript.

    Attributes:
        spans: The text with its looks.
        gutter: Leading characters that are decoration, left out when the line is copied.
        join: What stands between the line above and this one in copied text: ``"\n"``, or ``" "`` and ``""``
            where a long line was wrapped.
        fill: How the rest of the row is painted; ``None`` leaves it blank.
    """

    spans: tuple[Span, ...]
    gutter: int = 0
    join: str = "\n"
    fill: Look | None = None

    @property
    def text(self) -> str:
        """The characters of the row."""
        return "".join(text for text, _ in self.spans)

    def cut(self, start: int, end: int | None) -> Line:
        """Return the characters ``start`` to ``end`` as a line of one span."""
        return Line(((self.text[start:end], TEXT),), max(0, self.gutter - start), self.join)


class Margin(NamedTuple):
    """What stands left of a block: quote bars, list markers, indentation.

    Attributes:
        first: Spans before the block's first line.
        rest: Spans before its other lines.
        first_gutter: Characters of ``first`` to leave out of copied text; the list markers stay in.
        above: Spans of the blank line above the block, if there is one.
    """

    first: tuple[Span, ...] = ()
    rest: tuple[Span, ...] = ()
    first_gutter: int = 0
    above: tuple[Span, ...] = ()

    @property
    def rest_gutter(self) -> int:
        """Characters of ``rest``."""
        return sum(len(text) for text, _ in self.rest)

    def after(self, outer: Margin) -> Margin:
        """Return this margin standing inside another."""
        return Margin(
            outer.rest + self.first,
            outer.rest + self.rest,
            outer.rest_gutter + self.first_gutter,
            outer.rest + self.above,
        )


NO_MARGIN = Margin()
