"""Shows the whole decision on a prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.scrolling import TextScroll

DecisionAction = Literal["ask_another", "mark_wrong"]
_DOES: dict[DecisionAction, str] = {"ask_another": "asks another", "mark_wrong": "marks it wrong"}


class DecisionScreen(Dialog[DecisionAction]):
    """A text that scrolls, over the chat; gives back what the user wants done about it."""

    CSS_PATH = "route.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,alt+d", "dismiss", "Back", id="leave_decision", tooltip="Go back to the chat"),
        Binding("o,alt+o", "act('ask_another')", "Ask another", id="decision_ask_another",
                tooltip="Send this prompt to another candidate too"),
        Binding("w,alt+w", "act('mark_wrong')", "Wrong route", id="decision_mark_wrong",
                tooltip="Say which model should have answered"),
    ]  # fmt: skip

    def __init__(self, text: Content, actions: Sequence[DecisionAction] = ()) -> None:
        """Show ``text``.

        Args:
            text: The decision.
            actions: What can be done about it.
        """
        super().__init__()
        self._text, self._actions = text, actions

    def compose(self) -> ComposeResult:
        """Yield the text and the way back."""
        with Vertical(id="decision"):
            with TextScroll(id="decision-text"):
                yield Static(self._text, markup=False)
            hints = [(f"decision_{action}", _DOES[action]) for action in self._actions]
            yield HintLine(*hints, ("leave_decision", "goes back"), "arrows scroll", id="decision-keys")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done about this decision."""
        return action != "act" or parameters[0] in self._actions

    def action_act(self, action: DecisionAction) -> None:
        """Go back, and do something about the decision."""
        self.dismiss(action)

    def on_mount(self) -> None:
        """Scroll with the keys at once."""
        self.query_one("#decision-text").focus()
