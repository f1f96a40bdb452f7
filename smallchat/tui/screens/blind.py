"""The blind vote: answers without names, prices, figures or pace, until the user has said which is best."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message

from smallchat.safe_text import safe_line
from smallchat.tui.blind import BlindTurn, Revealed, can_be_judged
from smallchat.tui.endings import explain_ending
from smallchat.tui.marks import mark_turn
from smallchat.tui.phase_tracking import ending_of
from smallchat.tui.screens.base import SmallchatScreen
from smallchat.tui.visible import choose_visible, count_fitting
from smallchat.tui.widgets.figures_line import FiguresLine, Reading
from smallchat.tui.widgets.key_bar import KeyBar
from smallchat.tui.widgets.lines import Line
from smallchat.tui.widgets.pane_header import TONES
from smallchat.tui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from textual.timer import Timer

    from smallchat.metering.answer import Answer
    from smallchat.sessions.session import TurnId
    from smallchat.sessions.vote import Verdict, Vote

NOTHING = "No answer."  # why not would name who failed


@dataclass(frozen=True, slots=True)
class Label:
    """Who sits in a pane: the model's label and its provider's."""

    model: str
    provider: str


class BlindPane(Vertical):
    """One answer, and once it may be known, whose it is."""

    class Chosen(Message):
        """The user turned to this answer."""

        def __init__(self, place: int) -> None:
            super().__init__()
            self.place = place

    def __init__(self, place: int, name: str, prompt: str) -> None:
        """Show ``prompt`` and the answer that stands at ``place``, called ``name``."""
        super().__init__(id=f"blind-{place}")
        self.place, self._name, self._prompt = place, name, prompt
        self.head = Line()
        self.transcript = Transcript()
        self.figures = FiguresLine()

    def compose(self) -> ComposeResult:
        """Yield the parts; the figures stay hidden until the vote."""
        yield self.head
        yield self.transcript
        yield self.figures

    def on_mount(self) -> None:
        """Begin without an answer."""
        self.figures.display = False
        self.transcript.add_prompt(self._prompt)
        self.say_head("")

    def say_head(self, told: str, right: Content | str = "") -> None:
        """Show the name of the place, and ``told`` beside it."""
        number = Content.styled(f" {self.place + 1} {self._name}", "bold")
        self.head.say(Content.assemble(number, (f"  {told}" if told else "", "$quiet")), right)

    def show(self, text: str) -> None:
        """Show the text of the answer, whole."""
        self.transcript.begin_answer()
        self.transcript.append(text)
        self.transcript.end_answer()
        if not text.strip():
            self.transcript.add_note(NOTHING)
        self.transcript.scroll_home(animate=False)

    def reveal(self, label: Label, answer: Answer | None, word: str) -> None:
        """Show whose answer it is, with its figures; ``word`` says what the vote made of it."""
        told = Content.styled(safe_line(label.model, 60), "bold $primary")
        ending = ending_of(answer) if answer else None
        right = Content.styled(str(ending), TONES[ending.tone]) if ending else Content("")
        mark = (f"  {word}", "bold $success") if word else ""
        number, provider = f" {self.place + 1} ", f"  {safe_line(label.provider, 60)}"
        left = Content.assemble((number, "$quiet"), told, (provider, "$quiet"), mark)
        self.head.say(left, right)
        self.figures.display = True
        if answer is not None:
            self.figures.show(Reading(answer.figures, answer.usage, answer.cost, live=False))
            for note in answer.notes:
                self.transcript.add_note(safe_line(note, 400))
            if told_ending := explain_ending(answer):
                self.transcript.add_note(*told_ending)

    def on_descendant_focus(self) -> None:
        """Tell that the user turned here."""
        self.post_message(self.Chosen(self.place))

    def on_click(self) -> None:
        """Tell that the user turned here."""
        self.post_message(self.Chosen(self.place))


class BlindScreen(SmallchatScreen):
    """Covers the panes while a prompt is answered blind.

    Answers are shown together once the last one is complete: how fast one comes would give it away.
    """

    CSS_PATH = "blind.tcss"
    HELP = "Answers without names: say which is best, then see whose they were."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "vote('best', 0)", "First", id="vote_1", tooltip="The answer at the left is the best"),
        Binding("2", "vote('best', 1)", "Second", id="vote_2", tooltip="The second answer is the best"),
        Binding("3", "vote('best', 2)", "Third", id="vote_3", tooltip="The third answer is the best"),
        Binding("t", "vote('tie')", "Tie", id="vote_tie", tooltip="They are equally good"),
        Binding("b", "vote('all_bad')", "All bad", id="vote_all_bad", tooltip="None of them is good"),
        Binding("u", "give_up", "Show names", id="vote_none",
                tooltip="See whose answers these are, without a vote"),
        Binding("right,tab", "turn(1)", "Next", id="next_answer", show=False,
                tooltip="Turn to the next answer"),
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
        keep: Callable[[TurnId, Vote], object],
        leave: Callable[[], object],
    ) -> None:
        """Wait for the answers of ``turn``.

        Args:
            turn: What is asked.
            labels: Who sits in each pane.
            stop: Stops all answers.
            keep: Keeps a vote.
            leave: Called when the user goes back.
        """
        super().__init__()
        self.turn, self._labels = turn, labels
        self._stop, self._keep, self._leave = stop, keep, leave
        self.panes = [BlindPane(place, name, turn.prompt) for place, name in enumerate(turn.names)]
        self.outcome: Revealed | None = None
        self.revealed = False
        self._place = 0
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
        """Yield the answers, what is waited for, and the keys."""
        yield Line(id="blind-title")
        with Horizontal(id="blind-panes"):
            yield from self.panes
        yield Line(id="blind-state")
        yield KeyBar()

    def on_mount(self) -> None:
        """Begin to wait."""
        self._arrange()
        self.panes[0].transcript.focus()
        self._clock = self.set_interval(0.5, self._tell_state)
        self._tell_state()
        if self.outcome is not None:
            self._show_answers()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer a vote once all answers stand there, the way back once the names are known."""
        waits = self.outcome is not None and not self.revealed
        if action == "vote":
            place = parameters[1] if len(parameters) > 1 else None
            return waits and (not isinstance(place, int) or self._has_text(place))
        if action == "give_up":
            return waits
        if action == "stop_blind":
            return self.outcome is None
        if action == "leave":
            return self.revealed
        return True

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

    def _show_answers(self) -> None:
        if self._clock is not None:
            self._clock.stop()
        for pane in self.panes:
            answer = self._answer_at(pane.place)
            pane.show(answer.text if answer else "")
        assert self.outcome is not None
        if can_be_judged(self.outcome.answers):
            self._tell_state()
            self.refresh_bindings()
        else:
            self._reveal("There are not two answers to compare: no vote.")

    def _tell_state(self) -> None:
        state = self.query_one("#blind-state", Line)
        if self.outcome is None:
            seconds = int(monotonic() - self._began)
            state.say(Content.styled(f"◌ answering… {seconds} s · shown when all are done", "$primary"))
        elif not self.revealed:
            state.say(Content.styled("Which one is the best?", "bold $accent"))
        self._tell_title()

    def _tell_title(self) -> None:
        told = "names shown" if self.revealed else "names, prices and speeds hidden until you vote"
        title = Content.assemble(("Blind", "bold $accent"), (f"  {told}", "$quiet"))
        shown = self._shown()
        where = "" if len(shown) == len(self.panes) else f"{self._place + 1} of {len(self.panes)}  tab: next"
        self.query_one("#blind-title", Line).say(title, Content.styled(where, "$quiet"))

    # Turning

    def _shown(self) -> range:
        return choose_visible(len(self.panes), self._place, count_fitting(self.app.size.width))

    def _arrange(self) -> None:
        shown = self._shown()
        for pane in self.panes:
            pane.display = pane.place in shown
            pane.set_class(pane.place == shown.start, "-first")
            pane.set_class(pane.place == self._place, "-current")
        self._tell_title()

    def on_resize(self, event: events.Resize) -> None:
        """Show as many answers as fit now."""
        self._arrange()

    @on(BlindPane.Chosen)
    def _turn_to(self, message: BlindPane.Chosen) -> None:
        if message.place != self._place:
            self._place = message.place
            self._arrange()

    def action_turn(self, step: int) -> None:
        """Turn to the next answer, or to the one before."""
        self._place = (self._place + step) % len(self.panes)
        self._arrange()
        self.panes[self._place].transcript.focus()

    # The vote

    def action_vote(self, verdict: Verdict, place: int | None = None) -> None:
        """Keep the vote, and show whose answers these are."""
        outcome = self.outcome
        if outcome is None or self.revealed:
            return
        vote = self.turn.vote(outcome.answers, verdict, place)
        if outcome.turn is not None:
            self._keep(outcome.turn, vote)
        words = {"tie": "A tie.", "all_bad": "All bad."}
        best = "" if place is None else self._labels[self.turn.panes[place]].model
        self._reveal(words.get(verdict, f"You liked {best} best."), place)

    def action_give_up(self) -> None:
        """Show whose answers these are; nothing is counted."""
        self._reveal("No vote was counted.")

    def _reveal(self, told: str, best: int | None = None) -> None:
        assert self.outcome is not None
        self.revealed = True
        marks = mark_turn(self.outcome.answers)
        for pane in self.panes:
            index = self.turn.panes[pane.place]
            pane.reveal(
                self._labels[index], self._answer_at(pane.place), "✓ best" if pane.place == best else ""
            )
            pane.figures.mark(marks[index])
        self._tell_title()
        text = Content.assemble((safe_line(told), "bold"), ("  Enter: back to the panes", "$quiet"))
        self.query_one("#blind-state", Line).say(text)
        self.refresh_bindings()

    def action_stop_blind(self) -> None:
        """Stop all answers."""
        self._stop()

    def action_leave(self) -> None:
        """Go back to the panes."""
        self.dismiss()
        self._leave()
