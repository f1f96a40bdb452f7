"""Text that is no Markdown: prompts, notes, what a tool was called with."""

from __future__ import annotations

from copy import copy

from smallchat.tui.widgets.transcript.lines import NO_MARGIN
from smallchat.tui.widgets.transcript.parts import Part, Sink


class PlainReader:
    """Reads text that is no Markdown: one block, its lines as they are."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._opened = False

    def fork(self, sink: Sink) -> PlainReader:
        """Return a copy that reads on into another sink."""
        twin = copy(self)
        twin._sink = sink
        return twin

    def read_line(self, raw: str) -> None:
        """Take one line, without its newline."""
        if self._opened:
            self._sink.add(Part("\n" + raw))
            return
        self._opened = True
        self._sink.open("plain", "", NO_MARGIN, False)
        self._sink.add(Part(raw))

    def read_more(self, text: str) -> None:
        """Take more of a line that was too long to be taken at once."""
        self._sink.add(Part(text))

    def finish(self) -> None:
        """The text has ended."""
        if self._opened:
            self._sink.close()
