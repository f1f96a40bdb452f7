"""The turns of a session, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from smallchat.metering.wording import format_total
from smallchat.safe_text import safe_line
from smallchat.tui.endings import ending_of
from smallchat.tui.widgets.lines import spread
from smallchat.tui.widgets.pane_header import TONES
from smallchat.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from smallchat.sessions.session import Turn


class TurnList(RowList):
    """One line for each turn: its prompt, how its answers ended, what they cost."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Go on here", id="go_on_from_turn",
                tooltip="Go on from this turn in a new session; this one stays as it is"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__(id="turn-list")
        self.turns: Sequence[Turn] = ()

    @property
    def current(self) -> Turn | None:
        """The turn under the cursor."""
        return self.turns[self.cursor] if self.turns else None

    @property
    def row_count(self) -> int:
        """How many turns there are."""
        return len(self.turns)

    def show(self, turns: Sequence[Turn]) -> None:
        """Show ``turns``, the last one under the cursor."""
        self.turns = turns
        self.rows_changed()
        self.action_move_to_end()

    def render_row(self, index: int, width: int) -> Sequence[Content]:
        """Return the line of a turn."""
        turn = self.turns[index]
        endings = [ending_of(kept.answer) for kept in turn.answers]
        ends = Content(" ").join([Content.styled(end.symbol, TONES[end.tone]) for end in endings])
        prompt = Content.assemble((f"{turn.number:>4}  ", "$quiet"), safe_line(turn.prompt, width))
        return [spread(prompt, Content.assemble(ends, (f"  {format_total(turn.total())}", "$quiet")), width)]
