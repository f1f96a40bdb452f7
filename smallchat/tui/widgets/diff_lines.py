"""The lines of a diff, under a cursor that goes from place to place."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content

from smallchat.tui.diff_layout import Page
from smallchat.tui.widgets.row_list import RowList


class DiffLines(RowList):
    """The wrapped lines; only those that are seen are drawn."""

    def __init__(self) -> None:
        super().__init__(id="diff-lines")
        self.page = Page([], [])

    @property
    def row_count(self) -> int:
        """How many lines there are."""
        return len(self.page.lines)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to open nothing: a line is all there is."""
        return action != "choose"

    def show(self, page: Page) -> None:
        """Show ``page``, from its beginning."""
        self.page = page
        self.cursor = 0
        self.scroll_home(animate=False)
        self.rows_changed()

    def turn_to(self, line: int) -> None:
        """Put the cursor on ``line``, with what follows it in sight."""
        self.cursor = line
        height = self.scrollable_content_region.height
        if line > self.scroll_offset.y + height // 2:
            self.scroll_to(y=line - height // 4)

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return a line."""
        return [self.page.lines[index].truncate(width)]
