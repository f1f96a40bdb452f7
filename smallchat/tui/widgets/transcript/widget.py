"""The transcript widget: what a pane has said so far, scrollable, selectable, searchable."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter_ns
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollBar
from textual.selection import Selection
from textual.strip import Strip
from textual.timer import Timer

from smallchat.tui.widgets.transcript.document import Document, NoteKind
from smallchat.tui.widgets.transcript.painting import MARGIN, Painter
from smallchat.tui.widgets.transcript.palette import LINK_META, PREFIX, ROLES
from smallchat.tui.widgets.transcript.rows import Anchor, joined
from smallchat.tui.widgets.transcript.scrollbar import QuickScrollBar
from smallchat.tui.widgets.transcript.search import Search
from smallchat.tui.widgets.transcript.styles import STYLES
from smallchat.tui.widgets.vim_keys import ScrollKeys

if TYPE_CHECKING:
    from smallchat.metering.events import Channel

_SLICE_NS = 7_000_000  # work in one go; three panes in a row stay below a frame
_PAUSE_S = 0.005  # between slices, for keys and the other panes
_SPECIAL_RULES = (
    "hatch",
    "outline_top",
    "outline_right",
    "outline_bottom",
    "outline_left",
    "tint",
    "text_opacity",
)


class Transcript(ScrollView, ScrollKeys, can_focus=True):
    """Prompts and answers as they stream, drawn line by line.

    The document does the work; this widget gives it time, keeps the rows in view, and turns rows into strips.
    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {PREFIX + role for role in ROLES}
    DEFAULT_CSS = STYLES

    HELP = "The mouse selects text, Ctrl+C copies it. At the end it follows the answer."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "find_next", "Next place", show=False, id="find_next",
                tooltip="Go to the next place that has the words"),
        Binding("N", "find_previous", "Place before", show=False, id="find_previous", key_display="N",
                tooltip="Go to the place before that has the words"),
    ]  # fmt: skip

    follow: reactive[bool] = reactive(True, repaint=False, init=False)
    """Whether the end stays in view as text arrives."""

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
    class NoteClicked(Message):
        """The user clicked on a note that there is more to say about."""

        transcript: Transcript
        about: object

        @property
        def control(self) -> Transcript:
            """The transcript the note is in."""
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
        self._document = Document()
        self._earlier: Document | None = None
        self._search = Search()
        self._painter = Painter(self, self._document, self._search)
        self._pending: Timer | None = None
        self._placing = False
        self._anchor: Anchor | None = None

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

    @property
    def busy(self) -> bool:
        """Whether text waits to be laid out."""
        return self._pending is not None

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

    # Working and following

    def _go_on(self) -> None:
        """Do a slice of work, unless slices are already under way."""
        if self._pending is None and self.is_attached:
            self._work()

    def _work(self) -> None:
        self._pending = None
        until = perf_counter_ns() + _SLICE_NS
        busy = self._document.work(until) or self._work_above(until)
        self._show_changes()
        if busy:
            self._pending = self.set_timer(_PAUSE_S, self._work)

    def _work_above(self, until: int) -> bool:
        """Work on what is to be shown above; tell whether some of it is left."""
        if self._earlier is None or (self.is_attached and self.text_selection is not None):
            return False  # what is selected goes by the number of its row
        if self._earlier.work(until):
            return True
        if not self.follow and self._anchor is None:
            self._anchor = self._document.rows.anchor(self.scroll_offset.y)
        self._document.put_above(self._earlier)
        self._earlier = None
        self._search.rows_came_above(self._document.rows.lines())
        return False

    def _show_changes(self) -> None:
        document = self._document
        first = document.rows.take_changed()
        if first is None:
            return
        self._painter.forget(first, self.scroll_offset.y)
        if self.virtual_size.height != document.rows.height:
            self.virtual_size = Size(document.width, document.rows.height)
        if self.follow:
            self._place(self.max_scroll_y)
        elif self._anchor is not None:
            self._place(document.rows.row_of(self._anchor))
        bottom = self.scroll_offset.y + self.size.height
        if first < bottom:
            self.refresh_lines(max(first, self.scroll_offset.y), bottom - max(first, self.scroll_offset.y))

    def _place(self, y: int) -> None:
        self._placing = True
        try:
            self._scroll_to(y=y, animate=False)
        finally:
            self._placing = False

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """Scroll at once: text that glides while more arrives can not be read."""
        super().scroll_to(x, y, **{**options, "animate": False})

    def action_scroll_end(self) -> None:
        """Show the end, and follow it."""
        self.follow = True

    def watch_follow(self, follow: bool) -> None:
        """Go to the end; tell the pane."""
        if follow:
            self._anchor = None
            self._place(self.max_scroll_y)
        self.post_message(self.FollowChanged(self, follow))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The user who scrolls up wants to read; at the end again, to follow."""
        super().watch_scroll_y(old_value, new_value)
        if not self._placing:
            self._anchor = None
            self.follow = round(new_value) >= self.max_scroll_y

    def on_resize(self) -> None:
        """Lay out again for the new width, what is seen first."""
        width = self.scrollable_content_region.width - 2 * MARGIN
        if width > 0 and width != self._document.width:
            if not self.follow and self._anchor is None:
                self._anchor = self._document.rows.anchor(self.scroll_offset.y)
            self._document.resize(width, self.scroll_offset.y)
            if self._earlier is not None:
                self._earlier.resize(width, 0)
            if self.text_selection is not None:
                self.screen.clear_selection()
            self._search.clear()
        elif self.follow:
            self._place(self.max_scroll_y)
        self._go_on()

    @property
    def vertical_scrollbar(self) -> ScrollBar:
        """The scrollbar, made when first asked for as any widget's."""
        if self._vertical_scrollbar is None:
            bar = QuickScrollBar(vertical=True, name="vertical", thickness=self.scrollbar_size_vertical)
            bar.display = False
            self._vertical_scrollbar = bar
            self.app._start_widget(self, bar)
        return self._vertical_scrollbar

    # Painting

    def notify_style_update(self) -> None:
        """Paint again with the colours of another theme."""
        super().notify_style_update()
        self._painter.forget_colours()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return visible rows, each painted once.

        Textual's own cache goes by rows of the screen: with every line that scrolls in, it paints all of them
        again. Rows keep their place in the document, so the painter keeps them by that.
        """
        styles = self.styles
        if styles.gutter.totals != (0, 0) or styles.has_any_rules(*_SPECIAL_RULES) or self.opacity != 1.0:
            return super().render_lines(crop)
        top = self.scroll_offset.y
        strips = self._painter.paint_rows(top + crop.y, crop.height, self.outer_size.width)
        if crop.column_span != (0, self.outer_size.width):
            strips = [strip.crop(*crop.column_span) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Return a visible row that knows which characters are where, for the mouse."""
        return self._painter.paint_for_mouse(self.scroll_offset.y + y, self.scrollable_content_region.width)

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
            self.post_message(self.LinkClicked(self, self._document.links[index]))
        elif (about := self._topic_under(event)) is not None:
            event.stop()
            self.post_message(self.NoteClicked(self, about))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Say of a note under the pointer that there is more to it."""
        self.tooltip = None if self._topic_under(event) is None else "Click to see why"

    def _topic_under(self, event: events.MouseEvent) -> object:
        return self._document.topic_at(event.y + self.scroll_offset.y)
