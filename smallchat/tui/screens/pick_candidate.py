"""Asks for one of a preset's candidates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from smallchat.tui.screens.dialog import Dialog
from smallchat.tui.widgets.choice_list import ChoiceList
from smallchat.tui.widgets.hint_line import HintLine


class PickCandidateScreen(Dialog["str | None"]):
    """Gives back the name of a candidate, or ``None``."""

    CSS_PATH = "route.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "dismiss(None)", "Cancel", id="cancel_pick", tooltip="Go back to the chat"),
    ]

    def __init__(self, title: str, choices: Sequence[tuple[str, str]], doing: str) -> None:
        """Ask for one of ``choices``.

        Args:
            title: The question.
            choices: The candidates' names, each with what is said of it.
            doing: What choosing one does.
        """
        super().__init__()
        self._title, self._choices, self._doing = title, tuple(choices), doing

    def compose(self) -> ComposeResult:
        """Yield question and choices."""
        with Vertical(id="pick"):
            yield Static(self._title, markup=False)
            yield ChoiceList(*(Content(text) for _, text in self._choices), id="candidates", compact=True)
            yield HintLine(("enter", self._doing), ("cancel_pick", "goes back"))

    def on_mount(self) -> None:
        """Begin with the first choice."""
        choices = self.query_one("#candidates", ChoiceList)
        choices.highlighted = 0
        choices.focus()

    @on(ChoiceList.OptionSelected)
    def _choose(self, message: ChoiceList.OptionSelected) -> None:
        message.stop()
        self.dismiss(self._choices[message.option_index][0])
