"""A list that draws only the rows that are seen, so that ten thousand cost no more than thirty."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

MARK = "▸ "  # before the row under the cursor, which must not be told by its colour alone


class RowList(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows of equal height under a cursor. What they are and say is the subclass's."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    RowList {
        height: 1fr; overflow-x: hidden; background: $background;
        scrollbar-size-vertical: 1; scrollbar-color: $line; scrollbar-background: $background;
    }
    """
    KEY_GROUP = "In a list"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False, id="row_up", tooltip="Go to the row above"),
        Binding("down,j", "move(1)", "Down", show=False, id="row_down", tooltip="Go to the row below"),
        Binding("pageup", "move_page(-1)", "Page up", show=False, id="rows_up", tooltip="Go a page up"),
        Binding("pagedown", "move_page(1)", "Page down", show=False, id="rows_down",
                tooltip="Go a page down"),
        Binding("home,g", "move_to(0)", "First", show=False, id="first_row", tooltip="Go to the first row"),
        Binding("end,G", "move_to_end", "Last", show=False, id="last_row",
                tooltip="Go to the last row"),
        Binding("ctrl+d", "move_half(1)", "Half a page down", show=False, id="rows_half_down",
                tooltip="Go half a page down"),
        Binding("ctrl+u", "move_half(-1)", "Half a page up", show=False, id="rows_half_up",
                tooltip="Go half a page up"),
        Binding("enter", "choose", "Open", id="choose_row", tooltip="Open the row under the cursor"),
    ]  # fmt: skip

    cursor: reactive[int] = reactive(0, init=False)
    """The row that keys act upon."""

    @dataclass
    class Moved(Message):
        """The cursor went to another row, or the rows changed beneath it."""

    @dataclass
    class Chosen(Message):
        """The user wants to open the row under the cursor."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.row_height = 1

    # What a subclass says

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        raise NotImplementedError

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return the lines of a row, ``row_height`` of them, each at most ``width`` cells wide."""
        raise NotImplementedError

    # What the rest does

    def rows_changed(self) -> None:
        """Draw again after the rows, or their height, have changed."""
        self.virtual_size = Size(self.scrollable_content_region.width, self.row_count * self.row_height)
        self.cursor = self.validate_cursor(self.cursor)
        self.refresh()
        self._show_cursor()
        self.post_message(self.Moved())

    def validate_cursor(self, cursor: int) -> int:
        """Keep the cursor on a row."""
        return max(0, min(cursor, self.row_count - 1))

    def watch_cursor(self) -> None:
        """Show the row that the cursor went to."""
        self._show_cursor()
        self.refresh()
        self.post_message(self.Moved())

    def _show_cursor(self) -> None:
        height = self.scrollable_content_region.height
        top, bottom = self.cursor * self.row_height, (self.cursor + 1) * self.row_height
        if top < self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, force=True)
        elif bottom > self.scroll_offset.y + height > 0:
            self.scroll_to(y=bottom - height, animate=False, force=True)

    def on_resize(self) -> None:
        """Lay the rows out for another width."""
        self.rows_changed()

    def scroll_to(self, x: float | None = None, y: float | None = None, **options: Any) -> None:
        """Scroll at once."""
        super().scroll_to(x, y, **{**options, "animate": False})

    def render_line(self, y: int) -> Strip:
        """Return one line of what is seen."""
        width = self.scrollable_content_region.width
        index, line = divmod(y + self.scroll_offset.y, self.row_height)
        if not 0 <= index < self.row_count or width < 4:
            return Strip.blank(width, self.visual_style.rich_style)
        here = index == self.cursor
        lines = self.render_row(index, width - 3)
        mark = MARK if here and line == 0 else "  "
        content = Content.assemble((mark, "$accent"), lines[line] if line < len(lines) else "")
        if here:
            content = content.pad_right(max(0, width - content.cell_length)).stylize_before(
                "on $panel" if self.has_focus else "on $surface"
            )
        (strip,) = Visual.to_strips(self, content, width, 1, self.visual_style, pad=True) or [
            Strip.blank(width)
        ]
        return strip

    def row_at(self, event: events.MouseEvent) -> int | None:
        """Return the row under the mouse; ``None`` below the last one."""
        index = (event.y + self.scroll_offset.y) // self.row_height
        return index if 0 <= index < self.row_count else None

    def on_click(self, event: events.Click) -> None:
        """Go to the row that was clicked; open it at the second click."""
        index = self.row_at(event)
        if index is not None:
            if index == self.cursor and event.chain > 1:
                self.post_message(self.Chosen())
            self.cursor = index

    def action_move(self, step: int) -> None:
        """Go ``step`` rows down, or up."""
        self.cursor += step

    def action_move_page(self, step: int) -> None:
        """Go a page down, or up."""
        self.cursor += step * max(1, self.scrollable_content_region.height // self.row_height - 1)

    def action_move_half(self, step: int) -> None:
        """Go half a page down, or up."""
        self.cursor += step * max(1, self.scrollable_content_region.height // self.row_height // 2)

    def action_move_to(self, index: int) -> None:
        """Go to a row."""
        self.cursor = index

    def action_move_to_end(self) -> None:
        """Go to the last row there is so far."""
        self.cursor = self.row_count - 1

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if self.row_count:
            self.post_message(self.Chosen())
