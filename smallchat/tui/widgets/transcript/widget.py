"""The transcript widget: what a pane has said so far, scrollable, selectable, searchable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.selection import Selection

from smallchat.tui.widgets.scrolling import ScrollKeys
from smallchat.tui.widgets.transcript.document import Document, NoteKind
from smallchat.tui.widgets.transcript.painting import Painter
from smallchat.tui.widgets.transcript.palette import LINK_META, PREFIX, ROLES
from smallchat.tui.widgets.transcript.rows import joined
from smallchat.tui.widgets.transcript.search import Search
from smallchat.tui.widgets.transcript.styles import STYLES
from smallchat.tui.widgets.transcript.view import TranscriptView

if TYPE_CHECKING:
    from smallchat.metering.events import Channel


class Transcript(TranscriptView, ScrollKeys, can_focus=True):
    """Prompts and answers as they stream, drawn line by line.

    Attributes:
        takes_clicks: Whether a click gives it the focus.
    """

    ALLOW_SELECT = True
    takes_clicks = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {PREFIX + role for role in ROLES}
    DEFAULT_CSS = STYLES

    HELP = "The mouse selects text, Ctrl+C copies it. At the end it follows the answer."
    KEY_GROUP = "In a transcript"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "find_next", "Next place", show=False, id="find_next",
                tooltip="Go to the next place that has the words"),
        Binding("N", "find_previous", "Place before", show=False, id="find_previous", key_display="N",
                tooltip="Go to the place before that has the words"),
    ]  # fmt: skip

    @dataclass
    class NoteClicked(Message):
        """The user clicked on a note that there is more to say about."""

        transcript: Transcript
        about: object

    @dataclass
    class LinkClicked(Message):
        """The user clicked on a link (http or https only). Nothing was opened."""

        url: str

    def focus_on_click(self) -> bool:
        """Return whether a click gives it the focus."""
        return self.takes_clicks

    # What is shown

    def add_prompt(self, text: str) -> None:
        """Show what the user asked."""
        self._document.add_prompt(text)
        self._go_on()

    def begin_answer(self) -> None:
        """Start an answer; what is appended from now on belongs to it."""
        self._document.begin_answer()

    def append(self, text: str, channel: Channel = "text") -> None:
        """Add streamed text to the current answer, everything drained since the last frame at once."""
        if text:
            self._document.append(text, channel)
            self._go_on()

    def end_answer(self) -> None:
        """Settle the current answer."""
        self._document.end_answer()
        self._go_on()

    def add_note(self, text: str, kind: NoteKind = "note", about: object = None) -> None:
        """Show a line of ours below the last answer: a note, an error or the figures.

        Args:
            text: The line.
            kind: What it is.
            about: What a click on it is about, to be told with ``NoteClicked``; ``None`` for nothing.
        """
        self._document.add_note(text, kind, about)
        self._go_on()

    def put_above(self, write: Callable[[Document], object]) -> None:
        """Show above all else what ``write`` writes; what is seen stays where it is.

        It is read when nothing else is to be done, and shown as a whole, ``filling`` until then.
        """
        self._earlier = Document(self._document.width, self._document.links)
        write(self._earlier)
        self._go_on()

    @property
    def filling(self) -> bool:
        """Whether something is about to be shown above all else."""
        return self._earlier is not None

    def clear(self) -> None:
        """Forget everything and follow again."""
        if self.is_attached and self.text_selection is not None:
            self.screen.clear_selection()
        self._document = Document(self._document.width)
        self._earlier = None
        self._search = Search()
        self._painter = Painter(self, self._document, self._search)
        self._anchor = None
        self.virtual_size = Size(self._document.width, 0)
        self.follow = True
        self.refresh()

    # What is asked for

    @property
    def answer_count(self) -> int:
        """Answers begun."""
        return len(self._document.answers)

    def answer_text(self, index: int = -1, channel: Channel = "text") -> str:
        """Return the text of an answer as it was received, the last unless told; "" when there is none."""
        answers = self._document.answers
        if not -len(answers) <= index < len(answers):
            return ""
        return "".join(answers[index].channels.get(channel, ()))

    def code_blocks(self) -> list[str]:
        """Return the code of every code block of the answers, oldest first, safe to paste."""
        return self._document.code_blocks()

    def last_code_block(self) -> str | None:
        """Return the code of the newest code block."""
        blocks = self._document.code_blocks()
        return blocks[-1] if blocks else None

    # Searching

    def find(self, query: str) -> int:
        """Highlight every occurrence of ``query``, show the last, return how many there are; "" ends it."""
        self._search.begin(query)
        return self._show_match(-1)

    def find_next(self) -> None:
        """Show the next occurrence of what was searched for."""
        self._show_match(1)

    def find_previous(self) -> None:
        """Show the occurrence before."""
        self._show_match(-1)

    def action_find_next(self) -> None:
        """Go to the next place."""
        self.find_next()

    def action_find_previous(self) -> None:
        """Go to the place before."""
        self.find_previous()

    def _show_match(self, step: int) -> int:
        """Search again, for there may be more by now, and go ``step`` on; return how many there are."""
        found = self._search.go(self._document.rows.lines(), step)
        self._painter.forget()
        self.refresh()
        if found is not None and not 0 <= found.y - self.scroll_offset.y < self.size.height:
            self.follow = False
            self.scroll_to(y=max(0, found.y - self.size.height // 3))
        return self._search.count

    # Selecting and clicking

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text as it reads: without gutters, wrapped lines whole."""
        first = selection.start.y if selection.start is not None else 0
        last = selection.end.y if selection.end is not None else self._document.rows.height - 1
        lines = list(self._document.rows.lines(first, last))
        if not lines:
            return None
        if selection.end is not None and last < self._document.rows.height:
            lines[-1] = lines[-1].cut(0, selection.end.x)
        if selection.start is not None:
            lines[0] = lines[0].cut(selection.start.x, None)
        return joined(lines), "\n"

    def selection_updated(self, selection: Selection | None) -> None:
        """Paint the selection."""
        self._painter.forget()
        self.refresh()
        self._go_on()  # with what waited for the end of a selection

    def on_click(self, event: events.Click) -> None:
        """Tell which link or note was clicked on."""
        if self.text_selection is not None:
            return
        index = event.style.meta.get(LINK_META)
        if isinstance(index, int) and 0 <= index < len(self._document.links):
            event.stop()
            self.post_message(self.LinkClicked(self._document.links[index]))
        elif (about := self._topic_under(event)) is not None:
            event.stop()
            self.post_message(self.NoteClicked(self, about))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say of a note under the pointer that there is more to it."""
        self.tooltip = None if self._topic_under(event) is None else "Click for more"

    def _topic_under(self, event: events.MouseEvent) -> object:
        return self._document.topic_at(event.y + self.scroll_offset.y)
