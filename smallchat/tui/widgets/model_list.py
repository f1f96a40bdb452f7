"""The models that a pane can be given, under a cursor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.content import Content

from smallchat.tui.model_choices import ONE_LINE, Choice, draw_choice
from smallchat.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from smallchat.catalog.model import Price


class ModelList(RowList):
    """The models found."""

    def __init__(self) -> None:
        super().__init__(id="models-found")
        self.choices: Sequence[Choice] = ()
        self.prices: Mapping[str, Price | None] | None = None

    @property
    def current(self) -> Choice | None:
        """The choice under the cursor."""
        return self.choices[self.cursor] if self.choices else None

    @property
    def row_count(self) -> int:
        """How many models were found."""
        return len(self.choices)

    def show(self, choices: Sequence[Choice]) -> None:
        """Show ``choices``, the first under the cursor."""
        self.choices = choices
        self.set_reactive(ModelList.cursor, 0)
        self.rows_changed()

    def on_resize(self) -> None:
        """Take two lines for each model where one does not hold it."""
        self.row_height = 1 if self.scrollable_content_region.width - 3 >= ONE_LINE else 2
        super().on_resize()

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return the lines of a model."""
        return draw_choice(self.choices[index], self.prices, width)
