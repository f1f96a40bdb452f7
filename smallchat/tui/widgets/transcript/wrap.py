"""Wrapping: spans in, lines of a given width out, as soon as each line is certain."""

from __future__ import annotations

import re
from collections.abc import Iterable

from smallchat.safe_text import safe_text
from smallchat.tui.widgets.transcript.cells import cells, fit
from smallchat.tui.widgets.transcript.lines import NO_MARGIN, Line, Look, Margin, Span

_TOKENS = re.compile(r"\n|[ \t]+|[^ \t\n]+")
_LEAST_ROOM = 4


class Wrapper:
    """Breaks a stream of spans into lines, at spaces where it can.

    Every span of the transcript passes here, so this is where text is made safe to show. What was pushed is
    never looked at again: text without a space or newline leaves as full lines while it still grows.
    """

    __slots__ = (
        "_fill", "_fresh", "_join", "_line", "_margin", "_room", "_space", "_used", "_word", "_word_cells",
    )  # fmt: skip

    def __init__(self, width: int, margin: Margin = NO_MARGIN, fill: Look | None = None) -> None:
        self._margin = margin
        self._fill = fill
        self._room = max(_LEAST_ROOM, width - margin.rest_gutter)
        self._fresh = True
        self._start_line("\n")
        self._word: list[Span] = []
        self._word_cells = 0

    def fork(self) -> Wrapper:
        """Return a copy that can be pushed and flushed without any effect on this one."""
        twin = object.__new__(Wrapper)
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        twin._line = self._line.copy()
        twin._word = self._word.copy()
        return twin

    def push(self, spans: Iterable[Span]) -> list[Line]:
        """Take more text and return the lines that are now certain."""
        done: list[Line] = []
        for text, look in spans:
            for token in _TOKENS.findall(safe_text(text)):
                if token == "\n":
                    self._place_word(done)
                    self._end_line(done, "\n")
                elif token[0] in " \t":
                    self._place_word(done)
                    self._place_space(token.expandtabs(4), look)
                else:
                    self._word.append((token, look))
                    self._word_cells += cells(token)
                    if self._word_cells > self._room:
                        self._break_word(done)
        return done

    def flush(self) -> list[Line]:
        """Return what is left: one line, or none when nothing was pushed since a newline."""
        done: list[Line] = []
        self._place_word(done)
        if self._line or self._fresh:
            self._end_line(done, "\n")
        return done

    def _start_line(self, join: str) -> None:
        self._join = join
        self._line: list[Span] = []
        self._used = 0
        self._space: Span | None = None

    def _end_line(self, done: list[Line], join: str) -> None:
        margin = self._margin
        if self._fresh:
            prefix, gutter = margin.first, margin.first_gutter
        else:
            prefix, gutter = margin.rest, margin.rest_gutter
        done.append(Line((*prefix, *_merged(self._line)), gutter, self._join, self._fill))
        self._fresh = False
        self._start_line(join)

    def _place_space(self, spaces: str, look: Look) -> None:
        if self._line:
            self._space = (spaces, look)
        elif self._join == "\n" and len(spaces) < self._room:
            self._line.append((spaces, look))  # indentation that the text itself has
            self._used = len(spaces)

    def _place_word(self, done: list[Line]) -> None:
        if not self._word:
            return
        space = len(self._space[0]) if self._space else 0
        if self._used + space + self._word_cells > self._room:
            if _breaks_anywhere(self._word):
                self._break_word(done)
            elif self._line:
                self._end_line(done, " ")
        if self._space and self._line:
            self._line.append(self._space)
            self._used += len(self._space[0])
        self._space = None
        self._line += self._word
        self._used += self._word_cells
        self._word = []
        self._word_cells = 0

    def _break_word(self, done: list[Line]) -> None:
        """Fill lines from a word that does not fit, leaving its last part as the word."""
        if self._line and not _breaks_anywhere(self._word):
            self._end_line(done, " ")
        if self._space and self._line:
            if self._used + len(self._space[0]) + 2 > self._room:
                self._end_line(done, " ")
            else:
                self._line.append(self._space)
                self._used += len(self._space[0])
                self._space = None
        word, self._word = self._word, []
        for text, look in word:
            while self._used + cells(text) > self._room:
                room = self._room - self._used
                taken = fit(text, room) if room > 1 or not self._line else 0
                if taken:
                    self._line.append((text[:taken], look))
                    text = text[taken:]
                self._end_line(done, "")
            if text:
                self._line.append((text, look))
                self._used += cells(text)
        # What is left stands alone on its line: it stays a word, for what follows may continue it.
        self._word, self._word_cells = self._line, self._used
        self._line, self._used = [], 0


def wrap(
    spans: Iterable[Span], width: int, margin: Margin = NO_MARGIN, fill: Look | None = None
) -> list[Line]:
    """Return ``spans`` as lines of at most ``width`` cells; at least one line."""
    wrapper = Wrapper(width, margin, fill)
    return wrapper.push(spans) + wrapper.flush()


def _breaks_anywhere(word: list[Span]) -> bool:
    """Tell whether a word is of a script written without spaces."""
    return any(not text.isascii() and cells(text) > len(text) for text, _ in word)


def _merged(spans: list[Span]) -> list[Span]:
    """Join neighbours that look the same: fewer segments to paint."""
    merged: list[Span] = []
    for text, look in spans:
        if merged and merged[-1][1] == look:
            merged[-1] = (merged[-1][0] + text, look)
        else:
            merged.append((text, look))
    return merged
