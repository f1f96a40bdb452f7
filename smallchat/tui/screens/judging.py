"""Keys that compare: all figures, the words that differ, a vote without names, and its scores."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding, BindingType

from smallchat.config.errors import ConfigError
from smallchat.tui.screens.base import STILL_STARTING
from smallchat.tui.screens.session_keys import SessionScreen
from smallchat.tui.widgets.figures_line import FiguresLine
from smallchat.tui.widgets.send_line import SendLine

if TYPE_CHECKING:
    from smallchat.tui.comparison import Comparison
    from smallchat.tui.question import Question
    from smallchat.tui.screens.blind import BlindScreen


class JudgingScreen(SessionScreen):
    """A screen whose panes can be measured against each other."""

    KEY_GROUP = "Comparing"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("alt+i,i", "figures", "Figures", id="figures",
                tooltip="Show all figures of this session: table, medians, bars, waterfall"),
        Binding("alt+y,D", "diff", "Diff", id="diff", show=False,
                tooltip="Show the words in which two answers differ"),
        Binding("alt+z,b", "blind", "Blind", id="blind",
                tooltip="Hide names, prices and speeds of the next prompts until you have voted"),
        Binding("alt+s,S", "scores", "Scores", id="scores", show=False,
                tooltip="Show how often each model won a blind vote, what it costs, how fast it is"),
    ]  # fmt: skip

    def __init__(self, names: Sequence[str]) -> None:
        """Make a pane for each of ``names``."""
        super().__init__(names)
        self.blind = False
        self._vote: BlindScreen | None = None

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now."""
        comparison = self.comparison
        if action == "figures" and self.running:
            return "All figures can be seen when the answers are complete."
        if action == "figures" and not self.session_id:
            return "There are no figures yet: ask something first."
        if action == "diff" and self.running:
            return "Words can be compared when the answers are complete."
        if action == "diff" and len(self.row.panes) == 1:
            return f"A diff compares the answers of two panes. {self.tell_one_pane()}"
        if action == "diff" and (comparison is None or len(self._texts(comparison)) < 2):
            return "A diff needs two answers to the last prompt."
        if action == "blind" and len(self.row.panes) == 1 and not self.blind:
            return f"A blind vote needs two models. {self.tell_one_pane()}"
        if action == "scores" and self.backend is None:
            return STILL_STARTING
        return super().find_obstacle(action, parameters)

    @staticmethod
    def _texts(comparison: Comparison) -> dict[int, str]:
        """Return the last answers that have a text, by pane."""
        answers = {index: seat.answer for index, seat in enumerate(comparison.seats)}
        return {index: answer.text for index, answer in answers.items() if answer and answer.text.strip()}

    @on(FiguresLine.Clicked)
    def _open_figures(self) -> None:
        if not self.tell_obstacle("figures"):
            self.action_figures()

    def action_figures(self) -> None:
        """Show all figures of this session."""
        from smallchat.tui.screens.figures import FiguresScreen

        if self.backend is not None and self.comparison is not None:
            self.app.push_screen(FiguresScreen(self.backend, self.session_id, self.comparison.timelines))

    def action_diff(self) -> None:
        """Show the words in which two of the last answers differ."""
        from smallchat.tui.screens.diff import DiffScreen, Side

        headers = {pane.index: pane.header.model for pane in self.row.panes}
        texts = self._texts(self.comparison) if self.comparison is not None else {}
        self.app.push_screen(DiffScreen([Side(headers[index], text) for index, text in texts.items()]))

    def action_scores(self) -> None:
        """Show the scores of the blind votes."""
        from smallchat.tui.screens.scores import ScoresScreen

        if self.backend is not None:
            self.app.push_screen(ScoresScreen(self.backend, self.session_id, self.key_of("blind")))

    # Blind

    def action_blind(self) -> None:
        """Hide the names from the next prompt on, or no longer."""
        self.blind = not self.blind
        self._show_title()
        self.query_one(SendLine).anonymous = self.blind
        self.forecast()
        if self.blind:
            self.toast("Blind from the next prompt on: no names, prices or speeds until you have voted.")
        else:
            self.toast("No longer blind.")

    def _show_title(self) -> None:
        """Show that the panes are blind now, or no longer: done by the screen that has a title."""

    def begun(self, question: Question) -> None:
        """Cover the panes when ``question`` is answered blind."""
        if not self.blind or question.again or self.comparison is None:
            return
        if len(question.panes) < 2:
            self.toast("Only one model was asked: this answer is not blind.")
            return
        from smallchat.tui.blind import hide_names
        from smallchat.tui.screens.blind import BlindScreen
        from smallchat.tui.widgets.blind_pane import Label

        assert self.backend is not None
        turn = hide_names(question.prompt, question.panes)
        providers = self.backend.services.providers
        labels = []
        for seat in self.comparison.seats:
            with suppress(ConfigError):  # a model of an old session may be of no provider known here
                labels.append(Label(seat.model.label, providers.get(seat.model.provider).label))
                continue
            labels.append(Label(seat.model.label, seat.model.provider))
        self._vote = BlindScreen(turn, labels, self.stop, self.backend.store.vote, self._take_written)
        self.app.push_screen(self._vote)

    def _take_written(self, written: str) -> None:
        """Take what was written after a vote for the next prompt."""
        self.warn_of_caps()
        self.composer.focus()
        if written:
            self.composer.insert_pasted(written)

    def settle_vote(self, comparison: Comparison) -> bool:
        """Show the answers to the user who votes blind; return whether there is one."""
        vote, self._vote = self._vote, None
        if vote is None:
            return False
        from smallchat.tui.blind import Revealed

        vote.settle(Revealed(tuple(seat.answer for seat in comparison.seats), comparison.keeper.turn))
        return True
