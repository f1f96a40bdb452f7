"""The transcript widget: what a pane has said so far, scrollable, selectable, searchable."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from rich.cells import chop_cells
from rich.segment import Segment
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from smallchat.metering.events import Channel

NoteKind = Literal["note", "error", "figures"]


@dataclass(slots=True)
class _Entry:
    kind: str
    text: str = ""
    lines: list[str] = field(default_factory=list)


class Transcript(ScrollView, can_focus=True):
    """Prompts and answers as they stream, drawn line by line."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    Transcript { overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1; padding: 0 1; }
    """

    follow: reactive[bool] = reactive(True, repaint=False)

    @dataclass
    class LinkClicked(Message):
        """The user clicked on a link (http or https only). Nothing was opened."""

        transcript: Transcript
        url: str

        @property
        def control(self) -> Transcript:
            """The transcript the link is in."""
            return self.transcript

    @dataclass
    class FollowChanged(Message):
        """The transcript began or stopped following its end."""

        transcript: Transcript
        follow: bool

        @property
        def control(self) -> Transcript:
            """The transcript that changed."""
            return self.transcript

    def __init__(self, *, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002
        super().__init__(name=name, id=id, classes=classes)
        self._entries: list[_Entry] = []
        self._lines: list[str] = []

    def add_prompt(self, text: str) -> None:
        """Show what the user asked."""
        self._add(_Entry("prompt", "› " + text))

    def begin_answer(self) -> None:
        """Start an answer; what is appended from now on belongs to it."""
        self._add(_Entry("answer"))

    def append(self, text: str, channel: Channel = "text") -> None:
        """Add streamed text to the current answer."""
        if not self._entries or self._entries[-1].kind != "answer":
            self.begin_answer()
        self._entries[-1].text += text
        self._lay_out()

    def end_answer(self) -> None:
        """Settle the current answer."""

    def add_note(self, text: str, kind: NoteKind = "note") -> None:
        """Show a line of ours below the last answer: a note, an error or the figures."""
        self._add(_Entry(kind, text))

    def clear(self) -> None:
        """Forget everything."""
        self._entries.clear()
        self._lay_out()

    def answer_text(self, index: int = -1) -> str:
        """Return the text of an answer as it was received, the last one unless told."""
        return [entry.text for entry in self._entries if entry.kind == "answer"][index]

    def code_blocks(self) -> list[str]:
        """Return the code of every fenced block, oldest first."""
        return []

    def last_code_block(self) -> str | None:
        """Return the code of the newest fenced block."""
        return None

    def find(self, query: str) -> int:
        """Highlight every occurrence of ``query`` and show the nearest; return how many there are."""
        return 0

    def find_next(self) -> None:
        """Show the next occurrence of what was searched for."""

    def find_previous(self) -> None:
        """Show the previous occurrence of what was searched for."""

    def watch_follow(self, follow: bool) -> None:
        """Tell the pane."""
        self.post_message(self.FollowChanged(self, follow))

    def _add(self, entry: _Entry) -> None:
        self._entries.append(entry)
        self._lay_out()

    def _lay_out(self) -> None:
        width = max(1, self.scrollable_content_region.width)
        self._lines = [
            piece
            for entry in self._entries
            for line in entry.text.split("\n")
            for piece in (chop_cells("".join(c if c.isprintable() else "�" for c in line), width) or [""])
        ]
        self.virtual_size = Size(width, len(self._lines))
        if self.follow:
            self.scroll_end(animate=False, immediate=True, x_axis=False)
        self.refresh()

    def on_resize(self) -> None:
        """Wrap again."""
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        """Return one visible line."""
        y += self.scroll_offset.y
        width = self.scrollable_content_region.width
        text = self._lines[y] if y < len(self._lines) else ""
        return Strip([Segment(text, self.rich_style)]).adjust_cell_length(width, self.rich_style)
