"""The blind vote: answers without names, prices, figures or pace, until the user has said which is best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content

from smallchat.safe_text import safe_line
from smallchat.tui.blind import BlindTurn, Revealed, can_be_judged
from smallchat.tui.marks import mark_turn
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.widgets.blind_pane import Label
from smallchat.tui.widgets.blind_row import BlindRow
from smallchat.tui.widgets.hint_line import HintLine
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.target_line import TargetLine

if TYPE_CHECKING:
    from textual.timer import Timer

    from smallchat.metering.answer import Answer
    from smallchat.sessions.session import TurnId
    from smallchat.sessions.vote import Verdict, Vote

VOTES = (("vote_1", "first"), ("vote_2", "second"), ("vote_3", "third"))
OTHERS = (("vote_tie", "a tie"), ("vote_all_bad", "all bad"), ("vote_none", "no vote, show names"))
LONGEST_TAB = 12  # cells


class BlindScreen(SmallchatScreen):
    """Covers the panes while a prompt is answered blind.

    Answers are shown together once the last one is complete: how fast one comes would give it away.
    """

    CSS_PATH = "blind.tcss"
    HELP = (
        "Answers without names: say which is best, then see whose they were. A vote can be taken back, but "
        "not given again: the names are known by then. Quit before the vote, and the answers are kept "
        "without one."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "vote('best', 0)", "First", id="vote_1", show=False,
                tooltip="The answer at the left is the best"),
        Binding("2", "vote('best', 1)", "Second", id="vote_2", show=False,
                tooltip="The second answer is the best"),
        Binding("3", "vote('best', 2)", "Third", id="vote_3", show=False,
                tooltip="The third answer is the best"),
        Binding("t", "vote('tie')", "Tie", id="vote_tie", show=False, tooltip="They are equally good"),
        Binding("b", "vote('all_bad')", "All bad", id="vote_all_bad", show=False,
                tooltip="None of them is good"),
        Binding("u", "give_up", "Show names", id="vote_none", show=False,
                tooltip="See whose answers these are, without a vote"),
        Binding("ctrl+z", "take_back", "Take the vote back", id="take_vote_back", show=False,
                tooltip="Count no vote on this prompt"),
        Binding("right,tab", "turn(1)", "Next answer", id="next_answer", tooltip="Turn to the next answer"),
        Binding("left,shift+tab", "turn(-1)", "Previous", id="previous_answer", show=False,
                tooltip="Turn to the answer before"),
        Binding("escape", "stop_blind", "Stop", id="stop_blind",
                tooltip="Stop all answers; their text is kept"),
        Binding("escape,enter", "leave", "Back", id="leave_blind", tooltip="Go back to the panes"),
    ]  # fmt: skip

    def __init__(
        self,
        turn: BlindTurn,
        labels: Sequence[Label],
        stop: Callable[[], object],
        keep: Callable[[TurnId, Vote | None], object],
        leave: Callable[[str], object],
    ) -> None:
        """Wait for the answers of ``turn``.

        Args:
            turn: What is asked.
            labels: Who sits in each pane.
            stop: Stops all answers.
            keep: Keeps a vote, or takes it back.
            leave: Called when the user goes back, with what was written meanwhile.
        """
        super().__init__()
        self.turn, self._labels = turn, labels
        self._stop, self._keep, self._leave = stop, keep, leave
        self.row = BlindRow(turn.names, turn.prompt)
        self.outcome: Revealed | None = None
        self.revealed = False
        self._voted = False
        self._began = monotonic()
        self._clock: Timer | None = None

    @property
    def is_modal(self) -> bool:
        """Whether the app's own keys wait: other screens name models."""
        return self.hides_names

    @property
    def hides_names(self) -> bool:
        """Whether the vote is still to come."""
        return not self.revealed

    def compose(self) -> ComposeResult:
        """Yield the answers, what is waited for or asked, and the keys."""
        yield TargetLine(id="blind-title")
        yield self.row
        yield Line(id="blind-state")
        yield HintLine(id="blind-votes")
        yield KeyBar(("stop_blind", "leave_blind", "next_answer"))

    def on_mount(self) -> None:
        """Begin to wait."""
        self._clock = self.set_interval(0.5, self._tell_waiting)
        self._tell_waiting()
        if self.outcome is not None:
            self._show_answers()

    def find_obstacle(self, action: str, parameters: tuple[object, ...] = ()) -> str | None:
        """Return why ``action`` can not be done now: votes wait for all answers, the way back for a vote."""
        if action in ("vote", "give_up") and self.outcome is None:
            return "Votes can be given when all answers are complete."
        if action in ("vote", "give_up") and self.revealed:
            return "The names are known: a vote would not be blind."
        if action == "vote" and len(parameters) > 1 and not self._has_text(cast("int", parameters[1])):
            return "There is no answer to vote for."
        if action == "take_back" and not self._voted:
            return "There is no vote to take back."
        if action == "stop_blind" and self.outcome is not None:
            return ""
        if action == "leave" and not self.revealed:
            return "" if self.outcome is None else "Vote first, or see the names without a vote: {vote_none}."
        return super().find_obstacle(action, parameters)

    def _has_text(self, place: int) -> bool:
        answer = self._answer_at(place)
        return answer is not None and bool(answer.text.strip())

    def _answer_at(self, place: int) -> Answer | None:
        if self.outcome is None or place >= len(self.turn.panes):
            return None
        return self.outcome.answers[self.turn.panes[place]]

    # Waiting

    def settle(self, outcome: Revealed) -> None:
        """Show the answers, which are all complete."""
        self.outcome = outcome
        if self.is_mounted:
            self._show_answers()

    def _tell_waiting(self) -> None:
        seconds = int(monotonic() - self._began)
        self._say(Content.styled(f"◌ answering… {seconds} s · shown when all are done", "$primary"))

    def _show_answers(self) -> None:
        if self._clock is not None:
            self._clock.stop()
        for pane in self.row.panes:
            answer = self._answer_at(pane.place)
            pane.show(answer.text if answer else "")
        assert self.outcome is not None
        if not can_be_judged(self.outcome.answers):
            self._reveal("Fewer than two answers: no vote.")
            return
        self._say(Content.styled(f"Which of the {len(self.row.panes)} answers is the best?", "bold $accent"))
        votes = [hint for place, hint in enumerate(VOTES) if self._has_text(place)]
        self.query_one(HintLine).tell(*votes, *OTHERS)
        self.refresh_bindings()

    def _say(self, text: Content) -> None:
        self.query_one("#blind-state", Line).say(text)

    # Turning

    @on(BlindRow.Changed)
    def _tell_title(self) -> None:
        hidden = "names shown" if self.revealed else "names, prices and speeds hidden until you vote"
        shown = self.row.shown
        tabs = [
            (f"{pane.place + 1} {self._call(pane.place)}", f"turn_to({pane.place})", pane.place in shown)
            for pane in self.row.panes
        ]
        title = self.query_one(TargetLine)
        title.tell_views("Blind", [] if self.row.all_shown else tabs, Content.styled(hidden, "$quiet"))
        self.refresh_bindings()

    def _call(self, place: int) -> str:
        label = self._labels[self.turn.panes[place]].model
        return safe_line(label, LONGEST_TAB) if self.revealed else self.turn.names[place]

    def action_turn_to(self, place: int) -> None:
        """Turn to an answer."""
        self.row.turn_to(place)

    def action_turn(self, step: int) -> None:
        """Turn to the next answer, or to the one before."""
        self.row.turn_to(self.row.place + step)

    # The vote

    def action_vote(self, verdict: Verdict, place: int | None = None) -> None:
        """Keep the vote, and show whose answers these are."""
        outcome = self.outcome
        if outcome is None or self.revealed:
            return
        vote = self.turn.vote(outcome.answers, verdict, place)
        if outcome.turn is not None:
            self._keep(outcome.turn, vote)
        self._voted = True
        words = {"tie": "A tie.", "all_bad": "All bad."}
        best = "" if place is None else self._labels[self.turn.panes[place]].model
        self._reveal(words.get(verdict, f"You liked {best} best."))
        if place is not None:
            self.row.panes[place].mark_best(True)

    def action_give_up(self) -> None:
        """Show whose answers these are; nothing is counted."""
        self._reveal("No vote was counted.")

    def action_take_back(self) -> None:
        """Count no vote on this prompt. Another one would not be blind: the names are known."""
        if self._voted and self.outcome is not None and self.outcome.turn is not None:
            self._keep(self.outcome.turn, None)
        self._voted = False
        for pane in self.row.panes:
            pane.mark_best(False)
        self._end("Vote taken back: none is counted.")

    def _reveal(self, told: str) -> None:
        assert self.outcome is not None
        self.revealed = True
        marks = mark_turn(self.outcome.answers)
        for pane in self.row.panes:
            index = self.turn.panes[pane.place]
            pane.reveal(self._labels[index], self._answer_at(pane.place), marks[index])
        self._end(told)

    def _end(self, told: str) -> None:
        self._say(Content.styled(safe_line(told), "bold"))
        hints = [("leave_blind", "back to the panes")]
        if self._voted:
            hints.append(("take_vote_back", "takes the vote back"))
        self._tell_title()
        self.query_one(HintLine).tell(*hints)

    def action_stop_blind(self) -> None:
        """Stop all answers."""
        self._stop()

    def action_leave(self) -> None:
        """Go back to the panes."""
        self._go_back("")

    def on_key(self, event: events.Key) -> None:
        """Take letters for the next prompt once the vote is over."""
        if self.revealed and event.character is not None and event.is_printable:
            event.stop()
            self._go_back(event.character)

    def on_paste(self, event: events.Paste) -> None:
        """Take what is pasted for the next prompt, likewise."""
        if self.revealed:
            event.stop()
            self._go_back(event.text)

    def _go_back(self, written: str) -> None:
        self.dismiss()
        self._leave(written)
